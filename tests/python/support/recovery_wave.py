"""A wave of the demonstration as an attacker has it, who is given more than anybody: weights, cells, true answers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np

CELLS = """
select cells.design_cell, cells.stratum_key, cells.stratum_population_size, cells.respondents, cells.attributes,
    coalesce(factors.calibration_factor, 1.0) * cells.sum_d / cells.respondents as weight
from intermediate.int_design_cells as cells
left join intermediate.int_calibration_factors as factors
    on cells.calibration_id = factors.calibration_id and cells.within_category = factors.within_category
    and cells.margin_categories = factors.margin_categories
where cells.design_id = ? order by cells.design_cell
"""
SEGMENTS = """
select breakdown_id, segment, list(design_cell order by design_cell) as design_cells
from intermediate.int_design_segments where design_id = ? group by all order by all
"""
ANSWERS = """
select cells.design_cell, moments.variable_id, moments.code, moments.respondents
from intermediate.int_design_cells as cells
inner join intermediate.int_response_moments as moments
    on cells.survey_wave_id = moments.survey_wave_id and cells.is_by_unit = moments.is_by_unit
    and cells.cell_id = moments.cell_id
where cells.design_id = ? and moments.answer_status = 'valid' and moments.variable_id <> ''
    and moments.code is not null
order by all
"""
SCORES = """
select measure_id, item_id, code, score from intermediate.int_disclosure_answer_scores where design_id = ? order by all
"""
DOMAINS = """
select measure_id, column_name, list(category) from staging.stg_responses__estimation_domains
inner join staging.stg_responses__estimation_designs using (measure_set_id) where design_id = ? group by all
order by all
"""
BASES = """
select measure_id, dependent_id from intermediate.int_disclosure_bases where design_id = ? order by all
"""
# what the grades say of a figure, whether it is shown or withheld as unreliable
LIMITS = """
select statistic, metric, coalesce(at_least, '-infinity'::double), coalesce(below, 'infinity'::double)
from intermediate.int_quality_rules
where design_id = ? and not is_only_where_all_alike and metric <> 'degrees_of_freedom' order by all
"""
# The figures as they are released, beside the step that the public rule rounds them to.
RELEASED = """
select rounded.measure_id, rounded.breakdown_id, rounded.segment, rounded.statistic, rounded.is_suppressed,
    suppressions.estimate_number is not null as is_hidden_by_rule,
    released.estimate, released.standard_error, released.ci_lower, released.ci_upper, released.design_effect,
    released.effective_sample_size, released.sample_size, rounded.value_factor, rounded.released_step,
    rounded.error_step, figures.least_step, coalesce(digits.size_step, 5) as size_step, rounded.worth_of_three,
    engine.estimate as true_estimate,
    engine.standard_error as true_standard_error, engine.ci_lower as true_ci_lower, engine.ci_upper as true_ci_upper,
    engine.design_effect as true_design_effect,
    engine.effective_sample_size as true_effective_sample_size, engine.respondents, engine.interval_method,
    engine.interval_level, engine.degrees_of_freedom,
    coalesce(figures.is_counted, false) as is_counted,
    rule.has_rare_answer and suppressions.suppression_reason = 'few_answers' and not rule.is_sensitive as is_rare
from intermediate.int_estimates_rounded as rounded
inner join intermediate.int_estimates as engine using (estimate_number)
inner join intermediate.int_disclosure_cells as rule using (estimate_number)
left join intermediate.int_suppressions_united as suppressions using (estimate_number)
left join intermediate.int_disclosure_digits as digits using (estimate_number)
left join intermediate.int_disclosure_figures as figures
    on figures.statistic <> 'size' and rounded.estimate_number = figures.estimate_number
left join marts.fct_estimates as released
    on rounded.design_id = released.design_id and rounded.measure_id = released.measure_id
    and rounded.breakdown_id = released.breakdown_id and rounded.segment = released.segment
where rounded.design_id = ? and not rounded.is_change order by rounded.estimate_number
"""


@dataclass
class Figure:
    """A row of the public table with the truth behind it."""

    measure: str
    cells: np.ndarray  # whether each cell of the design belongs to segment and base
    row: dict


@dataclass
class Wave:
    """All that the attacker is given about one design; the arrays have an entry a design cell."""

    design_id: str
    cells: list[dict]
    segments: dict[tuple[str, str], np.ndarray]
    counts: dict[tuple[str, int], np.ndarray]
    items: dict[str, str]
    scores: dict[str, dict[int, float]]
    dependents: dict[str, set[str]]
    limits: list[tuple[str, str, float, float]]
    figures: dict[tuple[str, tuple[str, str]], Figure] = field(default_factory=dict)

    @cached_property
    def weights(self) -> np.ndarray:
        """Weight of each cell, calibrated."""
        return np.array([cell["weight"] for cell in self.cells])

    @cached_property
    def strata(self) -> np.ndarray:
        """Number of the stratum of each cell."""
        return np.unique([cell["stratum_key"] for cell in self.cells], return_inverse=True)[1]

    @cached_property
    def stratum_factors(self) -> tuple[np.ndarray, np.ndarray]:
        """Firms of each stratum, and (1 - f) n / (n - 1), 0 where it has one firm."""
        firms = np.bincount(self.strata, [cell["respondents"] for cell in self.cells])
        sizes = np.zeros(len(firms))
        sizes[self.strata] = [cell["stratum_population_size"] or np.inf for cell in self.cells]
        return firms, np.where(firms > 1, (1 - firms / sizes) * firms / np.maximum(firms - 1, 1), 0.0)

    def given(self, figure: Figure, code: int) -> float:
        """Firms in the figure's cells that gave this answer."""
        return float((self.counts[self.items[figure.measure], code] * figure.cells).sum())

    def base_codes(self, follower: str, item: str, codes: list[int]) -> tuple[int, ...]:
        """The answers to an item that lead to the base of a measure: those whose number of firms is nearest to it."""
        answered = sum(number.sum() for (other, _), number in self.counts.items() if other == self.items[follower])
        sets = [part for size in range(1, len(codes) + 1) for part in itertools.combinations(codes, size)]
        return min(sets, key=lambda part: abs(sum(self.counts[item, code].sum() for code in part) - answered))


def _rows(connection: duckdb.DuckDBPyConnection, query: str, design_id: str) -> list[dict]:
    cursor = connection.execute(query, [design_id])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_wave(build_file: Path, design_id: str) -> Wave:
    """A design of the private build file, with the figures that its marts release."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        tables = {
            query: _rows(connection, query, design_id)
            for query in (CELLS, SEGMENTS, ANSWERS, SCORES, DOMAINS, BASES, RELEASED)
        }
        limits = connection.execute(LIMITS, [design_id]).fetchall()
    cells = tables[CELLS]
    place = {cell["design_cell"]: position for position, cell in enumerate(cells)}
    counts: dict[tuple[str, int], np.ndarray] = defaultdict(lambda: np.zeros(len(cells)))
    for row in tables[ANSWERS]:
        counts[row["variable_id"], row["code"]][place[row["design_cell"]]] += row["respondents"]
    segments = {}
    for row in tables[SEGMENTS]:
        segments[row["breakdown_id"], row["segment"]] = np.isin(
            [cell["design_cell"] for cell in cells], row["design_cells"]
        )
    items, scores, dependents = {}, defaultdict(dict), defaultdict(set)
    for row in tables[SCORES]:
        items[row["measure_id"]] = row["item_id"]
        scores[row["measure_id"]][row["code"]] = row["score"]
    for row in tables[BASES]:
        dependents[row["measure_id"]].add(row["dependent_id"])
    wave = Wave(design_id, cells, segments, counts, items, dict(scores), dependents, limits)
    domains: dict[str, np.ndarray] = {}
    for row in tables[DOMAINS]:
        inside = np.array(
            [(cell["attributes"] or {}).get(row["column_name"]) in row["list(category)"] for cell in cells]
        )
        domains[row["measure_id"]] = domains.get(row["measure_id"], True) & inside
    for row in tables[RELEASED]:
        key = (row["breakdown_id"], row["segment"])
        base = segments[key] & domains.get(row["measure_id"], np.ones(len(cells), dtype=bool))
        wave.figures[row["measure_id"], key] = Figure(row["measure_id"], base, row)
    return wave


def hidden_counts(wave: Wave) -> list[tuple[str, tuple[str, str]]]:
    """Measure and cell of every count of answers that is hidden for confidentiality.

    Not where everybody in the cell gave the same answer, which is about nobody.
    """
    return [
        (measure, key)
        for (measure, key), figure in wave.figures.items()
        if figure.row["is_suppressed"]
        and measure in wave.items
        and len({score for code, score in wave.scores[measure].items() if wave.given(figure, code)}) > 1
    ]
