"""No hidden number of firms follows from all tables of a wave and its response rates together; every rule is needed."""

from __future__ import annotations

import pytest
from support.counted_tables import MODELS, Survey, random_survey, released, shown_openly, too_narrow

CELLS, ONE_WAY, CROSSED, BY_MEASURE, RATES = MODELS


def found(survey: Survey, switched: dict[str, str] | None = None) -> list[tuple]:
    cells, rates = released(survey, switched)
    return [*shown_openly(cells, rates), *too_narrow(survey, cells, rates)]


@pytest.mark.parametrize("seed", range(60))
def test_random_waves_keep_their_numbers_of_firms(seed: int) -> None:
    """Linear programming over all tables and rates leaves every hidden number open by at least the threshold."""
    assert found(random_survey(seed)) == []


@pytest.mark.parametrize("seed", [3, 5])
def test_tables_of_changes_keep_their_numbers_of_firms(seed: int) -> None:
    """The numbers of a change are those of both its waves: a hidden one must not be what the others leave."""
    survey = random_survey(seed)
    survey.relations["int_estimates"]["is_change"] = True
    cells, _ = released(survey, with_rates=False)
    assert cells["suppression_reason"].notna().any()
    assert too_narrow(survey, cells, cells.iloc[:0]) == []
