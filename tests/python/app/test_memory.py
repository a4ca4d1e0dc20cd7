"""What all readers share is made once, bounded, and survives a reader whose run ends meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.app_pages import APP
from support.commands import PATIENCE


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch):
    """The decorator of the app."""
    monkeypatch.syspath_prepend(str(APP))
    from shared import memory

    return memory.kept


def test_a_result_is_made_once_though_many_ask_at_the_same_time(kept) -> None:
    made, everybody_asks = [], threading.Barrier(4, timeout=PATIENCE)

    @kept(8)
    def twice(number: int) -> list[int]:
        made.append(number)
        return [2 * number]

    def ask(number: int) -> list[int]:
        everybody_asks.wait()
        return twice(number)

    with ThreadPoolExecutor(4) as readers:
        answers = list(readers.map(ask, [3, 3, 3, 3]))
    assert made == [3]
    assert answers == [[6]] * 4 and len({id(answer) for answer in answers}) == 1


def test_arguments_that_follow_from_others_are_no_part_of_the_key(kept) -> None:
    @kept(8)
    def joined(name: str, _rows: list[str]) -> str:
        return name + "".join(_rows)

    assert [joined("a", ["1"]), joined("a", ["2"]), joined("b", ["2"])] == ["a1", "a1", "b2"]


def test_the_longest_unused_is_forgotten(kept) -> None:
    made = []

    @kept(2)
    def noted(name: str) -> str:
        made.append(name)
        return name

    for name in ("a", "b", "a", "c", "a", "b"):
        noted(name)
    assert made == ["a", "b", "c", "b"]


def test_what_one_reader_could_not_make_the_next_one_makes(kept) -> None:
    attempts = []

    @kept(8)
    def second(name: str) -> str:
        attempts.append(name)
        if len(attempts) == 1:
            raise ConnectionAbortedError(name)
        return name

    with pytest.raises(ConnectionAbortedError):
        second("a")
    assert second("a") == second("a") == "a"
    assert len(attempts) == 2


def test_lists_and_names_of_a_query_are_a_key(kept) -> None:
    from shared.memory import frozen

    assert frozen({"b": ["x", "y"], "a": None}) == frozen({"a": None, "b": ["x", "y"]})
    assert frozen({"a": ["x"]}) != frozen({"a": "x"})
    hash(frozen({"a": ["x", ["y"]]}))


def test_all_is_forgotten_at_once(kept) -> None:
    from shared.memory import Memory, forget_all

    @kept(2)
    def noted(name: str) -> str:
        return name

    noted("a")
    assert noted in Memory.all and list(noted) == [("a",)]
    forget_all()
    assert list(noted) == []
    assert noted("a") == "a"
