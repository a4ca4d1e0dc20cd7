"""Characters that no text of the warehouse may hold: refused in seeds by file, row, column and code point."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from support.project import PROJECT
from support.seed_edits import edit, message_of

from smv_ai.seeds import characters
from smv_ai.seeds.check import Checker

LABELS = "codelists/industries.csv"
FIGURES = "published/published_ti_2025.csv"
UNFIT = [
    *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)),
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", *"\u200b\u200c\u200d\u200e\u200f", *"\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e", *"\u2060\u2061\u2064\u2066\u2067\u2068\u2069\u206f", "\u3164",
    "\ud800", "\udfff", "\ufdd0", "\ufdef", *"\ufeff\ufff9\ufffb\ufffe\uffff", "\U0001fffe", "\U000e0001",
    "\U000e0041", "\U0010ffff",
]  # fmt: skip
FIT = [
    "æøå ÆØÅ",
    "n = 1\u00a0521",
    "66 %–70 %",
    "$1m to $5m",
    "é e\u0301",
    "عربي",
    "人工智能",
    "👍🏽 ❤️",
    "**~~`#",
    "<b>&",
    "=1+1",
]
OTHER_SPACES = ["\u00a0", "\u1680", "\u2003", "\u2009", "\u202f", "\u205f", "\u3000"]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))


def put(path: Path, column: str, text: str) -> None:
    """Write a text into the second row of data as it stands, half surrogates too."""
    header, *rows = list(csv.reader(path.read_text(encoding="utf-8").split("\n")[:-1]))
    rows[1][header.index(column)] = text
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("character", UNFIT, ids=characters.named)
def test_character_is_refused_in_a_label_with_its_place(character: str) -> None:
    found = characters.finding(f"ab{character}c")
    assert found is not None and found.startswith(f"holds {characters.named(character)} (")
    assert "as character 3; " in found
    assert found.isprintable()


@pytest.mark.parametrize("text", FIT)
def test_what_people_write_is_accepted(text: str) -> None:
    assert characters.finding(text) is None
    assert characters.cleaned(text) == text


@pytest.mark.parametrize("space", OTHER_SPACES, ids=characters.named)
def test_other_white_space_is_refused_in_keys_only(space: str) -> None:
    assert characters.finding(f"a{space}b") is None
    assert characters.finding(f"a{space}b", is_key=True).startswith(f"holds {characters.named(space)} (white space")
    assert characters.finding("a b", is_key=True) is None


@pytest.mark.parametrize(
    "character", ["\x00", "\t", "\x0b", "\f", "\n", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800", "\uffff"]
)
@pytest.mark.parametrize(("file", "column"), [(LABELS, "label_da"), (LABELS, "industry_id"), (FIGURES, "note")])
def test_every_cell_is_named_with_file_row_and_column(seeds, file: str, column: str, character: str) -> None:
    put(seeds / file, column, f"ab{character}cd")
    message = message_of(seeds)
    assert f"seeds/{file}, row 2 (line 3), column {column}: holds {characters.named(character)} (" in message
    assert message.splitlines()[0].startswith("1 problem in the seeds; nothing was built")
    assert character == "\n" or character not in message


def test_every_cell_of_every_seed_is_looked_at(seeds) -> None:
    """A form feed in each column of each seed at once; what the checker finds, before the first twenty are shown."""
    expected = set()
    for path in sorted(seeds.glob("*/*.csv")):
        header, *rows = list(csv.reader(path.read_text(encoding="utf-8").split("\n")[:-1]))
        for column in header if len(rows) > 1 else []:
            put(path, column, "\f")
            expected.add((f"seeds/{path.parent.name}/{path.name}", 2, column))
    found = {
        (problem.file, problem.row, problem.column)
        for problem in Checker(seeds).run()
        if problem.message.startswith("holds U+000C (a control character) as character 1; ")
    }
    assert len(expected) > 300 and found == expected


def test_white_space_in_a_key_is_named(seeds) -> None:
    put(seeds / LABELS, "industry_id", "con\u00a0struction")
    assert "column industry_id: holds U+00A0 (white space that is no plain space) as character 4" in message_of(seeds)


NUMBERS = {
    "digits of another script": ("source_line", "２", "'２' is not a whole number; allowed: digits only"),
    "Arabic digits": ("source_line", "٢", "'٢' is not a whole number"),
    "out of range": ("source_line", "99999999999999999999", "is out of range; allowed: whole numbers from"),
    "thousands of digits": ("source_line", "9" * 5000, "is out of range; allowed: whole numbers from"),
    "decimal digits of another script": ("observation_value", "１２.1", "'１２.1' is not a number"),
    "no number is so large": ("observation_value", "9" * 400, "is larger than a number can be"),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_that_the_database_would_not_take(seeds, kind: str) -> None:
    column, value, expected = NUMBERS[kind]
    edit(seeds / FIGURES, lambda rows: rows[4].update({column: value}))
    message = message_of(seeds)
    assert f"seeds/{FIGURES}, row 5 (line 6), column {column}: " in message
    assert expected in message


@pytest.mark.parametrize("value", ["20250101", "2025-W01-1", "２０２５-01-01"])
def test_a_date_has_one_form(seeds, value: str) -> None:
    edit(seeds / "catalogue/survey_waves.csv", lambda rows: rows[0].update(collection_start_date=value))
    assert "is not a date; allowed: YYYY-MM-DD" in message_of(seeds)


def test_what_is_drawn_shows_that_a_character_was_taken_away() -> None:
    assert characters.cleaned({"a": ["x\fy", ("\ufffe", 1)]}) == {"a": ["x\ufffdy", ["\ufffd", 1]]}
    assert characters.cleaned("one\ntwo") == "one\ntwo"
