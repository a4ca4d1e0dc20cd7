"""Who responded: strata, firms that answered before, further columns and design weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smv_ai.demo.draws import Drawer, random_numbers, whole_parts
from smv_ai.demo.table import Table
from smv_ai.errors import BadInputError
from smv_ai.survey.codebook import Codebook
from smv_ai.survey.plan import Draw, Panel, Plan, Stratum


@dataclass
class Sample:
    """The respondents of a wave before and after their answers are drawn.

    `firms` numbers firms across the waves of a panel; `earlier_rows` is each one's place in the earlier wave, -1 for
    firms that were not in it.
    """

    table: Table
    strata: list[Stratum]
    firms: np.ndarray
    earlier_rows: np.ndarray
    design_weights: np.ndarray
    firms_so_far: int


def _staying_firms(plan: Plan, panel: Panel, earlier: Sample) -> list[np.ndarray]:
    """For each stratum the rows of the earlier wave whose firms answer again."""
    rows_by_stratum: dict[str, list[int]] = {}
    for row, stratum in enumerate(earlier.strata):
        rows_by_stratum.setdefault(stratum.stratum_id, []).append(row)
    rows = [np.array(rows_by_stratum.get(stratum.stratum_id, []), dtype=np.int64) for stratum in plan.strata]
    most = np.array([min(len(found), stratum.responding) for found, stratum in zip(rows, plan.strata, strict=True)])
    if panel.firms > most.sum():
        raise BadInputError(f"{plan.survey_wave_id}: {panel.firms} firms cannot stay, only {most.sum()} could")
    random = random_numbers(plan.seed, "panel")
    counts = whole_parts(panel.firms, most)
    return [np.sort(random.permutation(found)[:count]) for found, count in zip(rows, counts, strict=True)]


def _earlier_rows(plan: Plan, earlier: Sample | None) -> np.ndarray:
    """For each respondent the row of the earlier wave; the firms that stay come first in their stratum."""
    rows = np.full(sum(stratum.responding for stratum in plan.strata), -1, dtype=np.int64)
    if plan.panel and earlier:
        start = 0
        for staying, stratum in zip(_staying_firms(plan, plan.panel, earlier), plan.strata, strict=True):
            rows[start : start + len(staying)] = staying
            start += stratum.responding
    return rows


def _draw_column(table: Table, draw: Draw, seed: int, known: list[str | None]) -> None:
    """Draw a text column for all whose value is not known from the earlier wave."""
    values = sorted({value for case in draw.cases for value in case.shares} | {value for value in known if value})
    drawer = Drawer(draw, {value: number for number, value in enumerate(values)})
    is_new = np.array([value is None for value in known])
    uniform = random_numbers(seed, draw.column).random(table.size)
    drawn = drawer.together(drawer.case_of(table, is_new), uniform)
    pairs = zip(known, drawn.tolist(), strict=True)
    table.set_text(draw.column, [values[code] if text is None else text for text, code in pairs])


def draw_sample(plan: Plan, codebook: Codebook, earlier: Sample | None) -> Sample:
    """The respondents of the wave in the order of the strata, with all columns that are not answers."""
    strata = [stratum for stratum in plan.strata for _ in range(stratum.responding)]
    earlier_rows = _earlier_rows(plan, earlier)
    is_new = earlier_rows < 0
    so_far = earlier.firms_so_far if earlier else 0
    firms = so_far + np.cumsum(is_new)
    if earlier:
        firms[~is_new] = earlier.firms[earlier_rows[~is_new]]
    table = Table(len(strata))
    for name in plan.strata[0].columns:
        table.set_text(name, [stratum.columns[name] for stratum in strata])
    for draw in plan.columns:
        before = earlier.table.texts(draw.column) if earlier else []
        _draw_column(table, draw, plan.seed, [before[row] if row >= 0 else None for row in earlier_rows])
    weights = np.array([stratum.population / stratum.responding if stratum.population else 1.0 for stratum in strata])
    return Sample(table, strata, firms, earlier_rows, weights, so_far + int(is_new.sum()))
