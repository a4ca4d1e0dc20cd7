"""The respondents of a wave as a relation whose columns have names of ours.

Here, and only here, the names of a survey's columns enter SQL. Everything after reads `c0`, `c1` ..., so that no name
of a file can meet a name that the scan makes, or a word of SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smv_ai.sql.quoting import portable_text, portable_texts
from smv_ai.survey.columns import Columns, is_whole
from smv_ai.survey.description import Condition, DerivedColumn, Reserved, Wave
from smv_ai.survey.engines import DUCKDB, Dialect
from smv_ai.survey.head import NUMBER_TYPES, Head

SQL_TYPES = {"INTEGER": "integer", "DOUBLE": "double", "VARCHAR": "string"}


@dataclass(frozen=True)
class Rows:
    """`query` gives a row a respondent; `names` tells what a column is called in it, `types` its type by that name."""

    query: str
    names: dict[str, str]
    types: dict[str, str]
    dialect: Dialect = DUCKDB

    def has_value(self, column: str, values: Sequence[str]) -> str:
        """SQL that holds where the column has one of the values, which are texts."""
        name = self.names[column]
        if self.types[name] in NUMBER_TYPES and all(map(is_whole, values)):
            return f"{name} in ({', '.join(values)})"
        return f"{self.as_text(column)} in ({portable_texts(values)})"

    def as_text(self, column: str, value: str | None = None) -> str:
        """SQL of the column (or of a value of it) as text; whole numbers in doubles have no decimals."""
        name = value or self.names[column]
        if self.types[self.names[column]] in ("FLOAT", "DOUBLE"):
            whole = f"{name} = floor({name}) and abs({name}) < 1e15"
            return f"case when {whole} then cast(cast({name} as bigint) as string) else cast({name} as string) end"
        return f"cast({name} as string)"


def rows_of(wave: Wave, head: Head, columns: Columns, reserved: Reserved, dialect: Dialect = DUCKDB) -> Rows:
    """The columns of the files as they are, and the derived ones, each level around the one that it looks at."""
    names = {column: f"c{number}" for number, column in enumerate(columns.types)}
    types = {names[column]: kind for column, kind in columns.types.items()}
    selected = ", ".join(
        f"{_converted(dialect.identifier(column), kind, columns.types[column])} as {names[column]}"
        for column, kind in head.types.items()
    )
    rows = Rows(f"select {selected} from {dialect.response_files(wave.files)}", names, types, dialect)
    for level in columns.levels:
        derived = ", ".join(f"{_derived_sql(rows, one, columns, reserved)} as {names[one.column]}" for one in level)
        rows = Rows(f"select *, {derived} from ({rows.query}) as answers", names, types, dialect)
    return rows


def _converted(name: str, file_type: str, read_as: str) -> str:
    """A column of the file as the type that it is read as (see columns.read_type)."""
    return name if file_type == read_as else f"cast({name} as {SQL_TYPES[read_as]})"


def _derived_sql(rows: Rows, derived: DerivedColumn, columns: Columns, reserved: Reserved) -> str:
    """The rules as a case expression; where none holds an item is without answer, any other column null."""
    kind = columns.kinds.get(derived.column)
    sql_type = SQL_TYPES[columns.types[derived.column]]
    branches = []
    for rule in derived.rules:
        holds = " and ".join(_holds(rows, condition) for condition in rule.conditions) or "true"
        branches.append(f"when {holds} then cast({portable_text(rule.value)} as {sql_type})")
    otherwise = reserved.of(kind)["no_answer"] if kind else "null"
    return f"cast(case {' '.join(branches)} else {otherwise} end as {sql_type})"


def _holds(rows: Rows, condition: Condition) -> str:
    counted = [
        f"cast(coalesce({rows.has_value(column, condition.values)}, false) as integer)" for column in condition.columns
    ]
    return f"{' + '.join(counted)} >= {condition.at_least}"
