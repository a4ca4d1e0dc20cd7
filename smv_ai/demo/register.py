"""A made-up register for a matched comparison: drawn from its plan, then moved as little as the printed figures need.

Treatment moves between near firms of an industry until the matching uses as many different controls as are printed;
then the growth of all treated, and of all other firms, is shifted until both means are the printed ones. Spread is
never touched: it is the plan's, and so is the width of every interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smv_ai.demo.draws import random_numbers, whole_parts
from smv_ai.demo.register_plan import RegisterPlan
from smv_ai.errors import BadInputError
from smv_ai.matching.study import Study, outcome_id

PREFIX = "demo_"
# Growth is printed with one decimal.
PRINTED_HALF_WIDTH = 0.05
NO_LESS_THAN = -90.0


@dataclass(frozen=True)
class Printed:
    """What a study prints: firms, treated and different controls; mean growth (treated, controls) by outcome."""

    firms: int
    treated: int
    controls: int
    growth: dict[str, tuple[float, float]]


def printed_of(study: Study, figures: list[dict[str, Any]]) -> Printed:
    """The printed figures of a study. Raises BadInputError where one that the register needs is not printed."""

    def value(indicator: str, group: str, base: str | None) -> float:
        found = {
            row["observation_value"] for row in figures
            if row["indicator_id"] == indicator and row["ai_use_group_id"] == group
            and row["survey_wave_id"] == study.survey_wave_id and base in (None, row["base_population_id"])
        }  # fmt: skip
        if len(found) != 1:
            raise BadInputError(f"demo/registers/{study.study_id}.yml: {indicator} of {group} is not printed once")
        return float(found.pop())

    base = study.base_population_id
    groups = ("ai_users", "non_users")
    growth = {
        outcome_id(outcome): (
            value(outcome.indicator_id, groups[0], base),
            value(outcome.indicator_id, groups[1], base),
        )
        for outcome in study.outcomes
        if outcome.indicator_id
    }
    counts = [int(value("firms_analysed", group, base)) for group in groups]
    return Printed(int(value("responses_received", "total", None)), counts[0], counts[1], growth)


class Register:
    """Firms with their base year, growth (per cent, by outcome) and treatment."""

    def __init__(self, plan: RegisterPlan, printed: Printed, years: tuple[int, int]) -> None:
        """`years` are the base year and the end year of the study."""
        self.plan, self.printed, self.size, self.years = plan, printed, printed.firms, years
        random = random_numbers(plan.seed, "register")
        shares = np.array(list(plan.industries.values()), dtype=float)
        names = np.repeat(list(plan.industries), whole_parts(self.size, shares))
        self.industry = random.permutation(names)
        sizes = plan.full_time_equivalents
        self.full_time_equivalents = np.round(
            sizes.least + sizes.median * np.exp(sizes.spread * random.normal(size=self.size)), 1
        )
        self.base = {
            name: np.round(self.full_time_equivalents * one.median * np.exp(one.spread * random.normal(size=self.size)))
            for name, one in plan.amounts().items()
        }
        odds = plan.exports_share.median / (1 - plan.exports_share.median)
        odds *= np.exp(plan.exports_share.spread * random.normal(size=self.size))
        self.base["exports"] = np.round(self.base["turnover"] * odds / (1 + odds))
        # the treated are drawn one by one with odds by size (Gumbel's trick)
        scores = plan.treatment_by_size * np.log(self.full_time_equivalents) + random.gumbel(size=self.size)
        self.is_treated = np.zeros(self.size, dtype=bool)
        self.is_treated[np.argsort(-scores, kind="stable")[: printed.treated]] = True
        self.growth = self._drawn_growth(random)
        self.random = random

    def _drawn_growth(self, random: np.random.Generator) -> dict[str, np.ndarray]:
        """Growth around the printed means: a part that all outcomes share, a part of each outcome's own."""
        drawn = self.plan.growth
        freedom, shared = drawn.degrees_of_freedom, drawn.shared
        unit = np.sqrt((freedom - 2) / freedom)
        demand = random.standard_t(freedom, self.size) * unit
        growth = {}
        for name, means in self.printed.growth.items():
            own = random.standard_t(freedom, self.size) * unit
            # productivity is value added per full-time equivalent: demand moves both
            part = 0.0 if name == "productivity" else np.sqrt(shared)
            values = drawn.spread[name] * (part * demand + np.sqrt(1 - part**2) * own)
            growth[name] = np.maximum(values + np.where(self.is_treated, *means), NO_LESS_THAN)
        return growth

    def exact(self, column: str) -> np.ndarray:
        """The values of a column that pairs must agree in."""
        if column != "industry":
            raise BadInputError(f"demo/registers/{self.plan.study_id}.yml: a made-up register has no column {column}")
        return self.industry

    def rows(self) -> pd.DataFrame:
        """The panel: a row for each firm and year, amounts in whole thousands of kroner."""
        base = pd.DataFrame(
            {
                "firm_id": [f"{PREFIX}{number:04d}" for number in range(1, self.size + 1)],
                "industry": self.industry,
                "treatment": self.is_treated.astype(np.int8),
                "full_time_equivalents": self.full_time_equivalents,
                **self.base,
            }
        )
        factor = {name: 1 + values / 100 for name, values in self.growth.items()}
        full_time_equivalents = np.round(base["full_time_equivalents"] * factor["full_time_equivalents"], 2)
        productivity = base["value_added"] / base["full_time_equivalents"] * factor["productivity"]
        end = base.assign(
            full_time_equivalents=full_time_equivalents,
            turnover=np.round(base["turnover"] * factor["turnover"]),
            payroll=np.round(base["payroll"] * factor["payroll"]),
            value_added=np.round(productivity * full_time_equivalents),
            exports=np.round(base["exports"] * factor["turnover"]),
        )
        years = dict(zip(self.years, (base, end), strict=True))
        return pd.concat([rows.assign(year=year) for year, rows in years.items()], ignore_index=True)
