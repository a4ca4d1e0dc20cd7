"""The codebook of one survey wave, from the rows of its survey file: items, routing, constructs, designs, measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smv_ai.survey.description import Condition
from smv_ai.survey.file.expansion import as_text, expanded_rows

NOT_ASKED, NO_ANSWER, DONT_KNOW = -1, -2, -3
RESERVED = (NOT_ASKED, NO_ANSWER, DONT_KNOW)
Rows = list[dict[str, str]]


def split(text: str) -> tuple[str, ...]:
    """The parts of a semicolon list."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


@dataclass(frozen=True)
class Item:
    """A coded item: its column, the codes that count as answers, and who is asked."""

    item_id: str
    column: str
    codes: tuple[int, ...]
    asked_if_column: str
    asked_if_values: tuple[str, ...]


@dataclass(frozen=True)
class DerivedColumn:
    """A column by rule: the first rule whose conditions all hold gives the value."""

    column: str
    rules: tuple[tuple[str, tuple[Condition, ...]], ...]

    @property
    def inputs(self) -> set[str]:
        """The columns that it looks at."""
        return {name for _, conditions in self.rules for condition in conditions for name in condition.columns}


@dataclass(frozen=True)
class Measure:
    """What a design estimates: statistic, item, score by code (none: the code itself), domain, catalogue row."""

    measure_id: str
    statistic: str
    item_id: str
    scores: dict[int, float]
    domain: dict[str, tuple[str, ...]]
    catalogue: dict[str, str]


@dataclass(frozen=True)
class Design:
    """A design that estimates levels of the wave: its calibration, measures and breakdowns."""

    design_id: str
    calibration_method: str
    margins: dict[str, dict[str, float]]
    measures: tuple[Measure, ...]
    breakdowns: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Codebook:
    """All catalogue rows that shape the response file of a wave."""

    survey_id: str
    items: tuple[Item, ...]
    derived: tuple[DerivedColumn, ...]
    designs: tuple[Design, ...]
    has_psu: bool

    @property
    def item_by_column(self) -> dict[str, Item]:
        """Items by the column that holds them."""
        return {item.column: item for item in self.items}


def read_rows(project_dir: Path) -> dict[str, Rows]:
    """The rows that follow from the survey files, by table, as text.

    Raises BadInputError where one cannot be understood.
    """
    return {table: as_text(rows) for table, rows in expanded_rows(project_dir).items()}


def _of(rows: Rows, **key: str) -> Rows:
    return [row for row in rows if all(row[name] == value for name, value in key.items())]


def _items(seeds: dict[str, Rows], survey_wave_id: str) -> tuple[Item, ...]:
    codes: dict[str, list[int]] = {}
    for row in _of(seeds["response_options"], survey_wave_id=survey_wave_id):
        codes.setdefault(row["item_id"], []).append(int(row["code"]))
    return tuple(
        Item(
            row["item_id"],
            row["column_name"],
            tuple(sorted(codes.get(row["item_id"], []))),
            row["asked_if_column"],
            split(row["asked_if_values"]),
        )
        for row in _of(seeds["response_items"], survey_wave_id=survey_wave_id)
    )


def _derived(seeds: dict[str, Rows], survey_wave_id: str) -> tuple[DerivedColumn, ...]:
    columns: dict[str, dict[int, tuple[str, list[Condition]]]] = {}
    for row in _of(seeds["derived_columns"], survey_wave_id=survey_wave_id):
        _, conditions = columns.setdefault(row["column_name"], {}).setdefault(
            int(row["rule_order"]), (row["value"], [])
        )
        if row["if_columns"]:
            conditions.append(Condition(int(row["at_least"]), split(row["if_columns"]), split(row["if_values"])))
    return tuple(
        DerivedColumn(name, tuple((value, tuple(conditions)) for _, (value, conditions) in sorted(rules.items())))
        for name, rules in columns.items()
    )


def _measures(seeds: dict[str, Rows], measure_set_id: str) -> tuple[Measure, ...]:
    measures = []
    for row in _of(seeds["estimation_measures"], measure_set_id=measure_set_id):
        key = {"measure_set_id": measure_set_id, "measure_id": row["measure_id"]}
        scores = {int(score["code"]): float(score["score"]) for score in _of(seeds["estimation_scores"], **key)}
        domain: dict[str, tuple[str, ...]] = {}
        for row_of_domain in _of(seeds["estimation_domains"], **key):
            name = row_of_domain["column_name"]
            domain[name] = (*domain.get(name, ()), row_of_domain["category"])
        measures.append(Measure(row["measure_id"], row["statistic"], row["item_id"], scores, domain, row))
    return tuple(measures)


def _design(seeds: dict[str, Rows], row: dict[str, str]) -> Design:
    margins: dict[str, dict[str, float]] = {}
    for margin in _of(seeds["calibration_margins"], margin_set_id=row["margin_set_id"]):
        if row["calibration_within_column"] and margin["within_category"] not in ("", row["survey_wave_id"]):
            continue
        margins.setdefault(margin["column_name"], {})[margin["category"]] = float(margin["population_count"])
    return Design(
        row["design_id"],
        row["calibration_method"],
        dict(sorted(margins.items())),
        _measures(seeds, row["measure_set_id"]),
        tuple(
            split(breakdown["breakdown_columns"])
            for breakdown in _of(seeds["estimation_breakdowns"], breakdown_set_id=row["breakdown_set_id"])
        ),
    )


def read_codebook(seeds: dict[str, Rows], survey_wave_id: str) -> Codebook | None:
    """The codebook of a wave; None where no design estimates anything of it."""
    designs = [
        row
        for row in seeds["estimation_designs"]
        if survey_wave_id in (row["survey_wave_id"], row["earlier_survey_wave_id"])
    ]
    levels = [row for row in designs if not row["earlier_survey_wave_id"] and not row["change_column"]]
    if not levels:
        return None
    return Codebook(
        levels[0]["survey_id"],
        _items(seeds, survey_wave_id),
        _derived(seeds, survey_wave_id),
        tuple(_design(seeds, row) for row in levels),
        any(row["has_psu"] == "true" for row in designs),
    )
