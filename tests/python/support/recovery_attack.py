"""Whether a hidden count can be worked out from what is released of a wave, in whole numbers.

The attacker is given more than anybody has: the weights, the number of firms of every cell of the design, and every
answer but those in question. What is left open are the released digits. A hidden count stays hidden where firms can
have answered otherwise without any released digit changing: such a set of answers is a witness of another value. It is
looked for by a whole-number programme (HiGHS): the fewest firms that change between two answers so that the hidden
count is another one, every released share and total stays inside its last digit, the number of firms in every released
sub-population stays the same; then standard errors, design effects and effective sizes must round as they are released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

MOST_NODES = 1000
MOST_CELLS = 150
MOST_MOVED = 30
STEPS = (1, -1, 2, -2, 3, -3)

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
# The figures as they are released, beside the step that the public rule rounds them to.
RELEASED = """
select rounded.measure_id, rounded.breakdown_id, rounded.segment, rounded.statistic, rounded.is_suppressed,
    released.estimate, released.standard_error, released.design_effect, released.effective_sample_size,
    released.sample_size, rounded.value_factor, rounded.released_step, engine.estimate as true_estimate,
    engine.standard_error as true_standard_error, engine.design_effect as true_design_effect,
    engine.effective_sample_size as true_effective_sample_size
from intermediate.int_estimates_rounded as rounded
inner join intermediate.int_estimates as engine using (estimate_number)
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
    figures: dict[tuple[str, tuple[str, str]], Figure] = field(default_factory=dict)
    known: dict[int, tuple[float, float]] = field(default_factory=dict)

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

    def truth(self, figure: Figure) -> tuple[float, float]:
        """As `estimate`, of the answers as they are."""
        if id(figure) not in self.known:
            self.known[id(figure)] = estimate(self, figure)
        return self.known[id(figure)]

    def spread(self, columns: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Of these cells at most MOST_CELLS in the target and as many outside, of all weights."""
        chosen = []
        for side in (columns[target[columns]], columns[~target[columns]]):
            by_weight = side[np.argsort(self.weights[side], kind="stable")]
            chosen.append(by_weight[np.unique(np.linspace(0, len(side) - 1, min(len(side), MOST_CELLS)).astype(int))])
        return np.sort(np.concatenate(chosen))

    def question(self, measure: str) -> list[str]:
        """The measures on the item of a measure."""
        return [other for other, item in self.items.items() if item == self.items[measure]]


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
    wave = Wave(design_id, cells, segments, counts, items, dict(scores), dependents)
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


def estimate(wave: Wave, figure: Figure, moved: dict[int, np.ndarray] | None = None) -> tuple[float, float]:
    """The figure's value, and its variance up to a factor, where answers have moved: by code, firms a cell."""
    moved = moved or {}
    item, scores = wave.items[figure.measure], wave.scores[figure.measure]
    answers = {code: (wave.counts[item, code] + moved.get(code, 0)) * figure.cells for code in scores}
    weighted = {code: wave.weights * number for code, number in answers.items()}
    size = sum(number.sum() for number in weighted.values())
    total = sum(scores[code] * number.sum() for code, number in weighted.items())
    is_total = figure.row["statistic"] == "total"
    value = total if is_total else total / size
    deviations = {code: wave.weights * (scores[code] - (0 if is_total else value)) for code in scores}
    squares = sum(np.bincount(wave.strata, answers[code] * deviations[code] ** 2) for code in scores)
    sums = sum(np.bincount(wave.strata, answers[code] * deviations[code]) for code in scores)
    firms, factors = wave.stratum_factors
    variance = float((factors * (squares - sums**2 / firms)).sum())
    return value, variance / (1 if is_total else size**2)


def two_digits(value: float) -> float:
    """To two significant digits, as released."""
    return float(f"{value:.1e}")


def keeps_its_digits(wave: Wave, figure: Figure, moved: dict[int, np.ndarray]) -> bool:
    """Whether estimate, standard error, design effect and effective size of a released figure round as before."""
    row = figure.row
    (before, variance_before), (after, variance_after) = wave.truth(figure), estimate(wave, figure, moved)
    factor = row["value_factor"]
    if abs(factor * after - row["estimate"]) > 0.5 * row["released_step"] + 1e-9 * abs(factor * after):
        return False
    if not variance_before > 0:
        return abs(after - before) < 1e-12
    ratio = variance_after / variance_before
    error = factor * row["true_standard_error"] * np.sqrt(ratio)
    if abs(error - row["standard_error"]) > 0.5 * row["released_step"] + 1e-9 * error:
        return False
    if row["design_effect"] is None:
        return True
    spread = before * (1 - before) / (after * (1 - after)) if 0 < after < 1 and 0 < before < 1 else 1.0
    effect, size = row["true_design_effect"] * ratio * spread, row["true_effective_sample_size"] / (ratio * spread)
    return (
        abs(two_digits(effect) - row["design_effect"]) <= 1e-9
        and abs(two_digits(size) - row["effective_sample_size"]) <= 1e-9 * size
    )


def _pairs(wave: Wave, measure: str, key: tuple[str, str]) -> Iterator[tuple[int, int, list[str]]]:
    """Pairs of answers that the measure tells apart and that no released measure of its question tells apart in this
    cell, those with the most firms first; with the measures that do tell them apart.
    """
    scores, found = wave.scores[measure], []
    for upper in scores:
        for lower in scores:
            if scores[upper] <= scores[lower]:
                continue
            apart = [
                other
                for other in wave.question(measure)
                if wave.scores[other].get(upper) != wave.scores[other].get(lower)
            ]
            if all(
                (other, key) not in wave.figures or wave.figures[other, key].row["estimate"] is None for other in apart
            ):
                base = wave.figures[measure, key].cells
                item = wave.items[measure]
                firms = [(wave.counts[item, code] * base).sum() for code in (upper, lower)]
                found.append((-min(firms), -max(firms), upper, lower, apart))
    return ((upper, lower, apart) for *_, upper, lower, apart in sorted(found))


def _constraints(
    wave: Wave, apart: list[str], upper: int, lower: int
) -> list[tuple[np.ndarray, float, float, Figure | None]]:
    """What is released about firms that move from the lower to the upper answer: coefficients, least and most."""
    rows = []
    for (measure, key), figure in wave.figures.items():
        if measure in apart and figure.row["estimate"] is not None:
            scores = wave.scores[measure]
            if upper not in scores or lower not in scores:
                rows.append((figure.cells * 1.0, 0.0, 0.0, None))
                continue
            value, size = wave.truth(figure)[0], 1.0
            if figure.row["statistic"] != "total":
                size = sum(
                    (wave.weights * wave.counts[wave.items[measure], code] * figure.cells).sum() for code in scores
                )
            factor, half = figure.row["value_factor"], 0.5 * figure.row["released_step"]
            slack = figure.row["estimate"] - factor * value
            coefficients = factor * figure.cells * wave.weights * (scores[upper] - scores[lower]) / size
            rows.append((coefficients, slack - half, slack + half, figure))
        elif any(measure in wave.dependents[other] for other in apart) and not figure.row["is_suppressed"]:
            # the number of firms in a sub-population is released as it is
            rows.append((wave.segments[key] * 1.0, 0.0, 0.0, None))
    return rows


def possible_values(wave: Wave, measure: str, key: tuple[str, str], enough: int = 3) -> set[int]:
    """Changes of a hidden count that no released digit excludes, 0 (the truth) among them, up to `enough`."""
    figure, item = wave.figures[measure, key], wave.items[measure]
    values = {0}
    breakdown = key[0]
    hidden = np.zeros(len(wave.cells), dtype=bool)
    for (other, place), row in wave.figures.items():
        if other == measure and place[0] == breakdown and row.row["estimate"] is None:
            hidden |= row.cells
    for upper, lower, apart in _pairs(wave, measure, key):
        most = np.minimum(wave.counts[item, lower], MOST_MOVED) * hidden
        least = np.minimum(wave.counts[item, upper], MOST_MOVED) * hidden
        columns = wave.spread(np.flatnonzero(most + least), figure.cells)
        rows = _constraints(wave, apart, upper, lower)
        matrix = np.array([row[0][columns] for row in rows]).reshape(len(rows), len(columns))
        target = figure.cells[columns] * 1.0
        for step in STEPS:
            # x = up - down, with as few firms as possible
            wide = np.vstack([matrix, target]) if len(rows) else target[None, :]
            result = milp(
                np.ones(2 * len(columns)),
                constraints=LinearConstraint(
                    np.hstack([wide, -wide]), [row[1] for row in rows] + [step], [row[2] for row in rows] + [step]
                ),
                bounds=Bounds(0, np.concatenate([most[columns], least[columns]])),
                integrality=np.ones(2 * len(columns)),
                options={"node_limit": MOST_NODES, "mip_rel_gap": 0.5},
            )
            if result.x is None:
                continue
            solution = np.round(result.x).astype(int)
            change = np.zeros(len(wave.cells))
            change[columns] = solution[: len(columns)] - solution[len(columns) :]
            moved = {upper: change, lower: -change}
            touched = [row[3] for row in rows if row[3] is not None and (row[0] * np.abs(change)).any()]
            if all(keeps_its_digits(wave, other, moved) for other in touched):
                values.add(step)
            if len(values) >= enough:
                return values
    return values


def hidden_counts(wave: Wave) -> list[tuple[str, tuple[str, str]]]:
    """Measure and cell of every count of answers that is hidden for confidentiality."""
    return [
        (measure, key)
        for (measure, key), figure in wave.figures.items()
        if figure.row["is_suppressed"] and measure in wave.items
    ]
