"""The table int_disclosure_digits: to what step figures are shown, so that hidden counts stay open."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from smv_ai.survey.disclosure.grades import graded, otherwise_graded
from smv_ai.survey.disclosure.other_answers import Search
from smv_ai.survey.disclosure.past import hiding, read_past, remember
from smv_ai.survey.disclosure.tabulated import Array, Figures, Places, Question, half_widths, is_between, next_step
from smv_ai.survey.inference.reading import Relations, Table, rows_of
from smv_ai.survey.inference.sample import parts

MOST_PLACES = 5_000_000  # cells times the figures that each is in
DIGITS = pa.schema(
    {
        "estimate_number": pa.int64(),
        "released_step": pa.float64(),
        "error_step": pa.float64(),
        "size_step": pa.float64(),
        "least_error_ratio": pa.float64(),
        "most_error_ratio": pa.float64(),
        "is_telling": pa.bool_(),
    }
)
FIGURES = "select * from figures order by design_id, item_id, measure_id, breakdown_id, estimate_number"
# a firm that answers otherwise may be the first of its cell in a sub-population
PLACES = """
    select distinct
        figures.design_id, figures.item_id, figures.estimate_number, segments.design_cell,
        coalesce(scored.respondents, 0) as respondents
    from figures
    inner join segments
        on figures.design_id = segments.design_id
        and figures.estimate_number = figures.measure_number * 1000000000 + segments.segment_number
    left join scored
        on segments.design_cell = scored.design_cell and figures.measure_number = scored.measure_number
    where scored.design_cell is not null or figures.statistic = 'size'
    order by all
"""
ANSWERS = """
    with questions as (select distinct design_id, item_id from figures)
    select
        questions.design_id, questions.item_id, cells.design_cell, cells.stratum_number, moments.code,
        moments.respondents, cells.calibration_factor * cells.sum_d / cells.respondents as weight,
        strata.unit_count, strata.variance_scale
    from questions
    inner join cells on questions.design_id = cells.design_id
    inner join moments
        on cells.survey_wave_id = moments.survey_wave_id and cells.is_by_unit = moments.is_by_unit
        and cells.cell_id = moments.cell_id and questions.item_id = moments.variable_id
    inner join strata on cells.stratum_number = strata.stratum_number
    where moments.answer_status = 'valid' and moments.code is not null and cells.respondents > 0
    order by all
"""
RULES = """
    select design_id, statistic, metric, at_least, below from rules where not is_only_where_all_alike order by all
"""
SCORES = """
    select distinct scores.design_id, scores.item_id, scores.measure_id, scores.code, scores.score
    from scores inner join figures on scores.design_id = figures.design_id and scores.measure_id = figures.measure_id
    where scores.score is not null
    order by all
"""


def digits(connection: duckdb.DuckDBPyConnection, relations: Relations, before: Path | None = None) -> pa.Table:
    """The schema DIGITS: each figure that is shown with fewer digits, or not at all, for a hidden count's sake.

    before: the file of earlier releases (past.py), where there is one.
    """
    earlier = read_past(connection, relations["figures"], before)
    rows: dict[int, dict[str, Any]] = {}
    for key, question in questions(connection, relations, before):
        remember(question, earlier.get(key))
        for row in _rows(question):
            known = rows.setdefault(row["estimate_number"], {})
            # the size of a sub-population may follow from several questions
            size_steps = [step for step in (known.get("size_step"), row.get("size_step")) if step]
            known |= row | {"size_step": max(size_steps, default=None)}
    return pa.Table.from_pylist(list(rows.values()), DIGITS)


def questions(
    connection: duckdb.DuckDBPyConnection, relations: Relations, before: Path | None = None
) -> Iterator[tuple[tuple[str, str], Question]]:
    """Each question that hides a count or has hidden one, by design and item.

    Not where it has more cells than can be searched.
    """
    relations = {**relations, "figures": hiding(connection, relations["figures"], before)}
    tables = [
        {key: part for key, part in parts(rows_of(connection, query, relations), "design_id", "item_id")}
        for query in (FIGURES, PLACES, ANSWERS, SCORES)
    ]
    rules = dict(parts(rows_of(connection, RULES, relations), "design_id"))
    for key in tables[0]:
        if all(key in table for table in tables) and len(tables[1][key]["design_cell"]) <= MOST_PLACES:
            question = question_of(*(table[key] for table in tables))
            question.graded = graded(tables[0][key], rules.get(key[:1]))
            yield key, question


def question_of(figures: Table, places: Table, answers: Table, scores: Table) -> Question:
    """A question from the rows of one design and item."""
    codes, code_at = np.unique(answers["code"].astype(int), return_inverse=True)
    cells, first, cell_at = np.unique(answers["design_cell"], return_index=True, return_inverse=True)
    strata, first_of_stratum, stratum_at = np.unique(answers["stratum_number"], return_index=True, return_inverse=True)
    number = np.zeros((len(codes), len(cells)))
    np.add.at(number, (code_at, cell_at), answers["respondents"].astype(float))
    measures = np.unique(figures["measure_id"].astype(str))
    by_code = np.full((len(measures), len(codes)), np.nan)
    known = np.isin(scores["code"].astype(int), codes)
    measure_of_score = np.searchsorted(measures, scores["measure_id"].astype(str)[known])
    by_code[measure_of_score, np.searchsorted(codes, scores["code"].astype(int)[known])] = scores["score"][known]
    measure = np.searchsorted(measures, figures["measure_id"].astype(str))
    breakdowns, breakdown = np.unique(figures["breakdown_id"].astype(str), return_inverse=True)
    place = np.full((len(measures), len(breakdowns), len(cells)), -1)
    order = np.argsort(figures["estimate_number"])
    figure = order[np.searchsorted(figures["estimate_number"], places["estimate_number"], sorter=order)]
    asked = np.isin(places["design_cell"], cells)
    cell = np.searchsorted(cells, places["design_cell"][asked])
    place[measure[figure[asked]], breakdown[figure[asked]], cell] = figure[asked]
    asked_by_figure = np.zeros((len(measure), len(cells)))
    asked_by_figure[figure[asked], cell] = places["respondents"][asked]
    for place_of_measure in np.flatnonzero(np.isnan(by_code).all(axis=1)):
        by_code[place_of_measure] = _leading(number, asked_by_figure[measure == place_of_measure].max(axis=0))
    return Question(
        cells=cells,
        codes=codes,
        answers=number,
        weights=np.nan_to_num(answers["weight"][first].astype(float)),
        strata=stratum_at[first],
        units=answers["unit_count"][first_of_stratum].astype(float),
        scales=answers["variance_scale"][first_of_stratum].astype(float),
        scores=by_code,
        place=place,
        figures=_figures(figures, measure),
        threshold=int(figures["disclosure_threshold"][0]),
    )


def _leading(answers: Array, asked: Array) -> Array:
    """1 for the answers that lead to a sub-population, else 0: of all sets that whose firms are nearest, by cell."""
    sets = np.array(list(itertools.product((0.0, 1.0), repeat=len(answers))))
    return sets[np.abs(sets @ answers - asked).sum(axis=1).argmin()]


def _figures(rows: Table, measure: Places) -> Figures:
    value, error = rows["estimate"].astype(float), rows["standard_error"].astype(float)
    return Figures(
        number=rows["estimate_number"],
        measure=measure,
        value=value,
        error=error,
        lower_half=value - rows["ci_lower"].astype(float),
        upper_half=rows["ci_upper"].astype(float) - value,
        factor=rows["value_factor"].astype(float),
        step=rows["least_step"].astype(float),
        is_shown=~np.isnan(value),
        is_hidden=rows["is_suppressed"].astype(bool),
        is_rare=rows["is_rare"].astype(bool),
        is_total=rows["statistic"] == "total",
        is_logit=rows["interval_method"] == "logit",
        is_size=rows["statistic"] == "size",
        is_kept=np.zeros(len(value), dtype=bool),
        is_counted=rows["is_counted"].astype(bool),
    )


def _rows(question: Question) -> Iterator[dict[str, Any]]:
    search = searched(question)
    error_step, ratios = errors(search)
    for place in np.flatnonzero(search.is_moved | (search.is_hidden & ~question.figures.is_hidden)):
        is_telling = bool(search.is_hidden[place] and not question.figures.is_hidden[place])
        if question.figures.is_size[place]:
            yield {"estimate_number": int(question.figures.number[place]), "size_step": float(search.step[place])}
        elif search.is_shown[place] or is_telling:
            yield {
                "estimate_number": int(question.figures.number[place]),
                "released_step": float(search.step[place]),
                "error_step": float(error_step[place]),
                "least_error_ratio": float(ratios[0, place]),
                "most_error_ratio": float(ratios[1, place]),
                "is_telling": is_telling,
            }


def searched(question: Question) -> Search:
    """The worlds of a question in which every figure that is not hidden has the grade that it has."""
    search = Search(question)
    search.run()
    while len(found := otherwise_graded(search)):
        search.hide(found)
        search.run()
    return search


def errors(search: Search) -> tuple[Array, Array]:
    """The least steps in which errors and half widths are the same in all worlds, and how far errors move as ratios."""
    question, figures, steps = search.question, search.figures, search.step.copy()
    ratios = np.ones((2, len(steps)))
    at = np.flatnonzero(search.is_shown & search.is_moved & ~figures.is_size)
    if not len(at):
        return steps, ratios
    sums = question.moments(at, question.answers)
    first_value, first_variance = question.variances(at, sums)
    shown = [figures.error[at], figures.lower_half[at], figures.upper_half[at]]
    low, high = [number.copy() for number in shown], [number.copy() for number in shown]
    for world in search.worlds:
        near = np.flatnonzero(np.abs(world.shifts[at]) > 0)
        changed = sums[:, near]
        for cell, leaves, takes in world.moves:
            changed[:, :, question.strata[cell]] += question.change(at[near], cell, leaves, takes)
        value, variance = question.variances(at[near], changed)
        with np.errstate(all="ignore"):
            ratio = np.nan_to_num(np.sqrt(variance / first_variance[near]), nan=1.0, posinf=1.0)
        factor, is_logit = figures.factor[at[near]], figures.is_logit[at[near]]
        lower, upper = (
            factor * half_widths(half[at[near]] / factor, is_logit, first_value[near], value, ratio, side)
            for side, half in ((-1, figures.lower_half), (1, figures.upper_half))
        )
        for number, least, most in zip((shown[0][near] * ratio, lower, upper), low, high, strict=True):
            least[near], most[near] = np.fmin(least[near], number), np.fmax(most[near], number)
        ratios[0, at[near]] = np.minimum(ratios[0, at[near]], ratio)
        ratios[1, at[near]] = np.maximum(ratios[1, at[near]], ratio)
    for place, ends in zip(at, np.moveaxis(np.array([low, high]), 2, 0), strict=True):
        while _differs(ends, steps[place]):
            steps[place] = next_step(steps[place])
    return steps, ratios


def _differs(ends: Array, step: float) -> bool:
    """Whether an error (never shown as 0) or a half width would be rounded differently from its low to its high end."""
    low, high = ends.copy()
    low[0], high[0] = max(low[0], step), max(high[0], step)
    return bool(is_between(low, high, np.full(len(low), step)).any())
