"""What the models int_calibration_factors and int_estimate_residual_variances hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smv_ai.survey.inference import reading
from smv_ai.survey.inference.calibration import Problem, factors
from smv_ai.survey.inference.degrees_of_freedom import Rule, degrees_of_freedom, design_degrees_of_freedom
from smv_ai.survey.inference.reading import Group, Relations, Table, Variable, rules_of
from smv_ai.survey.inference.replicates import replicated_sides
from smv_ai.survey.inference.sample import Numbers, Places, Sample, parts
from smv_ai.survey.inference.variance import Forms, average_factor, variances

LISTS = ("category_numbers", "population_counts", "total_values", "totals")
FACTORS = pa.schema(
    {
        "calibration_cell": pa.int64(),
        "calibration_factor": pa.float64(),
        "rounds": pa.int64(),
        "largest_margin_error": pa.float64(),
    }
)
VARIANCES = pa.schema(
    {
        "estimate_number": pa.int64(),
        "variance": pa.float64(),
        "degrees_of_freedom": pa.float64(),
        "segment_degrees_of_freedom": pa.float64(),
    }
)
# one number for measure and segment: see int_estimate_cells
SEGMENTS_A_MEASURE = 1_000_000_000
# Numbers in a matrix of groups by cells: with more, Python asks the system for the memory of each matrix anew, which
# takes as long as the arithmetic.
AT_ONCE = 2**14
CELLS = """
    select * from calibration_cells
    order by calibration_id, within_category, calibration_cell
"""


def calibration_factors(connection: duckdb.DuckDBPyConnection, relations: Relations, most_rounds: int) -> pa.Table:
    """The schema FACTORS, a row per calibration cell; the largest miss of a margin or total is the calibration's."""
    rows: list[dict] = []
    for _, calibration in parts(reading.rows_of(connection, CELLS, relations), "calibration_id"):
        found = [_calibrated(part, most_rounds) for _, part in parts(calibration, "within_category")]
        worst = max((error for *_, error in found), key=lambda error: np.inf if np.isnan(error) else error)
        for cells, factor, rounds, _ in found:
            rows += [
                {
                    "calibration_cell": int(cell),
                    "calibration_factor": float(one) if np.isfinite(one) else None,
                    "rounds": rounds,
                    "largest_margin_error": float(worst) if np.isfinite(worst) else None,
                }
                for cell, one in zip(cells, factor, strict=True)
            ]
    return pa.Table.from_pylist(rows, FACTORS)


def _calibrated(part: Table, most_rounds: int) -> tuple[Numbers, Numbers, int, float]:
    problem = _problem(part)
    if problem is None:  # a category without a population count: int_response_problems names it
        return part["calibration_cell"], np.full(len(part["sum_d"]), np.nan), 0, np.nan
    lower, upper = (float(part[name][0]) for name in ("calibration_lower", "calibration_upper"))
    bounds = (-np.inf if np.isnan(lower) else lower, np.inf if np.isnan(upper) else upper)
    factor, rounds = factors(str(part["calibration_method"][0]), problem, bounds, most_rounds)
    reached = problem.indicators.T @ (problem.weights * factor)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.abs(np.where((reached == 0) & (problem.targets == 0), 0.0, reached / problem.targets - 1))
    return part["calibration_cell"], factor, rounds, float(errors.max(initial=0))


def _problem(part: Table) -> Problem | None:
    lists = {name: np.array(part[name].tolist(), dtype=float).reshape(len(part["sum_d"]), -1) for name in LISTS}
    numbers = lists["category_numbers"]
    if np.isnan(numbers).any():
        return None
    categories, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    counts = lists["population_counts"].ravel()[first]
    return Problem(
        weights=part["sum_d"].astype(float),
        categories=place.reshape(numbers.shape).astype(np.int64),
        values=lists["total_values"],
        targets=np.concatenate([counts, lists["totals"][0]]) if len(categories) else lists["totals"][0],
    )


def residual_variances(connection: duckdb.DuckDBPyConnection, relations: Relations) -> pa.Table:
    """The schema VARIANCES, of every estimate with calibrated weights, or with errors from replicate weights.

    Degrees of freedom are those of the replicate weights, by the rule of the design.
    """
    rules = rules_of(connection, relations)
    samples = reading.samples(reading.rows_of(connection, reading.SAMPLES, relations))
    segments = reading.by_design(reading.rows_of(connection, reading.SEGMENTS, relations))
    measures = reading.by_design(reading.rows_of(connection, reading.MEASURES, relations))
    rows: list[dict] = []
    for design_id in sorted(measures.keys() & segments.keys()):
        sample = samples[design_id]
        groups = reading.groups(segments[design_id], sample)
        blocks: dict[tuple[int, ...], list[Block]] = {}  # most measures have the same groups
        for variable in reading.variables(measures[design_id], sample):
            taken = [group for group in groups if group.takes(variable.item_id)]
            if sample.replicates is not None:
                rows += _replicate_variances_of(sample, variable, taken, rules[design_id])
            elif sample.calibration is not None:
                numbers = tuple(group.segment_number for group in taken)
                if numbers not in blocks:
                    blocks = {numbers: list(_blocks(taken, len(sample.n)))}
                for block in blocks[numbers]:
                    rows += _variances_of(sample, variable, block)
    return pa.Table.from_pylist(rows, VARIANCES)


def _replicate_variances_of(sample: Sample, variable: Variable, groups: list[Group], rule: Rule) -> Iterator[dict]:
    """Of one measure in every segment."""
    assert sample.replicates is not None
    measure, is_total = variable.own_sums, variable.is_total
    inside = _inside(sample, groups)[:, measure.place]
    weighted = np.zeros((len(groups), len(sample.n)))
    weighted[:, measure.place] = inside * measure.weighted
    estimate = np.zeros(len(groups))
    replicated = np.zeros((len(groups), len(sample.replicates.rscales)))
    # the two sides of a change are one statistic; what each is shifted by is in no deviation
    for sign in _signs(sample):
        side = inside * (sample.sign[measure.place] == sign)
        offset = side * measure.offset
        if not is_total:
            least = np.where(side > 0, offset, np.inf).min(axis=1, keepdims=True, initial=np.inf)
            offset -= side * np.where(np.isfinite(least), least, 0.0)
        total_y, total_x = side @ measure.sum_wy + offset @ measure.sum_wx, side @ measure.sum_wx
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate += sign * np.where(side.any(axis=1), total_y if is_total else total_y / total_x, np.nan)
        replicated += sign * replicated_sides(sample.replicates, measure, side, is_total, offset)
    found = sample.replicates.variance(replicated, estimate)
    degrees = degrees_of_freedom(rule, sample, weighted, design_degrees_of_freedom(sample))
    # a beta interval needs those of its rows, whatever the rule of the design
    of_segment = degrees_of_freedom(Rule("segment", rule.level), sample, weighted, 0.0) if rule.has_beta else None
    for place in np.flatnonzero(np.isfinite(estimate)):
        yield {
            "estimate_number": variable.measure_number * SEGMENTS_A_MEASURE + groups[place].segment_number,
            "variance": float(found[place]) if np.isfinite(found[place]) else None,
            "degrees_of_freedom": float(degrees[place]),
            "segment_degrees_of_freedom": None if of_segment is None else float(of_segment[place]),
        }


def _inside(sample: Sample, groups: list[Group]) -> Numbers:
    """1 where a cell is in a group (groups × cells)."""
    inside = np.zeros((len(groups), len(sample.n)))
    for place, group in enumerate(groups):
        inside[place, group.cells] = 1.0
    return inside


def _signs(sample: Sample) -> Numbers:
    """1 and, of a change, -1; cells on neither side of it have none."""
    return np.unique(sample.sign[np.isfinite(sample.sign)])


@dataclass(frozen=True)
class Block:
    """Groups with each of their cells: the place of the group among them, and that of the cell in the sample."""

    groups: list[Group]
    group: Places
    cell: Places


def _blocks(groups: list[Group], cells: int) -> Iterator[Block]:
    """The groups, as many at a time as their matrices stay small with so many cells."""
    size = max(AT_ONCE // cells, 1)
    for start in range(0, len(groups), size):
        part = groups[start : start + size]
        group = np.repeat(np.arange(len(part)), [len(group.cells) for group in part])
        yield Block(part, group, np.concatenate([group.cells for group in part]))


def _variances_of(sample: Sample, variable: Variable, block: Block) -> Iterator[dict]:
    """Of one measure in some segments; the two sides of a change are one form."""
    measure = variable.own_sums
    row_of_cell = np.full(len(sample.n), -1)
    row_of_cell[measure.place] = np.arange(len(measure.place))
    row = row_of_cell[block.cell]
    group, row = block.group[row >= 0], row[row >= 0]
    forms, exists = _forms(sample, variable, len(block.groups), group, row)
    has_rows = np.zeros((len(block.groups), len(sample.n)))
    has_rows[group, measure.place[row]] = measure.n[row]
    found = variances(sample, measure, forms) * average_factor(sample, has_rows)
    for place in np.flatnonzero(exists):
        yield {
            "estimate_number": variable.measure_number * SEGMENTS_A_MEASURE + block.groups[place].segment_number,
            "variance": float(found[place]) if np.isfinite(found[place]) else None,
        }


def _forms(
    sample: Sample, variable: Variable, groups: int, group: Places, row: Places
) -> tuple[Forms, NDArray[np.bool_]]:
    """The forms of the estimates of a measure, and whether each exists; `group` has the `row` of the measure.

    y is counted from the smallest shift of the rows of a group, so that its own numbers keep what tells them apart:
    with offset o, a y + b x is a (y - o) + (b + a o) x, as x is 1.
    """
    measure = variable.own_sums
    offset = np.broadcast_to(measure.offset, measure.n.shape)
    a, b, exists = np.zeros(len(row)), np.zeros(len(row)), np.ones(groups, dtype=bool)
    for sign in _signs(sample):
        is_side = sample.sign[measure.place[row]] == sign
        of, at = group[is_side], row[is_side]
        if variable.is_total:
            a[is_side], b[is_side] = sign, sign * offset[at]
            exists &= np.bincount(of, minlength=groups) > 0
            continue
        least = np.full(groups, np.inf)
        np.minimum.at(least, of, offset[at])
        left = offset[at] - least[of]
        x = np.bincount(of, measure.sum_wx[at], groups)
        y = np.bincount(of, measure.sum_wy[at] + left * measure.sum_wx[at], groups)
        exists &= x != 0
        with np.errstate(divide="ignore", invalid="ignore"):
            by_y, by_x = sign / x, -sign * y / x**2
        a[is_side], b[is_side] = by_y[of], by_x[of] + by_y[of] * left
    kept = exists[group]
    return Forms(groups, group[kept], row[kept], a[kept], b[kept]), exists
