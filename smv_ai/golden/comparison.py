"""Compare estimates with the expected values of a case; the rule is that of tests/golden/README.md."""

from __future__ import annotations

import math

from smv_ai.golden.cases import Case

NEGLIGIBLE = 1e-12
P_VALUES = ("p_value", "p_holm", "p_bh")


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


def _difference(key: tuple[str, str, str, str], expected: float, value: float | None, scale: float) -> float:
    if value is None or math.isnan(value):
        return math.inf
    if abs(expected) <= NEGLIGIBLE * scale and key[3] not in P_VALUES:
        return abs(value - expected) / scale
    if value == expected:
        return 0.0
    return abs(value - expected) / abs(expected) if expected else math.inf
