"""The weights that the estimates of a design use: design weights, or these scaled to the margins."""

from __future__ import annotations

import numpy as np

from smv_ai.demo.sample import Sample
from smv_ai.demo.table import NULL
from smv_ai.errors import BadInputError
from smv_ai.survey.codebook import Design

ROUNDS = 2000
TOLERANCE = 1e-13


def _margin(sample: Sample, design: Design, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Each respondent's category of a margin, and the population of the categories."""
    labels = sample.table.labels[column]
    population = design.margins[column]
    odd = set(labels) ^ set(population)
    if odd or (sample.table[column] == NULL).any():
        raise BadInputError(f"{design.design_id}: margin and responses differ in {column}: {', '.join(sorted(odd))}")
    return sample.table[column].astype(np.int64), np.array([population[label] for label in labels])


def final_weights(sample: Sample, design: Design) -> np.ndarray:
    """Weights of a design, as the engine has them: scaled to the margins in turn until a round moves none.

    Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.
    """
    weights = sample.design_weights.copy()
    if not design.calibration_method:
        return weights
    if design.calibration_method == "linear":
        raise BadInputError(f"{design.design_id}: demonstration responses are not made for linear calibration")
    margins = [_margin(sample, design, column) for column in design.margins]
    for _ in range(ROUNDS):
        largest = 0.0
        for places, population in margins:
            ratios = population / np.bincount(places, weights)
            weights *= ratios[places]
            largest = max(largest, float(np.abs(ratios - 1).max()))
        if largest <= TOLERANCE:
            return weights
    raise BadInputError(f"{design.design_id}: the margins cannot be met; the last round still moved weights")
