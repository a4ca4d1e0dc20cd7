"""Where the models hold what a case asks for, and how the expected file names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import duckdb

from smv_ai.golden.cases import Case

Values = dict[tuple[str, str, str, str], float]
Measures = dict[tuple[str, str], tuple[str, str]]


class Kind(NamedTuple):
    """A model, its columns that stand for level and segment of the expected file, and its column for each stat.

    `level` is SQL, empty where the level is that of the measure.
    """

    model: str
    segment: str
    stats: tuple[tuple[str, str], ...]
    level: str = ""
    condition: str = "true"

    def rows(self, connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of the model by design: measure, level, segment and the stats."""
        columns = ", ".join(column for _, column in self.stats)
        found: dict[str, list[tuple[Any, ...]]] = {}
        for design_id, *row in connection.execute(
            f"select design_id, measure_id, {self.level or 'null'}, {self.segment}, {columns}"
            f" from intermediate.{self.model} where {self.condition}"
        ).fetchall():
            found.setdefault(design_id, []).append(tuple(row))
        return found

    def values(self, case: Case, rows: dict[str, list[tuple[Any, ...]]], measures: Measures) -> Values:
        """The values of a case, named as the expected file names them."""
        found: Values = {}
        for measure_id, level, segment, *numbers in rows.get(case.case_id, []):
            variable, own_level = measures[case.case_id, measure_id]
            for (stat, _), number in zip(self.stats, numbers, strict=True):
                if number is not None:
                    found[variable, own_level if level is None else level, segment, stat] = number
        return found


def _stats(names: Iterable[str], **others: str) -> tuple[tuple[str, str], ...]:
    return (*((name, name) for name in names), *others.items())


INTERVAL = ["standard_error", "ci_lower", "ci_upper", "degrees_of_freedom"]
ESTIMATES = Kind("int_estimates", "segment", _stats([*INTERVAL, "design_effect", "estimate"]))
KINDS = {
    "weights": Kind("int_estimates", "segment", (("weight", "estimate"),)),
    "change": Kind("int_estimates", "segment", _stats([*INTERVAL, "p_value"], difference="estimate", t="t_statistic")),
    "difference": Kind(
        "int_group_differences",
        "comparison_id",
        _stats([*INTERVAL, "estimate_a", "estimate_b", "difference", "p_value", "p_holm", "p_bh"], t="t_statistic"),
        condition="comparison_kind = 'stated'",
    ),
    "mean_ratio": Kind(
        "int_group_differences",
        "comparison_id",
        _stats(
            ["estimate_a", "estimate_b", "degrees_of_freedom", "log_ratio", "log_standard_error"],
            ratio="mean_ratio",
            percent="100 * (mean_ratio - 1)",
            standard_error="ratio_standard_error",
            t="ratio_t_statistic",
            p_value="ratio_p_value",
            ci_lower="ratio_ci_lower",
            ci_upper="ratio_ci_upper",
            percent_ci_lower="100 * (ratio_ci_lower - 1)",
            percent_ci_upper="100 * (ratio_ci_upper - 1)",
        ),
        condition="comparison_kind = 'stated'",
    ),
    "share_of_total": Kind("int_shares_of_totals", "segment", _stats(INTERVAL, estimate="share_of_total")),
    "quantile": Kind(
        "int_quantiles",
        "segment",
        _stats(["standard_error", "ci_lower", "ci_upper", "degrees_of_freedom"], estimate="value"),
        level="cast(quantile as varchar)",
    ),
    "independence": Kind(
        "int_independence_tests",
        "''",
        _stats(["statistic", "p_value"], ndf="numerator_degrees_of_freedom", ddf="denominator_degrees_of_freedom"),
        level="test",
        condition="breakdown_id = 'by'",
    ),
}


def kind_of(case: Case) -> Kind:
    """Where the values of a case are."""
    return KINDS.get(case.get("statistic") or "", ESTIMATES)
