"""Breaks as data: whatever the series and the breaks, no difference, growth, slope or rank crosses one."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from support.official import seed, worked_out

RANKED_WITHIN = ("series_family", "official_indicator", "official_size", "official_industry", "unit_of_measure",
                 "time_period")  # fmt: skip
PERIODS = ["2019", "2020", "2021", "2022", "2023", "2024", "2025"]


def between(one, figure, start: str, end: str) -> bool:
    """Whether a break lies between two periods of a figure's series, in plain words."""
    return (
        one.series_family == figure.series_family
        and one.official_indicator in ("all", figure.official_indicator)
        and one.area_code in ("all", figure.area_code)
        and one.from_period < end
        and one.to_period > start
    )


def faults(figures: pd.DataFrame, breaks: pd.DataFrame) -> list[str]:
    placed, steps = worked_out(figures, breaks)
    rows: dict[str, list] = {family: [] for family in placed.series_family}
    for one in breaks.itertuples():
        rows.setdefault(one.series_family, []).append(one)
    by_id = {row.official_figure_id: row for row in placed.itertuples()}
    found = []
    for step in steps.itertuples():
        figure = by_id[step.to_official_figure_id]
        is_crossed = any(between(one, figure, step.from_period, step.to_period) for one in rows[figure.series_family])
        has_any = not all(pd.isna(value) for value in (step.difference, step.growth_percent, step.difference_per_year))
        if step.is_break != is_crossed or (is_crossed and (has_any or not step.break_words_en)):
            found.append(step.step_id)
    stretches: dict[str, list] = {}
    places: dict[tuple, list] = {}
    for figure in placed.itertuples():
        stretches.setdefault(figure.stretch_id, []).append(figure)
        if not pd.isna(figure.rank_in_stretch):
            places.setdefault((*(getattr(figure, key) for key in RANKED_WITHIN), figure.breaks_before), []).append(
                figure
            )
    for name, group in stretches.items():
        first, last = min(one.time_period for one in group), max(one.time_period for one in group)
        if first < last and any(between(one, group[0], first, last) for one in rows[group[0].series_family]):
            found.append(name)
    for group in places.values():
        best = max(group, key=lambda figure: figure.observation_value)
        if len(group) < 2 or best.rank_in_stretch != 1:
            found.append(best.series_id)
    return found


def mutated(draw: random.Random, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Series and breaks with periods moved, breaks added, widened and taken away, areas and indicators changed."""
    figures, breaks = seed("official_figures"), seed("series_breaks")
    figures = figures[figures.time_period.str.len() == 4].sample(25, random_state=draw.randrange(10**6))
    figures["time_period"] = [draw.choice([period, *PERIODS]) for period in figures.time_period]
    figures["area_code"] = [draw.choice([area, "DK", "SE", "EU27_2020"]) for area in figures.area_code]
    figures["official_indicator"] = [draw.choice([name, "ai_use", "ai_use"]) for name in figures.official_indicator]
    figures["official_size"] = [draw.choice([size, "GE10"]) for size in figures.official_size]
    breaks = breaks.sample(draw.randrange(1, len(breaks)), random_state=draw.randrange(10**6))
    for column, values in {
        "from_period": PERIODS[:-1], "area_code": ["all", "DK", "SE"], "official_indicator": ["all", "ai_use"],
        "series_family": ["dk_ict", "eu_ict"],
    }.items():  # fmt: skip
        breaks[column] = [draw.choice([value, value, *values]) for value in breaks[column]]
    ends = [draw.choice([period for period in PERIODS if period > start] or ["2026"]) for start in breaks.from_period]
    breaks["to_period"] = ends
    for table in (figures, breaks):  # each mutation is a world of its own, so that one query works all of them out
        table["series_family"] += f" {number}"
    figures["official_figure_id"] += f" {number}"
    return figures, breaks


@pytest.mark.parametrize("part", range(5))
def test_forty_mutations_of_series_and_breaks_let_nothing_cross(part):
    draw = random.Random(f"22 {part}")
    worlds = [mutated(draw, number) for number in range(40)]
    figures, breaks = (pd.concat([world[side] for world in worlds]) for side in (0, 1))
    assert faults(figures, breaks) == []


def test_the_catalogue_documents_twenty_breaks_and_the_danish_line_has_its_gaps():
    figures, breaks = seed("official_figures"), seed("series_breaks")
    assert len(breaks) >= 20 and faults(figures, breaks) == []
    _, steps = worked_out(figures, breaks)
    danish = steps[steps.series_id == "dk_ict/ai_use/DK/GE10/total/percent"].sort_values("to_period")
    assert list(danish.is_break) == [False, True, True, True, True]
    assert danish.difference.iloc[0] == pytest.approx(5) and danish.difference.iloc[1:].isna().all()


def test_the_check_finds_a_step_over_a_break():
    figures, breaks = seed("official_figures"), seed("series_breaks")
    placed, steps = worked_out(figures, breaks.iloc[:0])
    assert not steps.is_break.any() and placed.stretch_id.nunique() == placed.series_id.nunique()
    assert worked_out(figures, breaks)[1].is_break.sum() > 10
