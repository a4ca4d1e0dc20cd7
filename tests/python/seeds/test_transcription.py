"""Two people transcribed the five texts independently: what one found, the other must have found."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "transcription"
LINES_APART = 3


class Figure(NamedTuple):
    source_file: str
    source_line: int
    value: float
    text: str


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


@pytest.fixture(scope="module")
def first(warehouse) -> list[Figure]:
    rows = warehouse.execute(
        "select source_file, source_line, observation_value, printed_value from marts.fct_published_figures"
    ).fetchall()
    return [Figure(*row) for row in rows]


@pytest.fixture(scope="module")
def second() -> list[Figure]:
    rows = _rows(FOLDER / "second_transcription.csv")
    return [Figure(r["source_file"], int(r["source_line"]), float(r["value"]), r["printed"]) for r in rows]


def unmatched(figures: list[Figure], others: list[Figure]) -> list[Figure]:
    """Figures without a partner of their own: same file and value, at most three lines away; each is used once."""
    free = list(others)
    left = []
    for figure in figures:
        candidates = [
            other
            for other in free
            if other.source_file == figure.source_file
            and abs(other.source_line - figure.source_line) <= LINES_APART
            and abs(other.value - figure.value) < 0.05
        ]
        if candidates:
            free.remove(min(candidates, key=lambda other: abs(other.source_line - figure.source_line)))
        else:
            left.append(figure)
    return left


def settled(found_in: str) -> set[tuple[str, int, float]]:
    rows = _rows(FOLDER / "settled_differences.csv")
    return {(r["source_file"], int(r["source_line"]), float(r["value"])) for r in rows if r["found_in"] == found_in}


def test_what_the_first_reader_found_the_second_found_too(first, second):
    missing = {figure[:3] for figure in unmatched(first, second)}
    assert missing == settled("first")


def test_what_the_second_reader_found_the_first_found_too(first, second):
    missing = {figure[:3] for figure in unmatched(second, first)}
    assert missing == settled("second")


def test_the_comparison_sees_a_wrong_value_and_a_wrong_line(first, second):
    wrong = [first[0]._replace(value=first[0].value + 1), first[1]._replace(source_line=first[1].source_line + 50)]
    assert len(unmatched([*wrong, *first[2:]], second)) == len(settled("first")) + 2


def test_qualifiers_agree_on_the_same_line(warehouse):
    ours = set(
        warehouse.execute(
            "select source_file, source_line, observation_value, value_qualifier from marts.fct_published_figures"
        ).fetchall()
    )
    theirs = [
        (r["source_file"], int(r["source_line"]), float(r["value"]), r["qualifier"])
        for r in _rows(FOLDER / "second_transcription.csv")
    ]
    assert [figure for figure in theirs if figure not in ours] == []
