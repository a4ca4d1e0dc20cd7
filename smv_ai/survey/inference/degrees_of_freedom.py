"""Degrees of freedom of intervals and tests, by the rule of a design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smv_ai.survey.inference.sample import Numbers, Sample


@dataclass(frozen=True)
class Rule:
    """How intervals are made: degrees of freedom of the design, of the pair or none, at a level; some may be beta."""

    degrees_of_freedom: str
    level: float
    has_beta: bool = False


def design_degrees_of_freedom(sample: Sample) -> float:
    """Sampling units less strata, over respondents whose weight is not 0; of replicates see degrees_of_freedom."""
    if sample.replicates is not None:
        return sample.replicates.degrees_of_freedom(np.ones(len(sample.n)))
    units, strata = sample.unit_counts(sample.weighted)
    return float(units - strata)


def degrees_of_freedom(rule: Rule, sample: Sample, weighted: Numbers, design_df: float) -> Numbers:
    """Of each set of rows, by the rule; `weighted` (sets × cells) are its respondents whose weight is not 0.

    With replicate weights the rank of their matrix, less one, in the place of units less strata.
    """
    name, _, less = rule.degrees_of_freedom.partition("_minus_")
    if name == "infinite":
        return np.full(len(weighted), np.inf)
    if name == "segment" and sample.replicates is not None:
        return np.array([sample.replicates.degrees_of_freedom(rows) for rows in weighted]) - float(less or 0)
    if name == "design":
        return np.full(len(weighted), design_df) - float(less or 0)
    units, strata = sample.unit_counts(weighted)
    return np.asarray(units - strata, dtype=float) - float(less or 0)
