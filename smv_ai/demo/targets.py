"""What the answers are calibrated to: the printed figures that some measure and breakdown of the codebook estimate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from smv_ai.demo.table import NULL, Table
from smv_ai.survey.codebook import Codebook, Design, Item, Measure

Figure = dict[str, Any]
# A range is aimed at with this share of its width kept free on each side, so that no last bit decides.
FREE_SHARE = 0.1
WIDTH_OF_A_WHOLE_NUMBER = 1.0
FREE_SHARE_OF_VALUE = 1e-9


@dataclass
class Target:
    """An estimate and the range that print leaves it, with the figures that are met when it lies inside.

    `contradicted` are figures for the same estimate whose ranges do not overlap with these.
    """

    design: Design
    measure: Measure
    item: Item | None
    segment: dict[str, str]
    lower: float
    upper: float
    figures: list[str] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)

    @property
    def scale(self) -> float:
        """From a share to the unit of the figure."""
        return 100.0 if self.measure.catalogue["unit_of_measure"] == "percent" else 1.0

    @property
    def is_sum(self) -> bool:
        """Whether the estimate is a sum of weights rather than a quotient."""
        return self.measure.statistic in ("total", "population")

    @cached_property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Who is in the base, beyond having answered: columns and their values."""
        return self.measure.domain | {name: (value,) for name, value in self.segment.items()}

    @cached_property
    def columns(self) -> set[str]:
        """The columns that the estimate depends on."""
        return set(self.conditions) | ({self.item.column} if self.item else set())

    @cached_property
    def scores(self) -> np.ndarray:
        """By answer code (the reserved ones, negative, count from the end) the score and 1; for no answer 0 and 0."""
        codes = self.item.codes if self.item else ()
        scores = self.measure.scores or {code: float(code) for code in codes}
        table = np.zeros((2, max(codes, default=0) - NULL + 1))
        for code in set(codes) & set(scores):
            table[:, code] = scores[code] * self.scale, 1.0
        return table

    @property
    def aim(self) -> tuple[float, float]:
        """The range without its edges; where print leaves much open, not much less of it."""
        free = FREE_SHARE * min(self.upper - self.lower, WIDTH_OF_A_WHOLE_NUMBER)
        return self.lower + free, self.upper - free

    def is_met(self, estimate: float) -> bool:
        """Whether the estimate lies in the printed range; a count must be the printed one."""
        slack = FREE_SHARE_OF_VALUE * max(abs(self.lower), 1.0)
        return bool(self.lower - slack <= estimate <= self.upper + slack)

    def terms(
        self, table: Table, weights: np.ndarray, conditions: dict[str, tuple[str, ...]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """What each respondent adds to the numerator and to the denominator of the estimate.

        `conditions` are those that the weights do not carry already, as 0.
        """
        base = weights * table.fits(conditions) if conditions else weights
        if self.item is None:
            return base * self.scale, np.zeros(table.size)
        scores, counts = self.scores[:, table[self.item.column]]
        return base * scores, np.zeros(table.size) if self.is_sum else base * counts


def _cells(codebook: Codebook, dimensions: list[str]) -> Iterator[tuple[Design, Measure, tuple[str, ...]]]:
    for design in codebook.designs:
        for measure in design.measures:
            for columns in design.breakdowns:
                if measure.statistic == "ratio":
                    continue
                if measure.catalogue["indicator_id"] and set(columns) <= set(dimensions):
                    yield design, measure, columns


def _is_of(figure: Figure, measure: Measure, columns: tuple[str, ...], dimensions: list[str]) -> bool:
    row = measure.catalogue
    fixed = ("indicator_id", "base_population_id", "unit_of_measure")
    items = ("technology_id", "barrier_id", "answer_category_id")
    return (
        all(figure[name] == row[name] for name in fixed)
        and all(figure[name] == (row[name] or "total") for name in items)
        and all((figure[name] != "total") == (name in columns) for name in dimensions)
    )


def _most_telling_first(figure: Figure) -> tuple[bool, float, str]:
    return (
        figure["observation_status"] != "normal",
        figure["printed_upper"] - figure["printed_lower"],
        figure["figure_id"],
    )


def find_targets(codebook: Codebook, figures: list[Figure], survey_wave_id: str, dimensions: list[str]) -> list[Target]:
    """The targets of a wave; `dimensions` are the group dimensions of observations.

    Figures with the same key are met together where their ranges overlap; of prints that contradict each other the
    one that is certain, then the narrowest, counts.
    """
    items = {item.item_id: item for item in codebook.items}
    of_wave = [figure for figure in figures if figure["survey_wave_id"] == survey_wave_id]
    of_wave.sort(key=_most_telling_first)
    found: dict[tuple, Target] = {}
    for design, measure, columns in _cells(codebook, dimensions):
        item = items.get(measure.item_id)
        if measure.item_id and item is None:
            continue
        for figure in of_wave:
            if not _is_of(figure, measure, columns, dimensions):
                continue
            segment = {name: figure[name] for name in columns}
            key = (design.design_id, measure.measure_id, *segment.values())
            lower, upper = figure["printed_lower"], figure["printed_upper"]
            target = found.setdefault(key, Target(design, measure, item, segment, lower, upper))
            if max(lower, target.lower) <= min(upper, target.upper):
                target.lower, target.upper = max(lower, target.lower), min(upper, target.upper)
                target.figures.append(figure["figure_id"])
            else:
                target.contradicted.append(figure["figure_id"])
    return list(found.values())
