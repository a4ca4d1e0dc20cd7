"""No hidden number of firms follows from all tables of a wave and its response rates together; every rule is needed."""

from __future__ import annotations

import pytest
from support.counted_tables import (
    MODELS,
    Survey,
    model_sql,
    random_survey,
    released,
    shown_openly,
    tabled_survey,
    too_narrow,
)

CELLS, ONE_WAY, CROSSED, BY_MEASURE, RATES = MODELS
# Firms by sector, size and so on, and the tables. The first sector is of few firms, and of the next smallest, which
# would be its partner, none has the first size; a size, which is a stratum, is of few firms, and no table shows it.
NO_TWIN = ([[2, 2], [0, 9], [20, 20], [30, 30]], ("sector", "size", "sector;size"))
SMALL_STRATUM = ([[2, 20], [1, 30], [0, 25]], ("sector",))
# Strata of two sectors each: the first sector's partner lies in the other. Strata of a cell or two, where a rectangle
# leads from one to the other.
COARSE_STRATA = ([[3], [20], [10], [30]], ("sector",), [[0], [0], [1], [1]])
CROSSED_STRATA = (
    [[25, 25, 25], [7, 2, 6], [7, 25, 7]], ("sector", "size", "sector;size"), [[0, 0, 1], [1, 2, 2], [3, 3, 4]]
)  # fmt: skip
SMALL_CELLS = ([[1, 0], [1, 25], [7, 25]], ("sector", "size"), [[0, 1], [2, 3], [4, 5]])
# Strata of some cells of a row together with some of another.
UNRULY_STRATA = (
    [[1, 2, 2], [5, 6, 5], [5, 1, 6]], ("sector", "size", "sector;size"), [[0, 1, 1], [1, 0, 0], [1, 1, 0]]
)  # fmt: skip
DOMINATED = ([[9], [9], [30]], ("sector",), [[0], [1], [2]], "0")
# The sectors' sizes and areas agree with other numbers of firms of the first one, but not together with those of size
# and area, as a table or as strata; nor do the margins of a crossing whose own cells are small.
FIRMS = [[[1, 0], [0, 0]], [[0, 10], [10, 0]], [[20, 20], [20, 0]]]
CIRCLE = (FIRMS, ("sector", "size", "area", "sector;size", "sector;area", "size;area"), 0)
CIRCLE_OF_STRATA = (FIRMS, CIRCLE[1][:-1], [[0, 1], [2, 3]])
CIRCLE_OF_MARGINS = (
    [[[1, 10], [10, 10]], [[10, 10], [10, 1]]], ("sector;size", "sector;area", "size;area", "sector;size;area"), 0
)  # fmt: skip
FOUR_COLUMNS = (
    [CIRCLE_OF_MARGINS[0], [[[10, 10], [10, 10]], [[10, 10], [10, 10]]]],
    ("sector;size;area", "sector;size;age", "sector;area;age", "size;area;age", "sector;size;area;age"), 0,
)  # fmt: skip
SURVEYS = [
    NO_TWIN, SMALL_STRATUM, COARSE_STRATA, CROSSED_STRATA, UNRULY_STRATA, SMALL_CELLS, DOMINATED, CIRCLE,
    CIRCLE_OF_STRATA, CIRCLE_OF_MARGINS, FOUR_COLUMNS,
]  # fmt: skip
FEW = "greatest(3, 5)"
# A rule: the survey at random (its seed), or the numbers of one, in which it has something to do, the model that it
# stands in, its text there, and what stands in its place: nothing of it, or a slip
RULES: dict[str, tuple[int | tuple, str, str, str]] = {
    "threshold": (5, CELLS, f"answered.base_count < {FEW} as", "answered.base_count < 1 as"),
    "threshold, one lower": (6, CELLS, f"answered.base_count < {FEW} as", "answered.base_count < 4 as"),
    "threshold, not below three": (NO_TWIN, CELLS, f"answered.base_count < {FEW} as", "answered.base_count < 3 as"),
    "dominance": (2, CELLS, "two_largest_share > 0.85", "two_largest_share > 2"),
    "dominance of measures on the same firms": (
        2, CELLS, "partition by answered.design_id, profiles.firm_profile,",
        "partition by answered.design_id, answered.measure_id,",
    ),
    "partners in one breakdown": (2, ONE_WAY, "from chosen\nunion\n", "from chosen where false\nunion\n"),
    "partners that are not sensitive": (5, ONE_WAY, " and not partners.is_sensitive", ""),
    "partners in the crossings of the column": (
        2, ONE_WAY, "inner join twins on chosen", "inner join (from twins where false) as twins on chosen"
    ),
    "twins that are there": (NO_TWIN, ONE_WAY, "left join crossed as twin", "inner join crossed as twin"),
    "withdrawn without a partner": (
        11, ONE_WAY, "where one_way.is_sensitive and chosen.estimate_number is null", "where false"
    ),
    "rectangles": (3, CROSSED, "from rectangles\nunion", "from rectangles where false\nunion"),
    "the whole rectangle": (
        3, CROSSED, "unnest([same_row_number, same_column_number, opposite_number])",
        "unnest([same_row_number, same_column_number])",
    ),
    "corners of enough firms": (3, CROSSED, "where not same_row.is_sensitive and not same_column.is_sensitive", ""),
    "a corner in the row of enough firms": (30, CROSSED, "where not same_row.is_sensitive and", "where"),
    "withdrawn without a rectangle": (0, CROSSED, "where rectangles.estimate_number is null", "where false"),
    "crossings that close a circle": (CIRCLE, BY_MEASURE, "or closing.design_id is not null", ""),
    "crossings that hide something close it": (
        CIRCLE, BY_MEASURE, "order by has_hidden, hidden_count,", "order by hidden_count desc,"
    ),
    "circles of margins of a hidden crossing": (
        CIRCLE_OF_MARGINS, BY_MEASURE,
        "bool_or(hidden_count > 0) and", "bool_or(hidden_count > 0 and len(column_names) = 2) and",
    ),
    "margins of a hidden crossing of four": (
        FOUR_COLUMNS, BY_MEASURE, "or list_has_all(lower.column_names, higher.column_names)", ""
    ),
    "withdrawn crossings of three columns": (3, BY_MEASURE, "where len(higher.column_names) > 2", "where false"),
    "strata of few firms": (14, RATES, f"< {FEW} as is_sensitive", "< 4 as is_sensitive"),
    "partners of strata": (SMALL_STRATUM, RATES, "partner_id as stratum_id,", "stratum_id,"),
    "strata that follow a column": (
        COARSE_STRATA, RATES, "from linked\n    union", "from linked where false\n    union"
    ),
    "strata that are groups of several": (COARSE_STRATA, RATES, "count(distinct stratum_id) = 1", "false"),
    "strata that follow several columns": (CROSSED_STRATA, RATES, "any_value(is_crossing)", "false"),
    "strata that follow no column but all together": (
        UNRULY_STRATA, RATES, "or any_value(crossed_by.design_id) is not null", ""
    ),
    "strata in which too few can be moved": (DOMINATED, RATES, " filter (where not hidden.is_sensitive)", ""),
    "partners of strata that nothing else opens": (SMALL_CELLS, RATES, "and linked.is_open", ""),
    "strata withdrawn without a partner": (
        14, RATES, "where not rates.is_total and partners.stratum_id is null", "where false"
    ),
    "weighted rates of a whole with hidden strata": (0, RATES, "and not (is_total and is_any_stratum_withheld)", ""),
    "partners of strata that are not sensitive": (88, RATES, "and not rates.is_sensitive and", "and"),
    "where the partner of a stratum lies": (
        14, RATES, "left join misfits", "left join (from misfits limit 0) as misfits"
    ),
}  # fmt: skip


def found(survey: Survey, switched: dict[str, str] | None = None, *, with_rates: bool = True) -> list[tuple]:
    cells, rates = released(survey, switched, with_rates=with_rates)
    return [*shown_openly(cells, rates), *too_narrow(survey, cells, rates)]


def survey_of(source: int | tuple) -> Survey:
    return random_survey(source) if isinstance(source, int) else tabled_survey(*source)


@pytest.mark.parametrize("source", [*SURVEYS, *range(200)])
def test_waves_keep_their_numbers_of_firms(source: int | tuple) -> None:
    """Linear programming over all tables and rates leaves every number of a sensitive cell open by the threshold."""
    assert found(survey_of(source)) == []


@pytest.mark.parametrize("seed", range(100))
def test_strata_of_cells_thrown_together_tell_nothing_of_them(seed: int) -> None:
    assert found(random_survey(seed, is_unruly=True)) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_left_out_or_slips_is_noticed(rule: str) -> None:
    source, model, text, other = RULES[rule]
    sql = model_sql(model)
    assert text in sql, f"{model} has no '{text}' any more: change its rule otherwise"
    assert found(survey_of(source), {model: sql.replace(text, other)}, with_rates=model == RATES) != []


def test_a_total_that_one_firm_makes_up_takes_its_groups_with_it() -> None:
    survey = tabled_survey([[20, 20], [30, 30]], ("sector", "size"))
    estimates = survey.relations["int_estimates"]
    total = (estimates["measure_id"] == "sales") & (estimates["breakdown_id"] == "total")
    estimates.loc[total, "two_largest_share"] = 0.95
    assert found(survey, with_rates=False) == []
    rule = "where len(column_names) = 0 and is_sensitive"
    assert rule in model_sql(BY_MEASURE)
    assert found(survey, {BY_MEASURE: model_sql(BY_MEASURE).replace(rule, "where false")}, with_rates=False) != []


def test_a_partner_of_few_firms_in_a_crossing_will_do() -> None:
    """The first sector's partner hides its crossing cells by rectangles: the breakdown need not be withdrawn."""
    survey = tabled_survey([[1, 1, 0], [2, 10, 20], [9, 3, 40]], ("sector", "size", "sector;size"))
    cells, rates = released(survey, with_rates=False)
    shown = cells[cells["suppression_reason"].isna() & (cells["measure_id"] == "firms")]
    assert set(shown["breakdown_id"]) == {"total", "sector", "size", "sector;size"}
    assert too_narrow(survey, cells, rates) == []


def test_strata_that_a_column_decides_stay_where_firms_can_be_moved_within_them() -> None:
    """The hidden first two sectors share a stratum with a third: the rates beside them tell nothing of either."""
    survey = tabled_survey([[2, 1], [20, 9], [30, 20]], ("sector", "size", "sector;size"), [[0], [0], [1]])
    cells, rates = released(survey)
    assert cells["suppression_reason"].notna().any()
    assert not rates["is_withheld"].any()
    assert found(survey) == []


@pytest.mark.parametrize("seed", [2, 3])
def test_tables_of_changes_keep_their_numbers_of_firms(seed: int) -> None:
    """The numbers of a change are those of both its waves: a hidden one must not be what the others leave."""
    survey = random_survey(seed)
    survey.relations["int_estimates"]["is_change"] = True
    assert released(survey, with_rates=False)[0]["suppression_reason"].notna().any()
    assert found(survey, with_rates=False) == []
