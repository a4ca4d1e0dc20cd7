"""No hidden count of the demonstration waves, nor of surveys at random, follows from what is released."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from support.random_tables import THRESHOLD, bounds, least_left, next_release, random_question, shown_at_last
from support.recovery_attack import Question, most_and_least
from support.recovery_wave import Wave, hidden_counts, read_wave
from support.recovery_worlds import named_worlds, possible_values

from smv_ai import environment
from smv_ai.environment import Kind
from smv_ai.survey.disclosure.other_answers import Search

WAVES = ["dania_2025", "deb_2025_autumn", "deb_2025_spring", "dst_micro_2023", "ti_2025", "caisa_2024"]
# of so many hidden counts fewer than three values remain for those who are told which counts are from one to four
MUTATED = {"digits": [6], "hiding": [14]}
TOLD = {"caisa_2024": 12}


@pytest.fixture(scope="module")
def build_file(demo_build: object) -> Path:
    """The private build file behind the demonstration."""
    return environment.build_file(Kind.DEMONSTRATION)


@pytest.mark.parametrize("design_id", WAVES)
def test_the_attacker_computes_what_is_released(build_file: Path, design_id: str) -> None:
    """Else the attack would prove nothing: every released digit and size follows from the true answers."""
    wave = read_wave(build_file, design_id)
    wrong = [item for item in sorted(set(wave.items.values())) if not (q := Question(wave, item)).allows(q.answers)]
    assert wrong == []


@pytest.mark.parametrize("design_id", WAVES)
def test_a_released_share_has_no_rare_answer(build_file: Path, design_id: str) -> None:
    """So many firms answered so, so many did not: each number is 0 or reaches the threshold."""
    wave = read_wave(build_file, design_id)
    for item in sorted(set(wave.items.values())):
        question = Question(wave, item)
        sides = question.outputs(question.sums, question.firms, question.everything)[:, 1:3].min(axis=1)
        rare = question.is_shown & (sides > 1e-6) & (sides < THRESHOLD - 1e-6)
        assert [question.keys[place] for place in np.flatnonzero(rare)] == []


@pytest.mark.parametrize("design_id", WAVES)
def test_three_values_of_every_hidden_count_remain(build_file: Path, design_id: str) -> None:
    """Nothing that is released excludes two other values of any hidden count.

    Nor does it for those who are told which counts are below the threshold, but for a few.
    """
    wave, worlds = read_wave(build_file, design_id), named_worlds(build_file, design_id)
    assert [key for key, values in possible_values(wave, worlds).items() if len(values) < 3] == []
    told = [key for key, values in possible_values(wave, worlds, is_told=True).items() if len(values) < 3]
    assert len(told) <= TOLD.get(design_id, 0), told


def rounded_again(wave: Wave, step_of: Callable[[dict], float]) -> Wave:
    """The wave as if the released figures were rounded to other steps; without design effects."""
    for key, figure in wave.figures.items():
        row = figure.row
        if row["estimate"] is None or row["worth_of_three"] is None:
            continue
        factor, step = row["value_factor"], step_of(row)
        estimate, error, lower, upper = (
            step * round(factor * row[f"true_{name}"] / step)
            for name in ("estimate", "standard_error", "ci_lower", "ci_upper")
        )
        changed = {"estimate": estimate, "standard_error": max(step, error), "ci_lower": lower, "ci_upper": upper}
        changed |= {"released_step": step, "error_step": step, "design_effect": None, "effective_sample_size": None}
        wave.figures[key] = dataclasses.replace(figure, row=row | changed)
    return wave


def recovered(wave: Wave) -> int:
    """Hidden counts of which the released estimates alone leave one value; a whole-number programme proves it."""
    number = 0
    for item in sorted({wave.items[measure] for measure, _ in hidden_counts(wave)}):
        question = Question(wave, item)
        for key in hidden_counts(wave):
            if wave.items[key[0]] == item:
                least, most = most_and_least(question, question.keys.index(key))
                number += least == most
    return number


@pytest.mark.parametrize("design_id", ["dst_micro_2023", "ti_2025"])
def test_the_attack_succeeds_on_full_precision(build_file: Path, design_id: str) -> None:
    """The same figures with all their digits leave a single value of hidden counts; as they are released, of none."""
    assert recovered(read_wave(build_file, design_id)) == 0
    assert recovered(rounded_again(read_wave(build_file, design_id), lambda row: 1e-7)) > 0


@pytest.mark.parametrize("design_id", ["ti_2025"])
def test_without_the_lost_digits_worlds_are_refuted(build_file: Path, design_id: str) -> None:
    """In the digits of the rule alone the other answers would show."""
    wave = rounded_again(read_wave(build_file, design_id), lambda row: row["least_step"] or row["released_step"])
    values = possible_values(wave, named_worlds(build_file, design_id))
    assert any(len(found) < 3 for found in values.values())


@pytest.mark.parametrize("design_id", ["ti_2025"])
def test_grades_of_all_figures_would_refute_worlds(build_file: Path, design_id: str) -> None:
    """That a figure is shown, or unreliable, tells of its error: what would tell too much is hidden as confidential."""
    wave, worlds = read_wave(build_file, design_id), named_worlds(build_file, design_id, is_graded=False)
    assert any(figure.row["is_suppressed"] and not figure.row["is_hidden_by_rule"] for figure in wave.figures.values())
    for key, figure in wave.figures.items():
        wave.figures[key] = dataclasses.replace(
            figure, row=figure.row | {"is_suppressed": figure.row["is_hidden_by_rule"]}
        )
    assert any(len(found) < 3 for found in possible_values(wave, worlds).values())


@pytest.mark.parametrize("seed", range(200))
def test_random_surveys_keep_their_hidden_counts(seed: int) -> None:
    """A whole-number programme that is told which counts are from one to four leaves at least three values."""
    question = random_question(seed)
    search = Search(question)
    search.run()
    assert least_left(question, search, 2) >= 3


@pytest.mark.parametrize("rule", ["digits", "hiding"])
def test_random_surveys_lose_counts_without_a_rule(rule: str) -> None:
    """The programme finds something where digits are not lost, or what would tell is not hidden."""
    left = []
    for seed in MUTATED[rule]:
        question = random_question(seed)
        search = Search(question)
        search.run()
        if rule == "digits":
            search.step = question.figures.step
        else:
            search.is_shown = question.figures.is_shown
        left.append(least_left(question, search, 99))
    assert min(left) < 3


def released_in_turn(seed: int, releases: int, *, remember: bool) -> int:
    """The fewest values that the attacker leaves who has kept all releases and knows who answers otherwise since."""
    question, earlier, left = random_question(seed), [], 99
    for number in range(releases):
        search = Search(question)
        search.run()
        left = min(left, least_left(question, search, 3, earlier))
        earlier.append((question, search))
        question = next_release(question, earlier if remember else [], 1000 * seed + number)
    return left


@pytest.mark.parametrize(("seed", "releases"), [(6, 4), *((seed, 20) for seed in range(1, 21))])
def test_successive_releases_keep_hidden_counts(seed: int, releases: int) -> None:
    assert released_in_turn(seed, releases, remember=True) >= 3


def test_without_memory_releases_tell_together_what_each_hides() -> None:
    assert released_in_turn(6, 4, remember=False) < 3


@pytest.mark.parametrize("seed", [14, 5])
def test_answers_that_are_groups_of_tables_keep_hidden_counts(seed: int) -> None:
    """The number of firms of each answer is public, in total; a search that does not know it leaves counts bare."""
    left = []
    for is_known in (False, True):
        question = random_question(seed)
        totals = question.inside.all(axis=1) & question.figures.is_shown
        question.figures.is_counted[:] = totals & is_known
        search = Search(question)
        search.run()
        question.figures.is_counted[:] = totals
        left.append(least_left(question, search, 99))
    assert left[0] < 3 <= left[1], left


def left_when_shown(seed: int, *, remember: bool) -> int:
    """The fewest values of hidden rare answers that a second release leaves, where each has reached the threshold.

    The attacker keeps both releases and knows which firms answer otherwise since.
    """
    question, left = random_question(seed), 99
    search = Search(question)
    search.run()
    for place in np.flatnonzero(question.figures.is_rare)[:3]:
        later = shown_at_last(question, [(question, search)], int(place))
        if later is None:
            continue
        if not remember:
            later.past = dataclasses.replace(later.past, hidden=np.array([], dtype=int))
        second = Search(later)
        second.run()
        releases = [(then, found.step, found.is_shown) for then, found in ((question, search), (later, second))]
        least, highest = bounds(question, int(place), releases, is_told=False)
        left = min(left, highest - least + 1)
    return left


@pytest.mark.parametrize("seed", [1, 10, 18, 38])
def test_a_hidden_count_stays_open_when_a_later_release_shows_it(seed: int) -> None:
    assert left_when_shown(seed, remember=False) < 3  # else the attack would be too weak
    assert left_when_shown(seed, remember=True) >= 3


def test_what_is_released_has_no_more_digits_than_the_sample_supports(
    demo_warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Shares of at most two decimals of a per cent, and no finer than one respondent in all."""
    rows = demo_warehouse.execute(
        "select estimate, ci_lower, ci_upper, standard_error, sample_size, statistic, is_change"
        " from marts.fct_estimates where estimate is not null and unit_of_measure = 'percent'"
    ).fetchall()
    assert len(rows) > 1000
    for value, lower, upper, error, firms, statistic, is_change in rows:
        assert all(number is None or round(number, 2) == number for number in (value, lower, upper, error))
        if statistic == "share" and not is_change:
            steps = [step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if step * firms >= 99.99]
            assert any(abs(value / step - round(value / step)) < 1e-6 for step in steps), (value, firms)


@pytest.mark.parametrize("mart", ["fct_observations", "mart_adoption", "mart_barriers", "mart_productivity"])
def test_every_mart_shows_the_digits_of_the_estimates(demo_warehouse: duckdb.DuckDBPyConnection, mart: str) -> None:
    different = demo_warehouse.execute(
        f"select count(*) from marts.{mart} as marts inner join marts.fct_estimates as estimates using (observation_id)"
        " where (observation_value, marts.standard_error, marts.ci_lower, marts.design_effect,"
        " marts.effective_sample_size) is distinct from (estimate, estimates.standard_error, estimates.ci_lower,"
        " estimates.design_effect, estimates.effective_sample_size)"
    ).fetchone()
    assert different == (0,)


def test_no_reason_tells_the_value(demo_warehouse: duckdb.DuckDBPyConnection) -> None:
    """Withheld estimates have one reason, whatever the rule."""
    assert set(
        demo_warehouse.execute(
            "select distinct is_suppressed, quality_rule_ids, suppression_reason from marts.fct_estimates"
            " where is_withheld"
        ).fetchall()
    ) <= {(True, None, "confidential"), (False, "unreliable", None), (False, "no_standard_error", None)}
