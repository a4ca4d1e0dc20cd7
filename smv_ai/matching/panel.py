"""A register panel: the files of a study, checked against their contract before dbt reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import duckdb

from smv_ai.errors import BadInputError
from smv_ai.matching.rows import condition
from smv_ai.matching.study import Study, SurveyTreatment
from smv_ai.sql.quoting import identifier, literal
from smv_ai.sql.rows import only_row
from smv_ai.survey.elsewhere import is_elsewhere

FOLDER = "study_id={}"
NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
WAY_OUT = "Mend the file and load it anew; layout and rules: docs/matching.md."
MOST_NAMED = 5


@dataclass(frozen=True)
class Panel:
    """A study with the relations of its panel and survey wave (SQL) and the values that it is broken down by."""

    study: Study
    source: str
    answers: str = ""
    by_values: tuple[str, ...] = ("",)


def has_panel(study: Study, panels_path: str, root: Path | None = None) -> bool:
    """Whether any file of the study's panel is there."""
    return bool(glob(str((root or Path()) / _pattern(study, panels_path))))


def _pattern(study: Study, panels_path: str) -> str:
    return f"{panels_path}/{FOLDER.format(study.study_id)}/*.parquet"


def open_panel(study: Study, panels_path: str, responses_path: str = "responses", root: Path | None = None) -> Panel:
    """The panel of a study, from the Parquet files in `<panels_path>/study_id=<study>/` (relative to `root`, the
    project). Raises BadInputError naming study, rule and firm count for everything that makes the panel unusable.
    """
    pattern = _pattern(study, panels_path)
    if not has_panel(study, panels_path, root):
        raise BadInputError(
            f"study {study.study_id}: no panel at {pattern}; load one or remove the study [panel_there]"
        )
    source = f"read_parquet({literal(pattern)}, hive_partitioning = false, union_by_name = true)"
    answers = ""
    if isinstance(study.treatment, SurveyTreatment):
        if is_elsewhere(responses_path):
            raise BadInputError(
                f"study {study.study_id}: its treatment is an answer, and responses lie elsewhere ({responses_path});"
                " matched comparisons read responses of this machine [treatment_there]"
            )
        wave = f"{responses_path}/survey_id=*/survey_wave_id={study.treatment.survey_wave_id}/*.parquet"
        answers = f"read_parquet({literal(wave)}, union_by_name = true)"
    with duckdb.connect() as connection:
        if root is not None:
            connection.execute(f"set file_search_path = {literal(str(root))}")
        faults = list(_faults(connection, study, source, answers))
        if faults:
            raise BadInputError("\n".join([f"study {study.study_id}: {fault}" for fault in faults] + [WAY_OUT]))
        return Panel(study, source, answers, _by_values(connection, study, source))


def _by_values(connection: duckdb.DuckDBPyConnection, study: Study, source: str) -> tuple[str, ...]:
    if study.by is None:
        return ("",)
    groups = f"select cast({identifier(study.by)} as varchar) as value from {source} where year = {study.base_year}"
    query = f"select distinct value from ({groups}) order by 1"
    return tuple(row[0] for row in connection.execute(query).fetchall() if row[0] is not None)


def _faults(connection: duckdb.DuckDBPyConnection, study: Study, source: str, answers: str) -> Iterator[str]:
    """Rules in the order in which one needs the other: the first that breaks hides those that follow from it."""
    try:
        types = {row[0]: row[1] for row in connection.execute(f"describe select * from {source}").fetchall()}
    except duckdb.Error as error:
        yield f"the panel cannot be read as Parquet: {str(error).splitlines()[0]} [panel_readable]"
        return
    faults = list(_column_faults(study, types))
    if faults:
        yield from faults
        return
    for rule, query, sentence in _rules(study, source, types):
        found = only_row(
            connection.execute(
                f"select count(distinct firm), list(distinct firm order by firm)[:{MOST_NAMED}],"
                f" list(distinct what order by what)[:{MOST_NAMED}] from ({query})"
            )
        )
        if found[0]:
            more = " …" if found[0] > MOST_NAMED else ""
            values = ", ".join(str(value) for value in found[2])
            yield (f"{sentence.format(values=values)}; firms: {found[0]} ({', '.join(found[1])}{more}) [{rule}]")
    yield from _year_faults(connection, study, source)
    if not isinstance(study.treatment, str):
        yield from _answer_faults(connection, study.treatment, answers)


def _numbers(study: Study) -> list[str]:
    terms = [*study.match_on, *study.balance, *(outcome.column for outcome in study.outcomes)]
    return list(dict.fromkeys(column for term in terms for column in term.columns))


def _column_faults(study: Study, types: dict[str, str]) -> Iterator[str]:
    numbers = _numbers(study)
    columns = ["firm_id", "year", *study.exact, *study.where, *numbers, *([study.by] if study.by else [])]
    if isinstance(study.treatment, str):
        columns.append(study.treatment)
    for column in dict.fromkeys(columns):
        if column not in types:
            yield f"column {column} is not in the panel; it has {', '.join(types)} [panel_has_column]"
    for column in ["year", *numbers]:
        if column in types and not any(kind in types[column] for kind in NUMBERS):
            yield f"column {column} is {types[column]}; it must be a number [panel_column_is_number]"


def _rules(study: Study, source: str, types: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Rule, a query for firms that break it (firm, what), and the sentence about them."""
    firm = "coalesce(cast(firm_id as varchar), 'without id') as firm"
    yield (
        "firm_has_id_and_year",
        f"select {firm}, 'null' as what from {source} where firm_id is null or year is null",
        "rows without firm_id or year",
    )
    yield (
        "firm_once_in_a_year",
        f"select {firm}, year as what from {source} where firm_id is not null"
        " group by firm_id, year having count(*) > 1",
        "firms stand more than once in a year ({values}); each has one row a year",
    )
    if isinstance(study.treatment, str):
        value = f"cast({identifier(study.treatment)} as varchar)"
        yield (
            "treatment_is_0_or_1",
            f"select {firm}, {value} as what from {source} where year = {study.base_year} and {value} is not null"
            f" and coalesce(try_cast({identifier(study.treatment)} as double), 2) not in (0, 1)",
            f"{study.treatment} is neither 0 nor 1 in {study.base_year} (values: {{values}})",
        )
    for column in _numbers(study):
        if "DOUBLE" in types[column] or "FLOAT" in types[column]:
            yield (
                "panel_number_is_finite",
                f"select {firm}, {identifier(column)} as what from {source} where not isfinite({identifier(column)})",
                f"{column} is not a finite number (values: {{values}}); a missing number is null",
            )
    if "weight" in types:
        yield (
            "weight_is_not_negative",
            f"select {firm}, weight as what from {source} where weight < 0",
            "weight is negative (values: {values})",
        )


def _year_faults(connection: duckdb.DuckDBPyConnection, study: Study, source: str) -> Iterator[str]:
    rows = connection.execute(
        f"select year, count(distinct firm_id) from {source} group by year order by year"
    ).fetchall()
    found = {int(year): firms for year, firms in rows if year is not None}
    wanted = [study.base_year, study.end_year, *([study.earlier_year] if study.earlier_year is not None else [])]
    for year in sorted({*wanted} - {*found}):
        there = ", ".join(f"{year} ({firms} firms)" for year, firms in found.items())
        yield f"the panel has no firm in {year}; firms: 0; years there: {there} [panel_has_year]"
    for column, values in study.where.items():
        test = condition("panel", column, values)
        query = f"select count(*) from {source} as panel where year = {study.base_year} and {test}"
        if not only_row(connection.execute(query))[0]:
            yield f"no firm has {column} {values} in {study.base_year}; firms: 0 [where_finds_firms]"


def _answer_faults(connection: duckdb.DuckDBPyConnection, treatment: SurveyTreatment, answers: str) -> Iterator[str]:
    try:
        names = {row[0] for row in connection.execute(f"describe select * from {answers}").fetchall()}
    except duckdb.Error:
        yield f"survey wave {treatment.survey_wave_id} has no responses to take treatment from [survey_wave_there]"
        return
    if treatment.column not in names:
        yield f"survey wave {treatment.survey_wave_id} has no column {treatment.column} [survey_column_there]"
        return
    twice = f"select respondent_id from {answers} group by respondent_id having count(*) > 1"
    [repeated] = only_row(connection.execute(f"select count(*) from ({twice})"))
    if repeated:
        yield (
            f"survey wave {treatment.survey_wave_id}: respondents that answer twice; firms: {repeated}"
            " [firm_answers_once]"
        )
