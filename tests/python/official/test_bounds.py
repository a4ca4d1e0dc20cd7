"""Bounds: the truth always lies inside, the bounds are reached, and the example of 2025 comes out."""

from __future__ import annotations

import runpy
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from support.official import FOLDER, MARTS, in_sql

from smv_ai.official.bounds import Bounds, Premise, bounds, names_in, verdict

# EU 2025: all eight technologies, generated media, the largest other one, each with its rounding.
WHOLE = Premise("listed or media", 19.945, 19.955)
MEDIA = Premise("media", 9.45, 9.55)
LARGEST = Premise("text", 11.75, 11.85)
PART = Premise("text and not listed", 0, 0)


def test_the_share_under_the_list_of_2024_lies_between_the_largest_technology_and_the_whole():
    found = bounds([WHOLE, MEDIA, LARGEST, PART], "listed")
    assert (found.lower, found.upper) == pytest.approx((11.75, 19.955))
    printed = [Premise(one.event, (one.lower + one.upper) / 2, (one.lower + one.upper) / 2) for one in (WHOLE, LARGEST)]
    assert vars(bounds([*printed, PART], "listed")) == pytest.approx({"lower": 11.8, "upper": 19.95})
    assert verdict(found, 13.475, 13.485) == "not_proven"
    assert verdict(found, 11.0, 11.5) == "rise_proven" and verdict(found, 20, 21) == "fall_proven"


@pytest.mark.parametrize("seed", range(10))
def test_bounds_contain_the_truth_in_a_hundred_populations(seed):
    draw = np.random.default_rng(seed)
    for _ in range(100):
        # firms over the eight combinations of three events; skewed, so that some are nearly empty
        share = draw.dirichlet(np.full(8, 0.5))
        has = [(np.arange(8) >> at) & 1 == 1 for at in range(3)]
        digits = int(draw.integers(0, 3))
        half = 0.5 * 10.0**-digits

        def printed(event, digits=digits, half=half, share=share):
            figure = round(100 * share[event].sum(), digits)
            return figure - half, figure + half

        premises = [
            Premise("a or b or c", *printed(has[0] | has[1] | has[2])), Premise("a", *printed(has[0])),
            Premise("b", *printed(has[1])), Premise("c", *printed(has[2])),
        ]  # fmt: skip
        found = bounds(premises, "a or b")
        truth = 100 * share[has[0] | has[1]].sum()
        assert found.lower is not None and found.lower - 1e-6 <= truth <= found.upper + 1e-6


def test_bounds_are_reached():
    """Premises that say the bound itself leave a population, and any step beyond leaves none."""
    draw = np.random.default_rng(8)
    for _ in range(20):
        a, b = draw.uniform(5, 95, 2)
        premises = [Premise("a", a, a + 0.1), Premise("b", b, b + 0.1)]
        found = bounds(premises, "a and b")
        # Fréchet's own formula
        expected = (max(0.0, a + b - 100), min(a, b) + 0.1)
        assert (found.lower, found.upper) == pytest.approx(expected, abs=1e-6)
        assert bounds([*premises, Premise("a and b", found.upper - 1e-4, 100)], "a").lower is not None
        assert bounds([*premises, Premise("a and b", found.upper + 1e-3, 100)], "a") == Bounds(None, None)


def test_shares_of_a_part_and_differences():
    """Nobody knows of firms that did not answer: 66 per cent of 22 per cent leave from 14.5 to 92.5."""
    found = bounds([Premise("answers", 22, 22), Premise("uses", 66, 66, given="answers")], "uses")
    assert (found.lower, found.upper) == pytest.approx((14.52, 92.52))
    found = bounds([Premise("a", 60, 61), Premise("b", 10, 12)], "a", minus="b")
    assert (found.lower, found.upper) == pytest.approx((48, 51))


def solved(premise: str, compared: str = "exact"):
    """Bounds and verdict that the models find for one premise: its limits, event and figure."""
    connection = duckdb.connect()
    connection.execute(
        """
        create table stg_official__figures as select one.*, '2024' as time_period from (values
            ('exact', 20.5, 1, '=', 'percent'), ('more', 20.0, 0, '>', 'percent'), ('less', 20.0, 0, '<', 'percent'),
            ('about', 20.0, 0, '~', 'percent'),
            ('count', 20.0, 0, '=', 'firms')
        ) as one(official_figure_id, observation_value, printed_decimals, value_qualifier, unit_of_measure);
        create table stg_official__bound_cases as
        select 'b' as bound_id, 'a' as target_event, null::varchar as minus_event, '' as label_da, '' as label_en,
            '' as facet, $compared as compared_figure_id""",
        {"compared": compared},
    )
    connection.execute(
        "create table stg_codelists__codes (codelist_id text, code_id text, label_da text, label_en text)"
    )
    connection.execute(f"""
        create table stg_official__bound_premises as
        select 'p' as premise_id, 'b' as bound_id, 'all' as given_event, '' as premise_da, '' as premise_en,
            '' as premise_source, one.*
        from (values ({premise}))
            as one(lower_limit, upper_limit, event, official_figure_id)""")
    connection.execute(f"create table int_bounds_limited as {in_sql('int_bounds_limited')}")
    model = runpy.run_path(str(FOLDER / "int_bounds_solved.py"))["model"]
    connection.register("int_bounds_solved", model(SimpleNamespace(ref=connection.table), connection))
    return connection.execute(
        f"select bound_lower, bound_upper, bound_verdict from ({in_sql('fct_bounds', MARTS)})"
    ).fetchone()


def test_a_premise_has_the_limits_that_its_figure_gives_and_no_others():
    assert solved("null::double, null::double, 'a', 'exact'") == (
        pytest.approx(20.45),
        pytest.approx(20.55),
        "not_proven",
    )
    assert solved("null::double, null::double, 'a', 'more'") == (20, 100, "not_proven")
    assert solved("null::double, null::double, 'a', 'less'") == (0, 20, "fall_proven")
    assert solved("15.0, 25.0, 'a', 'about'") == (pytest.approx(15), pytest.approx(25), "not_proven")
    verdicts = [solved("90.0, 91.0, 'a', null", figure)[2] for figure in ("exact", "less", "more", "about")]
    assert verdicts == ["rise_proven", "rise_proven", "not_proven", "not_proven"]
    for figure in ("about", "count"):
        with pytest.raises(ValueError, match=r"bound_premises\.csv, p: has no limits"):
            solved(f"null::double, null::double, 'a', '{figure}'")
    with pytest.raises(ValueError, match=r"bound_cases\.csv, b: 'a \+' is no event"):
        solved("1.0, 2.0, 'a +', null")


@pytest.mark.parametrize("event", ["", "a +", "a + b", "f(a)", "a.b", "1", "a and"])
def test_what_is_no_event_is_refused(event):
    with pytest.raises(ValueError, match="is no event"):
        names_in(event)


def test_premises_that_contradict_have_no_bounds():
    found = bounds([Premise("a", 10, 11), Premise("a or b", 5, 6)], "a")
    assert found == Bounds(None, None) and verdict(found, 1, 2) == "premises_contradict"
