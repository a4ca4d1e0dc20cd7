"""Whether a hidden count can be worked out from what is released of a wave, in whole numbers.

The attacker is given more than anybody has: the weights, the number of firms of every cell of the design, and every
answer but those in question. What is left open are the released digits. A hidden count stays hidden where firms can
have answered otherwise without any released digit changing: such a set of answers is a witness of another value. It is
looked for by a whole-number programme (HiGHS): the fewest firms that change between two answers so that the hidden
count is another one, every released share and total stays inside its last digit, the number of firms in every released
sub-population stays the same; then standard errors, design effects and effective sizes must round as they are released.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

MOST_NODES = 1000
MOST_CELLS = 40
MOST_MOVED = 30
MOST_PAIRS = 3
TRIES = 3
ROUNDED_TO = 5
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
    released.estimate, released.standard_error, released.ci_lower, released.ci_upper, released.design_effect,
    released.effective_sample_size, released.sample_size, rounded.value_factor, rounded.released_step,
    rounded.worth_of_three, engine.estimate as true_estimate,
    engine.standard_error as true_standard_error, engine.ci_lower as true_ci_lower, engine.ci_upper as true_ci_upper,
    engine.design_effect as true_design_effect,
    engine.effective_sample_size as true_effective_sample_size,
    rule.has_rare_answer and suppressions.suppression_reason = 'few_answers' and not rule.is_sensitive as is_rare
from intermediate.int_estimates_rounded as rounded
inner join intermediate.int_estimates as engine using (estimate_number)
inner join intermediate.int_disclosure_cells as rule using (estimate_number)
left join intermediate.int_suppressions_united as suppressions using (estimate_number)
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
class Row:
    """A linear constraint: what a firm counts that comes to an answer (rows) in a cell (columns), and its limits."""

    firms: np.ndarray
    least: float
    most: float


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

    def base_codes(self, follower: str, item: str, codes: list[int]) -> tuple[int, ...]:
        """The answers to an item that lead to the base of a measure: those whose number of firms is nearest to it."""
        answered = self.counts_of(self.items[follower]).sum()
        sets = [part for size in range(1, len(codes)) for part in itertools.combinations(codes, size)]
        return min(sets, key=lambda part: abs(sum(self.counts[item, code].sum() for code in part) - answered))

    def counts_of(self, item: str) -> np.ndarray:
        """Firms of each cell that answered an item."""
        return np.sum([number for (other, _), number in self.counts.items() if other == item], axis=0)

    def given(self, figure: Figure, code: int) -> float:
        """Firms in the figure's cells that gave this answer."""
        return float((self.counts[self.items[figure.measure], code] * figure.cells).sum())

    def size(self, figure: Figure) -> float:
        """Weighted number of firms that answered."""
        answers = sum(self.counts[self.items[figure.measure], code] for code in self.scores[figure.measure])
        return float((self.weights * answers * figure.cells).sum())

    def spread(self, counts: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Cells whose firms may move: of those in the target and of those outside at most MOST_CELLS, of all weights.

        As many of those where the rarest answer was given come besides; counts has a row an answer.
        """
        rarest = counts[np.argmin((counts * target).sum(axis=1))]
        chosen = []
        for side in (target, ~target):
            for wanted in (rarest, counts.sum(axis=0)):
                columns = np.flatnonzero(side & (wanted > 0))
                by_weight = columns[np.argsort(self.weights[columns], kind="stable")]
                chosen.append(
                    by_weight[np.unique(np.linspace(0, len(columns) - 1, min(len(columns), MOST_CELLS)).astype(int))]
                )
        return np.unique(np.concatenate(chosen))

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
    ratio, step = variance_after / variance_before, row["released_step"]
    error = factor * row["true_standard_error"] * np.sqrt(ratio)
    if abs(max(step, step * np.round(error / step)) - row["standard_error"]) > 1e-6 * step:
        return False
    for bound in ("ci_lower", "ci_upper"):
        half = factor * abs(row[f"true_{bound}"] - row["true_estimate"]) * np.sqrt(ratio)
        # where the bound is that of a share, 0 or 100 %, it shows nothing
        if row[bound] not in (0, factor) and abs(half - abs(row[bound] - row["estimate"])) > 0.5001 * step:
            return False
    if row["design_effect"] is None:
        return True
    spread = before * (1 - before) / (after * (1 - after)) if 0 < after < 1 and 0 < before < 1 else 1.0
    effect, size = row["true_design_effect"] * ratio * spread, row["true_effective_sample_size"] / (ratio * spread)
    return (
        abs(two_digits(effect) - row["design_effect"]) <= 1e-9
        and abs(two_digits(size) - row["effective_sample_size"]) <= 1e-9 * size
    )


def _slope(wave: Wave, figure: Figure, codes: list[int]) -> np.ndarray:
    """By how much of itself the variance of a figure changes with a firm more of each answer (rows) in each cell."""
    scores, answers = wave.scores[figure.measure], wave.counts
    item, (value, variance) = wave.items[figure.measure], wave.truth(figure)
    is_total = figure.row["statistic"] == "total"
    size = 1.0 if is_total else wave.size(figure)
    firms, factors = wave.stratum_factors
    deviations = {
        code: figure.cells * wave.weights * (score - (0 if is_total else value)) for code, score in scores.items()
    }
    sums = sum(np.bincount(wave.strata, answers[item, code] * deviation) for code, deviation in deviations.items())
    weighed = sum(answers[item, code] for code in scores) * figure.cells * wave.weights
    squares = sum(answers[item, code] * deviation for code, deviation in deviations.items()) * wave.weights
    by_value = 0.0  # how the variance changes with the value that deviations are taken from
    if not is_total:
        by_value = float(
            (
                factors
                * (-2 * np.bincount(wave.strata, squares) + 2 * sums * np.bincount(wave.strata, weighed) / firms)
            ).sum()
        )
    change = np.zeros((len(codes), len(wave.cells)))
    for at, code in enumerate(codes):
        if code in scores:
            own = deviations[code]
            change[at] = factors[wave.strata] * (own**2 - 2 * own * (sums / firms)[wave.strata]) + by_value * own / size
            change[at] -= 0 if is_total else 2 * variance * size * wave.weights * figure.cells
    return change / (variance * size**2)


def _ratios(figure: Figure) -> tuple[float, float]:
    """Between which parts of itself the variance leaves standard error and bounds as they are released."""
    row, step = figure.row, figure.row["released_step"]
    error = row["value_factor"] * row["true_standard_error"]
    shown = row["standard_error"]
    low, high = (0.0 if shown < 1.1 * step else (shown - step / 2) / error), (shown + step / 2) / error
    for bound in ("ci_lower", "ci_upper"):
        half = row["value_factor"] * abs(row[f"true_{bound}"] - row["true_estimate"])
        if row[bound] not in (0, row["value_factor"]) and half > 0:
            distance = abs(row[bound] - row["estimate"])
            low, high = max(low, (distance - step / 2) / half), min(high, (distance + step / 2) / half)
    return max(low, 0.0) ** 2 - 1, high**2 - 1


def _kept(wave: Wave, figure: Figure, codes: list[int]) -> list[Row]:
    """What the released digits of one figure say about firms that move between these answers."""
    row, scores = figure.row, wave.scores[figure.measure]
    scored = np.array([code in scores for code in codes]) * 1.0
    values = np.array([scores.get(code, 0.0) for code in codes])
    (value, variance), size, weights = wave.truth(figure), wave.size(figure), figure.cells * wave.weights
    low, high = ((row["estimate"] + side * 0.5 * row["released_step"]) / row["value_factor"] for side in (-1, 1))
    if not variance > 0:  # everybody gave the same answer
        return [Row(np.outer(values, figure.cells), 0.0, 0.0), Row(np.outer(scored, figure.cells), 0.0, 0.0)]
    if row["statistic"] == "total":
        kept = [Row(np.outer(values, weights), low - value, high - value)]
    else:
        kept = [
            Row(np.outer(values - low * scored, weights), (low - value) * size, np.inf),
            Row(np.outer(values - high * scored, weights), -np.inf, (high - value) * size),
        ]
    if not scored.all():  # the number of firms that answered is released as it is
        kept.append(Row(np.outer(scored, figure.cells), 0.0, 0.0))
    return [*kept, Row(_slope(wave, figure, codes), *_ratios(figure))]


def _constraints(wave: Wave, measure: str, codes: list[int]) -> list[Row]:
    """All that the release says about firms that move between these answers to the question of a measure."""
    question, item, rows = wave.question(measure), wave.items[measure], []
    followers = set().union(*(wave.dependents.get(other, set()) for other in question))
    for (other, key), figure in wave.figures.items():
        if other in question and figure.row["estimate"] is not None:
            rows += _kept(wave, figure, codes)
        elif other in followers and not figure.row["is_suppressed"]:
            # the number of firms in a sub-population is released as a multiple of five
            inside = wave.base_codes(other, item, codes)
            number = sum((wave.counts[item, code] * wave.segments[key]).sum() for code in codes if code in inside)
            low, high = ROUNDED_TO * np.round(number / ROUNDED_TO) - number + np.array([-2, 2])
            rows.append(Row(np.outer([code in inside for code in codes], wave.segments[key]), low, high))
    return rows


def _search(wave: Wave, figure: Figure, codes: list[int], change: float, costs: np.random.Generator) -> bool:
    """Whether firms can have answered so that the hidden sum of scores differs by `change`, and no released digit does.

    A whole-number programme with a variable a cell and answer, for firms that come and for firms that go.
    """
    item, scores = wave.items[figure.measure], wave.scores[figure.measure]
    counts = np.array([wave.counts[item, code] for code in codes])
    values = np.array([scores.get(code, 0.0) for code in codes])
    columns = wave.spread(counts, figure.cells)
    rows = _constraints(wave, figure.measure, codes) + [Row(np.outer(values, figure.cells), change, change)]
    inside = [row for row in rows if row.firms[:, columns].any()]
    if len(inside) == 0 or not (figure.cells[columns]).any():
        return False
    matrix = np.array([row.firms[:, columns].ravel() for row in inside])
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12)
    low, high = (np.array([getattr(row, end) for row in inside]) / scale for end in ("least", "most"))
    same_firms = np.tile(np.eye(len(columns)), (1, len(codes)))  # a firm that leaves an answer takes another
    wide = np.vstack([matrix / scale[:, None], same_firms])
    still = np.zeros(len(columns))
    firms = counts[:, columns].ravel()
    room = np.minimum(np.tile(counts[:, columns].sum(axis=0), len(codes)) - firms, MOST_MOVED)
    for _ in range(TRIES):
        result = milp(
            costs.uniform(1, 1.5, 2 * len(firms)),
            constraints=LinearConstraint(
                np.hstack([wide, -wide]), np.concatenate([low - 1e-9, still]), np.concatenate([high + 1e-9, still])
            ),
            bounds=Bounds(0, np.concatenate([room, np.minimum(firms, MOST_MOVED)])),
            integrality=np.ones(2 * len(firms)),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 0.9},
        )
        if result.x is None:
            return False
        solution = np.round(result.x).astype(int)
        moved = {}
        for at, code in enumerate(codes):
            moved[code] = np.zeros(len(wave.cells))
            part = slice(at * len(columns), (at + 1) * len(columns))
            moved[code][columns] = solution[: len(firms)][part] - solution[len(firms) :][part]
        touched = [
            other
            for (measure, _), other in wave.figures.items()
            if other.row["estimate"] is not None
            and measure in wave.question(figure.measure)
            and any((other.cells * change).any() for change in moved.values())
        ]
        if all(keeps_its_digits(wave, other, moved) for other in touched):
            return True
    return False


def possible_values(wave: Wave, measure: str, key: tuple[str, str], enough: int = 3) -> set[float]:
    """Changes of a hidden sum of scores that no released digit excludes, 0 (the truth) among them, up to `enough`."""
    figure, item, scores = wave.figures[measure, key], wave.items[measure], wave.scores[measure]
    codes = sorted({code for other in wave.question(measure) for code in wave.scores[other]})
    levels = sorted(set(scores.values()))
    gap = min((upper - lower for lower, upper in itertools.pairwise(levels)), default=1)
    costs = np.random.default_rng(20261128)
    found = {0.0}
    pairs = [
        [lower, upper]
        for lower, upper in itertools.combinations(codes, 2)
        if scores.get(lower, 0.0) != scores.get(upper, 0.0)
    ]
    pairs.sort(key=lambda pair: -min((wave.counts[item, code] * figure.cells).sum() for code in pair))
    for moving in [*pairs[:MOST_PAIRS], codes]:
        for step in STEPS:
            if step * gap not in found and _search(wave, figure, moving, step * gap, costs):
                found.add(step * gap)
            if len(found) >= enough:
                return found
    return found


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
