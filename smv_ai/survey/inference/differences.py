"""Two groups of one sample: the difference of their estimates and the ratio of their means, with their covariance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from smv_ai.survey.inference.covariance import covariances_of_totals
from smv_ai.survey.inference.degrees_of_freedom import Rule, degrees_of_freedom, design_degrees_of_freedom
from smv_ai.survey.inference.probabilities import benjamini_hochberg, holm, t_quantile, t_tail
from smv_ai.survey.inference.reading import Group, Variable
from smv_ai.survey.inference.replicates import Replicates, replicated_sides
from smv_ai.survey.inference.sample import ROUNDING, Measure, Numbers, Places, Sample, counted_from
from smv_ai.survey.inference.variance import Forms, average_factor, variances

# More groups have hundreds of pairs that nobody reads: each is compared with the rest, stated pairs with each other.
MOST_GROUPS_PAIRED = 25
PAIRS_AT_ONCE = 64
REST = "rest"

Mask = NDArray[np.bool_]
Row = dict[str, Any]


@dataclass(frozen=True)
class Stated:
    """A pair of two segments that is asked for, and the family of its adjusted p values.

    Without a name it is one of the pairs of its breakdown, and the family is those that are asked for.
    """

    comparison_id: str | None
    a: tuple[str, str]
    b: tuple[str, str]
    family: str


@dataclass(frozen=True)
class Pair:
    """Two sides by their place in the list of sides: segments, or a segment and the rest of its breakdown.

    `family`: whose p values are adjusted together; None where it counts in none.
    """

    kind: str
    comparison_id: str | None
    family: str | None
    a: int
    b: int


@dataclass(frozen=True)
class Sides:
    """Every set of cells that is compared: the group it is (or whose rest it is), and the groups that it consists of.

    `cells` (groups × cells of the sample) says where the groups are, `members` (sides × groups) what a side has in it.
    """

    groups: list[Group]
    is_rest: list[bool]
    cells: Mask
    members: Numbers
    pairs: list[Pair]


def sides_of(sample: Sample, groups: list[Group], stated: Iterable[Stated]) -> Sides:
    """What is compared: groups of a breakdown that differ in one column, every group and the rest, and stated pairs."""
    masks = np.zeros((len(groups), len(sample.n)), dtype=bool)
    for mask, group in zip(masks, groups, strict=True):
        mask[group.cells] = True
    place = {(group.breakdown_id, group.segment): number for number, group in enumerate(groups)}
    asked = [one for one in stated if one.a in place and one.b in place]
    pairs = [
        Pair("stated", one.comparison_id, one.family, place[one.a], place[one.b])
        for one in asked
        if one.comparison_id is not None
    ]
    # where pairs of a breakdown are asked for, the others count in no family
    chosen: dict[str, set[frozenset[int]]] = {}
    for one in [one for one in stated if one.comparison_id is None]:
        chosen.setdefault(one.a[0], set()).update({frozenset({place[one.a], place[one.b]})} if one in asked else ())
    named, rests = list(groups), []
    for breakdown in dict.fromkeys(group.breakdown_id for group in groups):
        members = [number for number, group in enumerate(groups) if group.breakdown_id == breakdown]
        if len(members) < 2:
            continue
        for pair in _pairs_of_breakdown(breakdown, {number: groups[number].categories for number in members}):
            is_in = breakdown not in chosen or frozenset({pair.a, pair.b}) in chosen[breakdown]
            pairs.append(pair if is_in else replace(pair, family=None))
        if len(members) == 2:  # each is the rest of the other
            continue
        rests.append(members)
        for number in members:
            pairs.append(Pair(REST, None, f"{breakdown} rest", number, len(named)))
            named.append(groups[number])
    indicator = np.zeros((len(named), len(groups)))
    np.fill_diagonal(indicator, 1.0)
    first = len(groups)
    for members in rests:
        indicator[first : first + len(members), members] = 1.0 - np.eye(len(members))
        first += len(members)
    return Sides(named, [place >= len(groups) for place in range(len(named))], masks, indicator, pairs)


def _pairs_of_breakdown(breakdown: str, members: dict[int, tuple[str, ...]]) -> Iterator[Pair]:
    columns = [set(values) for values in zip(*members.values(), strict=True)]
    if any(len(values) > MOST_GROUPS_PAIRED for values in columns):
        return
    numbers = list(members)
    for i, a in enumerate(numbers):
        for b in numbers[i + 1 :]:
            if sum(x != y for x, y in zip(members[a], members[b], strict=True)) == 1:
                yield Pair("pair", None, f"{breakdown} pairs", a, b)


def compared(sample: Sample, variables: Iterable[Variable], sides: Sides, rule: Rule) -> Iterator[Row]:
    """A row for each measure and pair of which both sides have an estimate."""
    if not sides.pairs:
        return
    design_df = design_degrees_of_freedom(sample)
    rows: list[Row] = []
    for variable in variables:
        columns = _columns(sample, variable, sides, rule, design_df)
        rows += _rows(sample, variable, sides, columns)
    yield from _with_families(rows)


def _columns(sample: Sample, variable: Variable, sides: Sides, rule: Rule, design_df: float) -> dict[str, Numbers]:
    measure, is_total = variable.sums, variable.is_total
    inside = csr_matrix(sides.cells[:, measure.place].astype(float))
    difference_of = differences_of(sample, variable, inside, sides.members)
    estimate, base = difference_of.estimate, difference_of.base
    mean = estimate + base
    a, b = (np.array([getattr(pair, side) for pair in sides.pairs]) for side in ("a", "b"))
    df, factor = _degrees_and_factor(sample, measure, sides, rule, design_df, (a, b))
    k = t_quantile(df, rule.level)
    respondents = sides.members @ (inside @ measure.n)
    error = np.sqrt(difference_of.variance(a, b) * factor)
    difference = (base[a] - base[b]) + (estimate[a] - estimate[b])
    columns = {
        "estimate_a": mean[a],
        "estimate_b": mean[b],
        "respondents_a": respondents[a],
        "respondents_b": respondents[b],
        "difference": difference,
        "standard_error": error,
        "degrees_of_freedom": df,
        **_tested(difference, error, df),
        "ci_lower": difference - k * error,
        "ci_upper": difference + k * error,
    }
    if is_total:
        return columns
    variance, log_ratio = difference_of.log_ratio(a, b)
    return columns | _ratio(log_ratio, np.sqrt(variance * factor), df, k)


def _degrees_and_factor(
    sample: Sample, measure: Measure, sides: Sides, rule: Rule, design_df: float, pairs: tuple[Places, Places]
) -> tuple[Numbers, Numbers]:
    """Degrees of freedom and the factor of lonely strata of each pair."""
    a, b = pairs
    if not rule.degrees_of_freedom.startswith("segment") and sample.lonely_rule != "average":
        return degrees_of_freedom(rule, sample, np.zeros((len(a), 1)), design_df), np.ones(len(a))
    cells = (sides.members @ sides.cells) > 0
    weighted, rows = np.zeros(len(sample.n)), np.zeros(len(sample.n))
    np.maximum.at(weighted, measure.place, measure.weighted)
    rows[measure.place] = 1.0
    either = cells[a] | cells[b]
    return degrees_of_freedom(rule, sample, either * weighted, design_df), average_factor(sample, either * rows)


class _Differences:
    """The estimates of all sides of a measure and their covariance, or their values by replicate.

    Of a pair the variance is V(a) + V(b) - 2 C(a, b). Estimates are counted from `base`.
    """

    estimate: Numbers
    base: Numbers
    again: Numbers
    replicates: Replicates | None

    def __init__(
        self, sample: Sample, measure: Measure, inside: csr_matrix, members: Numbers, *, is_total: bool
    ) -> None:
        """`inside` (groups × cells of the measure) is 1 where a cell is in a group; `members` is that of Sides."""
        self.replicates = sample.replicates
        y, x = members @ (inside @ measure.sum_wy), members @ (inside @ measure.sum_wx)
        has_rows = members @ (inside @ measure.n) > 0
        self.base = np.full(len(y), measure.shift)
        if is_total:
            self.estimate = np.where(has_rows, y, np.nan)
            by_y, by_x = np.ones(len(y)), np.zeros(len(y))
        else:
            # a mean, as a ratio of totals: see influence_total
            x = np.where(x == 0, np.nan, x)
            self.estimate = y / x
            by_y, by_x = 1 / x, -self.estimate / x
        if sample.replicates is not None:
            cells = (members @ inside.toarray()) > 0
            self.again = replicated_sides(sample.replicates, measure, cells.astype(float), is_total)
            return
        known = np.isfinite(self.estimate)
        if not is_total:
            # counted from the mean of all, so that groups that hardly differ from it lose nothing to rounding
            measure = centred(measure)
            by_x = -(members @ (inside @ measure.sum_wy)) / x**2
        slopes = np.hstack([members * by_y[:, None], members * by_x[:, None]])[known]
        of_totals = covariances_of_totals(sample, measure, inside)
        self.covariance = np.full((len(known), len(known)), np.nan)
        self.covariance[np.ix_(known, known)] = slopes @ of_totals @ slopes.T
        half = len(of_totals) // 2
        self.apart = np.full(len(known), np.nan)
        # what the variances of y and of x are alone: where they cancel in a side, only their rounding is left
        self.apart[known] = sum(
            (part @ block * part).sum(axis=1)
            for part, block in (
                (slopes[:, :half], of_totals[:half, :half]), (slopes[:, half:], of_totals[half:, half:])
            )
        )  # fmt: skip

    def variance(self, a: Places, b: Places) -> Numbers:
        """Of the difference of two sides."""
        if self.replicates is not None:
            size = np.maximum(np.abs(self.again[a]), np.abs(self.again[b]))
            return self.replicates.variance(self.again[a] - self.again[b], self.estimate[a] - self.estimate[b], size)
        return self._combined(a, b, np.ones(len(self.estimate)))

    def log_ratio(self, a: Places, b: Places) -> tuple[Numbers, Numbers]:
        """Variance and value of the logarithm of the ratio of two means, which must be above 0."""
        mean = self.estimate + self.base
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(mean > 0, mean, np.nan)
            logarithm = np.log(mean)
            if self.replicates is None:
                return self._combined(a, b, 1 / mean), logarithm[a] - logarithm[b]
            again = np.log(self.again + self.base[:, None])
            found = logarithm[a] - logarithm[b]
            return self.replicates.variance(again[a] - again[b], found), found

    def _combined(self, a: Places, b: Places, slope: Numbers) -> Numbers:
        own = np.diag(self.covariance) * slope**2
        apart = self.apart * slope**2
        found = own[a] + own[b] - 2 * self.covariance[a, b] * slope[a] * slope[b]
        return np.where(found <= ROUNDING * (own[a] + own[b] + apart[a] + apart[b]), 0.0, found)


class _LevelledDifferences(_Differences):
    """The same where cells lie at different levels: each side counts its numbers from the lowest shift of its cells.

    The covariance of two sides would lose what tells the numbers of the one apart in the squares of the other. The
    variance of a pair is that of its form z = w (a y + b x), as that of an estimate is.
    """

    def __init__(self, sample: Sample, measure: Measure, inside: Numbers, *, is_total: bool) -> None:
        """`inside` (sides × cells of the measure) is 1 where a cell is in a side."""
        self.sample, self.measure, self.replicates = sample, measure, sample.replicates
        offset = inside * measure.offset
        least = np.where(inside > 0, offset, np.inf).min(axis=1, initial=np.inf)
        least = np.zeros(len(inside)) if is_total else np.where(np.isfinite(least), least, 0.0)
        left = offset - inside * least[:, None]
        self.base = least + measure.shift
        y, x = inside @ measure.sum_wy + left @ measure.sum_wx, inside @ measure.sum_wx
        x = np.where(x == 0, np.nan, x)
        self.estimate = np.where(inside.any(axis=1), y, np.nan) if is_total else y / x
        if sample.replicates is not None:
            self.again = replicated_sides(sample.replicates, measure, inside, is_total, left)
            return
        by_y = np.ones(len(y)) if is_total else 1 / x
        by_x = np.zeros(len(y)) if is_total else -self.estimate / x
        self.a, self.b = inside * by_y[:, None], inside * by_x[:, None] + left * by_y[:, None]

    def _combined(self, a: Places, b: Places, slope: Numbers) -> Numbers:
        found, known = np.full(len(a), np.nan), np.isfinite(slope * self.estimate)
        # a part at a time, as pairs of single respondents' cells are large
        for some in np.array_split(np.flatnonzero(known[a] & known[b]), 1 + len(a) // PAIRS_AT_ONCE):
            one, other = a[some], b[some]
            by_y, by_x = (slope[one, None] * part[one] - slope[other, None] * part[other] for part in (self.a, self.b))
            found[some] = variances(self.sample, self.measure, Forms.of(by_y, by_x))
        return found


def differences_of(sample: Sample, variable: Variable, inside: csr_matrix, members: Numbers) -> _Differences:
    """What is to be known of all sides; `inside` (groups × cells of the measure) and `members` as in _Differences."""
    is_total = variable.is_total
    if np.any(variable.own_sums.offset):
        cells = (members @ inside.toarray()) > 0
        return _LevelledDifferences(sample, variable.own_sums, cells.astype(float), is_total=is_total)
    return _Differences(sample, variable.sums, inside, members, is_total=is_total)


def centred(measure: Measure) -> Measure:
    """The sums of y - c x in the place of those of y, c the ratio of all: each ratio is smaller by c, its shift larger.

    Where x is 1 these are the sums of y counted from its mean.
    """
    total = measure.sum_wx.sum()
    c = float(measure.sum_wy.sum() / total) if total else 0.0
    return replace(counted_from(measure, c), shift=measure.shift + c)


def _tested(value: Numbers, error: Numbers, df: Numbers) -> dict[str, Numbers]:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, value / error, np.nan)
    return {"t_statistic": t, "p_value": t_tail(t, df)}


def _ratio(log_ratio: Numbers, error: Numbers, df: Numbers, k: Numbers) -> dict[str, Numbers]:
    """The ratio of two means with its interval on the logarithm."""
    ratio, tested = np.exp(log_ratio), _tested(log_ratio, error, df)
    return {
        "mean_ratio": ratio,
        "log_ratio": log_ratio,
        "log_standard_error": error,
        "ratio_standard_error": ratio * error,
        "ratio_t_statistic": tested["t_statistic"],
        "ratio_p_value": tested["p_value"],
        "ratio_ci_lower": np.exp(log_ratio - k * error),
        "ratio_ci_upper": np.exp(log_ratio + k * error),
    }


def _rows(sample: Sample, variable: Variable, sides: Sides, columns: dict[str, Numbers]) -> list[Row]:
    exists = np.isfinite(columns["difference"])
    lists = {name: column.tolist() for name, column in columns.items()}
    return [
        {
            "design_id": sample.design_id,
            "measure_id": variable.measure_id,
            "measure_number": variable.measure_number,
            "statistic": variable.statistic,
            "comparison_kind": pair.kind,
            "comparison_id": pair.comparison_id,
            "family": _family(variable, pair),
            "breakdown_id": sides.groups[pair.a].breakdown_id,
            "segment_a": sides.groups[pair.a].segment,
            "segment_b": REST if sides.is_rest[pair.b] else sides.groups[pair.b].segment,
            "segment_number_a": sides.groups[pair.a].segment_number,
            "segment_number_b": None if sides.is_rest[pair.b] else sides.groups[pair.b].segment_number,
            **{name: number(column[place]) for name, column in lists.items()},
        }
        for place, pair in enumerate(sides.pairs)
        if exists[place]
    ]


def _family(variable: Variable, pair: Pair) -> str | None:
    return pair.family if pair.family in ("design", None) else f"{variable.measure_id} {pair.family}"


def _with_families(rows: list[Row]) -> Iterator[Row]:
    families: dict[str, list[Row]] = {}
    for row in rows:
        if row["family"] is None:
            yield row | {"p_holm": None, "p_bh": None, "family_size": None}
        else:
            families.setdefault(row["family"], []).append(row)
    for family in families.values():
        p_values = np.array([np.nan if row["p_value"] is None else row["p_value"] for row in family])
        for row, by_holm, by_rate in zip(family, holm(p_values), benjamini_hochberg(p_values), strict=True):
            yield row | {"p_holm": number(by_holm), "p_bh": number(by_rate), "family_size": len(family)}


def number(value: float) -> float | None:
    """A value, or None where there is none."""
    return None if value != value else float(value)
