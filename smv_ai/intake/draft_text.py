"""A draft as the text of a survey file: YAML with the decisions of a person marked DECIDE, and why, in place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from smv_ai.intake.draft import Draft, DraftItem, DraftOption, DraftQuestion
from smv_ai.survey.texts import clear

PLAIN = re.compile(r"[A-Za-zÆØÅæøå][\wÆØÅæøåé /()%.-]*[\w)]|[A-Za-zÆØÅæøå]")
NOT_PLAIN = {"yes", "no", "true", "false", "null", "on", "off", "y", "n", "~"}
MARK = "DECIDE"
LONGEST = 110


def quoted(text: str) -> str:
    """A text as a YAML scalar, between quotes where YAML would read something else."""
    if PLAIN.fullmatch(text) and text.lower() not in NOT_PLAIN and ": " not in text and " #" not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def _mapping(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _label(text: str) -> str:
    """A label; the bar is the sign between two languages."""
    return quoted(clear(text).replace("|", "/"))


def text_of(
    draft: Draft, *, survey: str, label: str, answers: str, definitions: list[str], frame: list[str], notes: list[str]
) -> str:
    """The text of the survey file."""
    export = draft.export
    lines = [
        "# yaml-language-server: $schema=survey.schema.json",
        f"# Drafted from {export.path.name} ({export.tool}, {export.table.height} rows). Each {MARK} is for a"
        f" person: look, correct,"
        " and delete the mark.",
        *(f"# {MARK}: {note}" for note in notes),
        f"survey: {_mapping([('id', survey), ('label', _label(label))])}  # {MARK}: id, name and producer of the"
        f" survey",
        "tables: [total]  # breakdowns: columns of the frame, groups and questions, crossed with x",
        "",
        *_source(draft, answers, definitions),
        "",
        f"several_choices_none_ticked: no_answer  # {MARK}: no box ticked is no answer, or none of these (zero)",
    ]
    if draft.missing:
        lines.append(f"missing: {_mapping((reason, _list(texts)) for reason, texts in draft.missing.items())}")
    lines += frame or [
        f"# {MARK}: a frame gives strata, population sizes and weights; without one every answer weighs the same",
        "# frame: {file: sample.csv, key: firm_key, stratum: stratum_id, population: stratum_population_size,",
        "#         columns: [industry_id]}",
    ]
    lines += ["", "questions:"]
    for question in draft.questions:
        lines += _question(question)
    return "\n".join(lines) + "\n"


def _source(draft: Draft, answers: str, definitions: list[str]) -> list[str]:
    export = draft.export
    lines = ["source:", f"  tool: {export.tool}", f"  answers: {quoted(answers)}"]
    if definitions:
        lines.append(f"  definition: {_list(definitions)}")
    if export.grid.sheet:
        lines.append(f"  sheet: {quoted(export.grid.sheet)}")
    if export.grid.delimiter:
        lines.append(f"  encoding: {export.grid.encoding}")
        lines.append(f"  delimiter: {json.dumps(export.grid.delimiter)}")
    if draft.marks.decimal != ".":
        lines.append(f"  decimal: {json.dumps(draft.marks.decimal)}")
    if draft.marks.thousands:
        lines.append(f"  thousands: {json.dumps(draft.marks.thousands)}  # {MARK}: is 1.234 a thousand and more?")
    lines += _rows(draft)
    if draft.never_load:
        lines.append(f"  never_load:  # {MARK}: what looks personal, or is free text, stays outside")
        lines += [f"    - {quoted(name)}  # {kind}" for name, kind in draft.never_load.items()]
    if draft.left_over:
        lines.append("  # columns that are no question here:")
        lines += [f"  #   {json.dumps(name, ensure_ascii=False)}" for name in draft.left_over]
    return lines


def _rows(draft: Draft) -> list[str]:
    """Who answered, and which rows count."""
    lines = []
    if draft.respondent:
        lines.append(f"  respondent: {quoted(draft.respondent)}  # {MARK}: the column that tells who answered")
        lines.append(f"  respondent_ids: hashed  # {MARK}: as_they_are only where they tell nothing about anybody")
    else:
        lines.append(f"  # {MARK}: no column tells who answered, so a repeat is not seen: respondent: <column>")
    if draft.valid:
        lines.append(f"  valid: {_columns(draft.valid)}  # {MARK}: other rows are set aside as partial")
    else:
        lines.append(
            f"  # {MARK}: nothing tells partial answers apart, so all rows count: valid: {{<column>: [<value>]}}"
        )
    if draft.drop:
        lines.append(f"  drop: {_columns(draft.drop)}  # {MARK}: rows that are tests")
    lines.append("  duplicates: last_complete  # of several rows of a respondent; or first, or fail")
    return lines


def _columns(columns: dict[str, list[str]]) -> str:
    return _mapping((quoted(name), _list(values)) for name, values in columns.items())


def _question(question: DraftQuestion) -> list[str]:
    lines = [f"  {question.name}:"]
    lines += [f"    # {MARK}: {decision}" for decision in question.decisions]
    lines.append(f"    label: {_label(question.label)}")
    if question.source:
        lines.append(f"    source: {quoted(question.source)}")
    if question.separator is not None:
        lines.append(f"    separator: {json.dumps(question.separator)}")
    if question.kind == "number":
        lines.append(
            f"    number: true  # {MARK}: what is estimated, such as mean: kroner, and below units: {{kroner: Kroner}}"
        )
    if question.kind == "several":
        lines.append("    options: ticked")
    if question.options:
        lines.append("    options:")
        lines += [f"      {option.code}: {_option(option)}" for option in question.options]
    if question.items:
        lines.append("    items:")
        lines += [f"      {item.name}: {_item(item)}" for item in question.items]
    if question.missing:
        lines.append(f"    missing: {_mapping((reason, _list(texts)) for reason, texts in question.missing.items())}")
    if question.asked_if:
        lines.append(f"    asked_if: {quoted(question.asked_if)}")
    return lines


def _option(option: DraftOption) -> str:
    pairs = [("label", _label(option.label))]
    pairs += [("source", _list(option.source))] if option.source else []
    pairs += [("open", "true")] if option.open else []
    pairs += [("column", quoted(option.column))] if option.column else []
    return _mapping(pairs) if len(pairs) > 1 else _label(option.label)


def _item(item: DraftItem) -> str:
    pairs = [("label", _label(item.label)), ("source", quoted(item.source))]
    return _mapping([*pairs, ("open", "true")] if item.open else pairs)
