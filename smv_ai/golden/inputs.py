"""Write the sample of a group of cases as canonical responses: a wide Parquet file, as docs/responses.md describes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.golden.cases import Case
from smv_ai.sql.quoting import identifier, literal
from smv_ai.sql.rows import only_row

RESERVED_NO_ANSWER = {"code": -2, "number": -9000000002}
MOST_CODES = 12


@dataclass
class Item:
    """An item of the response file: its column, its kind and, for a coded one, the text that each code stands for."""

    column: str
    kind: str
    codes: dict[str, int] = field(default_factory=dict)


def condition(column: str, value: Any) -> str:
    """SQL for `column = value`: a JSON number means numeric equality, a string means equal text, a list any of them."""
    if isinstance(value, list):
        return "(" + " or ".join(condition(column, one) for one in value) + ")"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{identifier(column)} = {literal(str(value))}"
    return f"try_cast({identifier(column)} as double) = {value!r}"


class Sample:
    """The rows of one sample in DuckDB, and the columns that its cases ask for."""

    def __init__(self, survey_wave_id: str, cases: list[Case]) -> None:
        self.survey_wave_id = survey_wave_id
        self.cases = cases
        self.connection = duckdb.connect()
        self.columns: dict[str, str] = {}
        self.items: dict[tuple[str, str], Item] = {}
        self._load()

    def _load(self) -> None:
        case = self.cases[0]
        path = literal(str(case.folder / case.spec["data"]))
        self.connection.execute(
            "create table source as select row_number() over () as data_line, * "
            f"from read_csv({path}, all_varchar = true, header = true, delim = ',', quote = '\"', nullstr = '',"
            " parallel = false)"
        )
        names = {row[0] for row in self.connection.execute("describe source").fetchall()}
        key = case.get("key")
        if case.get("statistic") == "weights" and key not in names:
            self.connection.execute(f"alter table source add column {identifier(key)} varchar")
            self.connection.execute(f"update source set {identifier(key)} = data_line + {self._first_line()} - 1")
        conditions = [condition(column, value) for column, value in (case.get("where") or {}).items()]
        self.connection.execute(
            f"create table sample as select * from source where {' and '.join(conditions) or 'true'}"
        )

    def _first_line(self) -> int:
        """Number of the first data line: 1, or 2 where the expected file counts the header as line 1."""
        segments = {int(segment) for _, _, segment, _ in self.cases[0].expected()}
        lines = only_row(self.connection.execute("select count(*) from source"))[0]
        return 2 if max(segments) > lines else 1

    def attribute(self, column: str) -> str:
        """Column of the response file that carries a column of the data as text."""
        return self._column(identifier(column))

    def flag(self, conditions: dict[str, Any]) -> str:
        """Column of the response file that is 'yes' where the data columns have the values."""
        return self._column(
            f"case when {' and '.join(condition(column, value) for column, value in conditions.items())} then 'yes' end"
        )

    def side(self, change: dict[str, Any]) -> str:
        """Column of the response file that tells the sides of a change apart: 'from', 'to' or null."""
        later, earlier = (condition(change["column"], change[name]) for name in ("to", "from"))
        return self._column(f"case when {later} then 'to' when {earlier} then 'from' end")

    def replicate_columns(self, replicates: dict[str, Any]) -> list[str]:
        """Columns of the response file that carry the replicate weights of a file, in the order of their numbers."""
        path = literal(str(self.cases[0].folder / replicates["file"]))
        table = f"read_csv({path}, all_varchar = true, header = true, delim = ',', quote = '\"', nullstr = '')"
        names = [row[0] for row in self.connection.execute(f"describe from {table}").fetchall()]
        prefix, key = replicates["prefix"], replicates["key"]
        found = sorted(
            (int(name.removeprefix(prefix)), name)
            for name in names
            if name.startswith(prefix) and name.removeprefix(prefix).isdigit()
        )
        joined = ", ".join(f"r.{identifier(name)} as {identifier(f'replicate {number}')}" for number, name in found)
        self.connection.execute(
            f"create or replace table sample as select s.*, {joined} from sample as s"
            f" left join {table} as r on s.{identifier(key)} = r.{identifier(key)} order by data_line"
        )
        return [self.attribute(f"replicate {number}") for number, _ in found]

    def _column(self, expression: str) -> str:
        return self.columns.setdefault(expression, f"a{len(self.columns) + 1:03d}")

    def item(self, variable: str, kind: str, levels: list[str] | None = None) -> tuple[str, Item]:
        """Item id and item for a variable; kind is `category`, `number`, or `either` (codes if the values are few)."""
        values = self.distinct(variable)
        if kind == "either":
            kind = "score" if 0 < len(values) <= MOST_CODES else "number"
        key = (variable, kind)
        if key not in self.items:
            self.items[key] = Item(f"i{len(self.items) + 1:03d}", "number" if kind == "number" else "code")
        item = self.items[key]
        if item.kind == "code":
            for value in [*values, *(levels or [])]:
                item.codes.setdefault(value, len(item.codes))
        return item.column, item

    def distinct(self, column: str) -> list[str]:
        """Values of a column in the sample, without the missing ones."""
        rows = self.connection.execute(
            f"select distinct {identifier(column)} from sample where {identifier(column)} is not null order by 1"
        ).fetchall()
        return [row[0] for row in rows]

    def write(self, folder: Path) -> None:
        """Write the response file into its hive partition below the folder."""
        case = self.cases[0]

        def number(name: str) -> str:
            column = case.get(name)
            return f"cast({identifier(column)} as double)" if column else "cast(null as double)"

        def text(name: str) -> str:
            column = case.get(name)
            return f"coalesce({identifier(column)}, '')" if column else "''"

        selected = [
            "data_line as respondent_id",
            f"{text('stratum')} as stratum_id",
            f"{text('psu')} as psu_id",
            f"{number('weight')} as design_weight",
            f"{number('population_size')} as stratum_population_size",
            *(f"{expression} as {column}" for expression, column in self.columns.items()),
            *(f"{self._answer(variable, item)} as {item.column}" for (variable, _), item in self.items.items()),
        ]
        target = folder / "survey_id=golden" / f"survey_wave_id={self.survey_wave_id}"
        target.mkdir(parents=True)
        self.connection.execute(
            f"copy (select {', '.join(selected)} from sample)"
            f" to {literal(str(target / 'responses.parquet'))} (format parquet)"
        )

    def _answer(self, variable: str, item: Item) -> str:
        if item.kind == "number":
            return f"coalesce(cast({identifier(variable)} as double), {RESERVED_NO_ANSWER['number']})"
        codes = " ".join(f"when {literal(value)} then {code}" for value, code in item.codes.items())
        return f"cast(coalesce(case {identifier(variable)} {codes} end, {RESERVED_NO_ANSWER['code']}) as smallint)"


def grouped_samples(cases: list[Case]) -> list[Sample]:
    """The samples behind the cases: cases that share a sample key share a sample."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.sample_key() + str(case.folder), []).append(case)
    return [Sample(f"sample_{number:03d}", group) for number, group in enumerate(groups.values(), start=1)]


def canonical_json(value: Any) -> str:
    """A value as text that is equal for equal values."""
    return json.dumps(value, sort_keys=True)
