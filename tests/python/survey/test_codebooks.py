"""Codebooks agree with the questionnaires: who is asked, which answers there are, which barriers a category gathers."""

from __future__ import annotations

import csv
import re

import pytest
from support.project import PROJECT

from smv_ai.survey.file.expansion import as_text, expanded_rows

ANSWER_CODES = {"yes": "1", "no": "0"}

Row = dict[str, str]


def seed(name: str) -> list[Row]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def rows(table: str) -> list[Row]:
    """What follows from the survey files."""
    return as_text(expanded_rows(PROJECT)[table])


QUESTIONS = {row["question_id"]: row for row in seed("catalogue/questions")}
ITEMS = [row for row in rows("response_items") if row["question_id"]]
RULES = rows("derived_columns")
DERIVED = {(row["survey_wave_id"], row["column_name"]) for row in RULES}
ASKED_ITEMS = [row for row in ITEMS if (row["survey_wave_id"], row["column_name"]) not in DERIVED]
WAVES = {row["survey_wave_id"] for row in ITEMS}
CLOSED = [
    row
    for row in QUESTIONS.values()
    if row["survey_wave_id"] in WAVES and row["question_type"] not in ("open", "ranked_text")
]


@pytest.mark.parametrize("question_id", sorted({row["question_id"] for row in ITEMS}))
def test_the_items_of_a_question_are_asked_of_those_whom_it_names(question_id):
    asked_of = QUESTIONS[question_id]["asked_of"]
    routing = {(row["asked_if_column"], row["asked_if_values"]) for row in ITEMS if row["question_id"] == question_id}
    if asked_of.split(" ")[0] == "all":
        assert routing == {("", "")}
    elif named := re.match(r"(\w+) = (yes|no)\b", asked_of):
        leading = [row["column_name"] for row in ITEMS if row["question_id"] == named[1]]
        assert len(routing) == 1
        assert routing <= {(column, ANSWER_CODES[named[2]]) for column in leading}
    else:
        assert "" not in {column for column, _ in routing}


@pytest.mark.parametrize("question", CLOSED, ids=lambda question: question["question_id"])
def test_a_closed_question_has_an_item_for_each_option_or_a_code_for_each_answer(question):
    options = [row for row in seed("catalogue/answer_options") if row["question_id"] == question["question_id"]]
    items = [row for row in ASKED_ITEMS if row["question_id"] == question["question_id"]]
    assert items, "no column of the response file holds this question"
    if question["question_type"] in ("multiple", "ranked"):
        counts = {len(items)}
    else:
        codes = rows("response_options")
        counts = {
            sum((row["survey_wave_id"], row["item_id"]) == (item["survey_wave_id"], item["item_id"]) for row in codes)
            for item in items
        }
    if question["extent_printed"] == "full":
        assert counts == {len(options)}
    else:
        assert min(counts) >= len(options)


def leaves(survey_wave_id: str, column: str) -> set[str]:
    """The columns of the response file that a column rests on: itself, or what its rules look at."""
    if (survey_wave_id, column) not in DERIVED:
        return {column}
    rules = [row for row in RULES if (row["survey_wave_id"], row["column_name"]) == (survey_wave_id, column)]
    looked_at = {name for row in rules for name in row["if_columns"].split(";") if name}
    return set().union(*(leaves(survey_wave_id, name) for name in looked_at))


def test_a_kind_of_barrier_gathers_the_barriers_of_its_category():
    kind_of = {row["barrier_id"]: row["toe_category"] for row in seed("codelists/barriers")}
    waves = {row["measure_set_id"]: row["survey_wave_id"] for row in rows("estimation_designs")}
    measures = rows("estimation_measures")
    kinds = [row for row in measures if row["indicator_id"] == "barrier_category"]
    assert kinds
    for kind in kinds:
        wave = waves[kind["measure_set_id"]]
        barriers = [
            row["item_id"]
            for row in measures
            if row["measure_set_id"] == kind["measure_set_id"]
            and row["indicator_id"] == "barrier"
            and f"toe_{kind_of[row['barrier_id']]}" == kind["answer_category_id"]
        ]
        gathered = set().union(*(leaves(wave, column) for column in barriers))
        assert leaves(wave, kind["item_id"]) == gathered, kind["measure_id"]
