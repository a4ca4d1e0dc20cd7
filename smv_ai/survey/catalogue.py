"""The description of survey waves from the rows of the response catalogue (seeds/responses)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from smv_ai.survey.description import Condition, DerivedColumn, Item, Problem, Ratio, Rule, Trim, Wave

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


def waves(tables: Tables) -> list[Wave]:
    """The waves that have response files.

    `tables` holds rows by name: waves (the folders that are read), items, options, derived_columns, designs, measures,
    domains, breakdowns, margins, totals, replicates.
    """
    return [_wave(tables, folder) for folder in tables["waves"]]


def _wave(tables: Tables, folder: Row) -> Wave:
    wave_id = folder["survey_wave_id"]
    designs = [row for row in tables["designs"] if wave_id in (row["survey_wave_id"], row["earlier_survey_wave_id"])]
    sets = {design["measure_set_id"] for design in designs}
    # of the earlier wave of a change only what both waves have is read
    own = {design["measure_set_id"] for design in designs if design["survey_wave_id"] == wave_id}
    measures = [row for row in tables["measures"] if row["measure_set_id"] in (sets if row["has_change"] else own)]
    items = _items(tables, wave_id)
    derived, problems = _derived_columns([row for row in tables["derived_columns"] if row["survey_wave_id"] == wave_id])
    return Wave(
        survey_id=folder["survey_id"],
        survey_wave_id=wave_id,
        evidence_type=folder["evidence_type"],
        files=folder["files"],
        items=items,
        derived=derived,
        ratios=_ratios(measures, {item.item_id for item in items}),
        amounts=frozenset(row["item_id"] for row in tables["measures"] if row["is_amount"] and row["item_id"]),
        attributes=_attributes(tables, designs, measures),
        by_unit=tuple(sorted({bool(design["has_psu"]) for design in designs})) or (False,),
        has_design=bool(designs),
        by_respondent=_is_by_respondent(tables, designs),
        trims=_trims(designs),
        problems=problems,
    )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split(";"))


def _items(tables: Tables, wave_id: str) -> tuple[Item, ...]:
    codes: dict[str, list[int]] = {}
    for row in tables["options"]:
        if row["survey_wave_id"] == wave_id:
            codes.setdefault(row["item_id"], []).append(int(row["code"]))
    items = [
        Item(
            item_id=row["item_id"],
            column=row["column_name"],
            kind=row["value_kind"],
            codes=tuple(sorted(codes.get(row["item_id"], []))),
            asked_if_column=row["asked_if_column"] or None,
            asked_if_values=_split(row["asked_if_values"]),
        )
        for row in tables["items"]
        if row["survey_wave_id"] == wave_id
    ]
    return tuple(sorted(items, key=lambda item: item.item_id))


def _ratios(measures: Iterable[Row], items: set[str]) -> tuple[Ratio, ...]:
    pairs = {(row["item_id"], row["denominator_item_id"]) for row in measures if row["denominator_item_id"]}
    return tuple(Ratio(*pair) for pair in sorted(pairs) if items.issuperset(pair))


def _attributes(tables: Tables, designs: list[Row], measures: list[Row]) -> tuple[str, ...]:
    """Columns that any design breaks down, calibrates, restricts or compares by."""

    def columns(table: str, key: str, column: str) -> set[str]:
        wanted = {design[key] for design in designs}
        return {name for row in tables[table] if row[key] in wanted for name in _split(row[column])}

    found = columns("breakdowns", "breakdown_set_id", "breakdown_columns")
    found |= columns("margins", "margin_set_id", "column_name")
    found |= columns("totals", "margin_set_id", "column_name")
    found |= columns("replicates", "replicate_set_id", "column_name")
    read = {(row["measure_set_id"], row["measure_id"]) for row in measures}
    found |= {row["column_name"] for row in tables["domains"] if (row["measure_set_id"], row["measure_id"]) in read}
    found |= {design[key] or "" for design in designs for key in ("calibration_within_column", "change_column")}
    return tuple(sorted(found - {"", "survey_wave_id"}))


def _is_by_respondent(tables: Tables, designs: list[Row]) -> bool:
    """True where a number or a replicate weight of each respondent is needed beside the answers."""
    totals = {row["margin_set_id"] for row in tables["totals"]}
    return any(design["margin_set_id"] in totals or design["replicate_set_id"] for design in designs)


def _trims(designs: list[Row]) -> tuple[Trim, ...]:
    """The limits of the weights; a wave has one pair of them at most."""
    names = ("trim_lower", "trim_upper", "trim_is_strict")
    found = {tuple(design[name] for name in names) for design in designs}
    return tuple(Trim(lower, upper, bool(strict)) for lower, upper, strict in found if (lower, upper) != (None, None))


def _derived_columns(rows: list[Row]) -> tuple[tuple[DerivedColumn, ...], tuple[Problem, ...]]:
    """Derived columns with their rules in order, and rows that contradict each other or say half a condition."""
    keys = ("column_name", "rule_order", "value", "at_least", "if_columns", "if_values")
    rows = sorted(rows, key=lambda row: tuple((row[key] is not None, row[key] or 0) for key in keys))
    problems: list[Problem] = []
    columns = [
        DerivedColumn(column, tuple(_rules(column, list(group), problems)))
        for column, group in groupby(rows, key=lambda row: row["column_name"])
    ]
    return tuple(columns), tuple(problems)


def _rules(column: str, rows: list[Row], problems: list[Problem]) -> Iterable[Rule]:
    for order, group in groupby(rows, key=lambda row: row["rule_order"]):
        found = list(group)
        where = f"rule {order} of derived column {column}"
        problems += [
            Problem(
                "derived_rule_complete",
                f"{where} gives the values {found[0]['value']} and {row['value']}; its rows must give one",
            )
            for row in found[1:]
            if row["value"] != found[0]["value"]
        ]
        conditions = [
            Condition(int(row["at_least"] or 0), _split(row["if_columns"]), _split(row["if_values"]))
            for row in found
            if row["at_least"] or row["if_columns"] or row["if_values"]
        ]
        problems += [
            Problem(
                "derived_rule_complete",
                f"{where} must name columns and values, and at_least from 1 to the number of columns",
            )
            for condition in conditions
            if "" in condition.columns + condition.values or not 1 <= condition.at_least <= len(condition.columns)
        ]
        yield Rule(order, found[0]["value"], tuple(conditions))
