"""Real builds, one after the other, with changing answers, do not tell together what one of them hid."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import duckdb
import numpy as np
import pytest
from support.estimation_project import write_wave
from support.random_tables import bounds
from support.recovery_worlds import RELATIONS

from smv_ai.golden.build import BUILD_FILE, build_arguments, link_project, run_dbt
from smv_ai.survey.disclosure import past
from smv_ai.survey.disclosure.model import questions
from smv_ai.survey.disclosure.tabulated import Question

WAVE = "reef_2026"
FILE = """\
survey: {id: reef, label: Revet | The reef}
tables: [total, size, area]
groups:
  size: {label: Størrelse | Size, values: {small: Lille | Small, large: Stor | Large}}
  area: {label: Område | Area, values: {north: Nord | North, south: Syd | South, east: Øst | East}}
questions:
  trust: {label: Stoler I på AI? | Do you trust AI?, options: {1: Ja | Yes, 2: Måske | Maybe, 3: Nej | No}}
quality:
  share_few_firms: {holds: false}
  share_wide_interval: {holds: false}
  share_relative_width: {holds: false}
"""
# Of each size and area so many firms that say yes, maybe and no. The rules of quality would withhold most of so small a
# survey; without them secrecy alone decides.
FIRMS = {
    ("small", "north"): (2, 2, 1), ("small", "south"): (11, 12, 9), ("small", "east"): (16, 2, 7),
    ("large", "north"): (1, 1, 1), ("large", "south"): (9, 6, 8), ("large", "east"): (7, 1, 6),
}  # fmt: skip


def first_answers() -> list[dict]:
    rows = []
    for (size, area), numbers in FIRMS.items():
        for answer, number in enumerate(numbers, start=1):
            rows += [{"size": size, "area": area, "trust": answer} for _ in range(number)]
    return [
        {
            "respondent_id": f"reef-{number:03d}", "stratum_id": row["size"], "stratum_population_size": 900.0,
            "design_weight": 7.5 if row["size"] == "small" else 3.25, **row,
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip


@dataclass
class Series:
    """A project that is built again and again; `remembers`: whether what releases hid is known to the next."""

    folder: Path
    remembers: bool = True
    released: list[tuple[Question, np.ndarray, np.ndarray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        link_project(self.folder)
        (self.folder / "surveys").mkdir()
        (self.folder / "surveys" / f"{WAVE}.yml").write_text(FILE, encoding="utf-8")

    def release(self, rows: list[dict]) -> Path:
        """Build from these answers, and remember what is shown: as `smv-ai build` does around dbt."""
        write_wave(self.folder / "responses", "reef", WAVE, rows)
        (self.folder / BUILD_FILE).unlink(missing_ok=True)
        before = {"SMV_AI_RELEASE_DIR": str(self.folder / "release")}
        with patch.dict(os.environ, before):
            if self.remembers:
                os.environ["SMV_AI_RELEASED_BEFORE"] = str(past.path())
            database = run_dbt(self.folder, build_arguments("+int_estimates_rounded"))
            past.record(database, f"20260101T0000{len(self.released):02d}Z")
        self.released.append(read(database))
        return database

    def left(self, at: int) -> dict[int, int]:
        """How many values of each count that a release hid all releases leave, to who knows which firms changed."""
        question, _, is_shown = self.released[at]
        hidden = np.flatnonzero(question.figures.is_hidden & ~is_shown)
        found = {}
        for place in hidden:
            least, most = bounds(question, int(place), self.released, is_told=False)
            assert least <= question.sides[0][place] <= most
            found[int(place)] = most - least + 1
        return found


def read(database: Path) -> tuple[Question, np.ndarray, np.ndarray]:
    """The question of a build, in whole numbers of firms, with the steps and what is shown."""
    with duckdb.connect(str(database), read_only=True) as connection:
        relations = {name: connection.sql(f"from intermediate.{table}") for name, table in RELATIONS.items()}
        relations["figures"] = relations["figures"].project("* replace (true as is_suppressed)")  # also where none is
        [(_, question)] = questions(connection, relations)
        rows = connection.execute(
            "select estimate_number, released_step, estimate, is_suppressed from intermediate.int_estimates_rounded"
        ).fetchall()
    shown = {number: (step, estimate, is_hidden) for number, step, estimate, is_hidden in rows}
    of_figure = [shown[int(number)] for number in question.figures.number]
    question.figures.is_hidden[:] = [is_hidden for *_, is_hidden in of_figure]
    is_shown = np.array([estimate is not None for _, estimate, _ in of_figure])
    return question, np.array([step for step, *_ in of_figure], dtype=float), is_shown


def changed(rows: list[dict], random: np.random.Generator) -> list[dict]:
    """One firm answers otherwise, one is new, one is gone; each cell keeps a firm of each answer."""
    rows = [dict(row) for row in rows]
    rows[random.integers(len(rows))]["trust"] = int(random.integers(1, 4))
    new = dict(rows[random.integers(len(rows))], respondent_id=f"reef-new-{random.integers(10**9)}")
    alike = [(row["size"], row["area"], row["trust"]) for row in rows]
    gone = next(place for place in random.permutation(len(rows)) if alike.count(alike[place]) > 1)
    return [*(row for place, row in enumerate(rows) if place != gone), new]


def no_in_the_north(rows: list[dict], number: int) -> list[dict]:
    """The same firms, and so many new ones in the north that say no."""
    model = next(row for row in rows if (row["area"], row["trust"], row["size"]) == ("north", 3, "small"))
    return [*rows, *(dict(model, respondent_id=f"reef-no-{place}") for place in range(number))]


@pytest.mark.parametrize("remembers", [True, False])
def test_two_builds_do_not_tell_what_the_first_hid(tmp_path: Path, remembers: bool) -> None:
    """Two firms said no in the north; with three new ones they are five, and nothing would hide them any more."""
    series = Series(tmp_path / "project", remembers)
    series.release(first_answers())
    series.release(no_in_the_north(first_answers(), 3))
    left = series.left(0)
    assert left
    assert (min(left.values()) >= 3) is remembers


def test_twenty_builds_do_not_tell_what_one_of_them_hid(tmp_path: Path) -> None:
    series, rows, random = Series(tmp_path / "project"), first_answers(), np.random.default_rng(7)
    for _ in range(20):
        series.release(rows)
        rows = changed(rows, random)
    for at in range(20):
        assert min(series.left(at).values(), default=99) >= 3, at


def test_what_was_hidden_stays_hidden_while_its_answers_are_the_same(tmp_path: Path) -> None:
    """A build of the same answers shows and hides the same; new firms elsewhere bring nothing of it to light."""
    series = Series(tmp_path / "project")
    for rows in (first_answers(), first_answers(), [
        *first_answers(), *(dict(first_answers()[40], respondent_id=f"reef-more-{place}") for place in range(3))
    ]):  # fmt: skip
        series.release(rows)
    (before, first_steps, first), (_, second_steps, second), (after, _, third) = series.released
    assert (first == second).all() and (first_steps == second_steps).all() and not first.all()
    same = (np.array(before.sides) == np.array(after.sides)).all(axis=0)
    assert same[~first].any() and not third[~first & same].any()
