"""Titles of figures by rules: largest and smallest, ties named, unsettled labels in no sentence."""

from __future__ import annotations

import pandas as pd
import pytest
from support.app_pages import APP


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(APP))


def rows(*values: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=["label", "observation_value", "status_marks"])
    return frame.assign(
        value_text=[f"{value:g} %" for value in frame["observation_value"]], observation_id=frame["label"]
    )


def test_ties_are_named_and_marks_kept() -> None:
    from shared import findings

    said = findings.title(rows(("A", 4, ""), ("B", 4, ""), ("C", 1, "¶")))
    assert said == "A og b ligger lige højt øverst med 4 %, c lavest med 1 % ¶"


def test_an_unsettled_label_is_in_no_sentence() -> None:
    from shared import findings

    assert "C" not in findings.title(rows(("A", 4, ""), ("B", 2, ""), ("C", 1, "†"), ("Ved ikke", 90, "")))


@pytest.mark.parametrize(
    ("noun", "said"),
    [("brancher", "Handel ligger højest med 4 %, bygge og anlæg lavest med 1 %"),
     ("områder", "Handel ligger højest med 4 %, Bygge og anlæg lavest med 1 %")],
)  # fmt: skip
def test_places_alone_keep_their_capital_inside_a_sentence(noun: str, said: str) -> None:
    from shared import findings

    answers = rows(("Handel", 4, ""), ("IT", 3, ""), ("Mellem", 2, ""), ("Bygge og anlæg", 1, ""))
    assert findings.title(answers, noun=noun) == said
