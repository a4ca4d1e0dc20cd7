"""Compare estimates with the expected values of a case; the rule is that of tests/golden/README.md."""

from __future__ import annotations

import math

from smv_ai.golden.cases import Case

NEGLIGIBLE = 1e-12
STATS = {
    "standard_error": "standard_error",
    "ci_lower": "ci_lower",
    "ci_upper": "ci_upper",
    "degrees_of_freedom": "degrees_of_freedom",
    "design_effect": "design_effect",
}
CHANGE_STATS = {**STATS, "difference": "estimate", "t": "t_statistic", "p_value": "p_value"}


def largest_difference(case: Case, found: dict[tuple[str, str, str, str], float]) -> tuple[float, str]:
    """The largest relative difference, and the key of the row where it occurs.

    It is the difference in units of what the case's tolerance allows for the value, times that tolerance. A row that is
    missing or not a number counts as infinite.
    """
    scale = {key[:3]: abs(value) for key, value in found.items() if key[3] in ("estimate", "difference", "weight")}
    worst, where = 0.0, ""
    for key, expected in case.expected().items():
        difference = _difference(key, expected, found.get(key), max(1.0, scale.get(key[:3], 0.0)))
        if not difference <= worst:
            worst, where = difference, "/".join(part for part in key if part)
    return worst, where


def values_of(case: Case, estimates: list[dict]) -> dict[tuple[str, str, str, str], float]:
    """The estimates of a survey case by (variable, level, segment, stat), as the expected file names them."""
    statistic = case.get("statistic")
    stats = (
        CHANGE_STATS
        if statistic == "change"
        else {**STATS, "weight" if statistic == "weights" else "estimate": "estimate"}
    )
    return {
        (row["variable"], row["level"], row["segment"], stat): row[column]
        for row in estimates
        for stat, column in stats.items()
        if row[column] is not None
    }


def _difference(key: tuple[str, str, str, str], expected: float, value: float | None, scale: float) -> float:
    if value is None or math.isnan(value):
        return math.inf
    if abs(expected) <= NEGLIGIBLE * scale and key[3] != "p_value":
        return abs(value - expected) / scale
    if value == expected:
        return 0.0
    return abs(value - expected) / abs(expected) if expected else math.inf
