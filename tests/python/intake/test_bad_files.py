"""Whatever is wrong with a file: every row is accounted for, or the refusal names the file and the reason."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import bad_exports, intake_project

from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BadInputError
from smv_ai.intake import loading, store
from smv_ai.intake.coding import Boxes, Marks
from smv_ai.intake.reading import apart, delimited
from smv_ai.intake.words import plain

MANY = 2000
# and one whose cell of thirty thousand letters is taken for the name of a column
SAMPLE = [*range(1, MANY, 320), 1936]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Iterator[Path]:
    """A project with the table loaded as it is when nothing is wrong."""
    folder = tmp_path_factory.mktemp("bad")
    found = intake_project.new_project(folder / "project")
    edits = {r"\n  delimiter: .*": "", r"\n  encoding: .*": ""}
    intake_project.draft(found, [bad_exports.good_csv(folder)], edits=edits)
    intake_project.load(found)
    yield found


def outcome(project: Path, path: Path) -> str:
    """What became of a file: counts that add up, or the message of the refusal."""
    try:
        found = intake_project.prepared(project, path)
        loading.check_loadable(found, accept_quarantined=False)
    except BadInputError as error:
        return str(error)
    counts = found.counts
    assert counts["rows_in"] == counts["loaded"] + sum(counts["set_aside"].values()) + found.quarantined
    table, _ = loading.responses_of(found, None)
    assert len(table) == counts["loaded"] > 0
    return ""


def check(project: Path, path: Path) -> None:
    before = store.responses_file(project, "fjord", intake_project.WAVE).read_bytes()
    message = outcome(project, path)
    is_said = path.name in message or "surveys/" in message or "the header" in message
    assert not message or (is_said and "Traceback" not in message and len(message) < 3000), message
    assert store.responses_file(project, "fjord", intake_project.WAVE).read_bytes() == before


@pytest.mark.parametrize("number", SAMPLE)
def test_a_bad_file_is_accounted_for_or_refused(number: int, project: Path, tmp_path: Path):
    check(project, bad_exports.bad_file(number, tmp_path))


@pytest.mark.parametrize("first", range(0, MANY, 100))
def test_two_thousand_bad_files(first: int, project: Path, tmp_path: Path):
    for number in range(first, first + 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        check(project, bad_exports.bad_file(number, folder))


@pytest.mark.parametrize("number", range(6))
def test_a_broken_file_of_statistics_is_refused_or_read(number: int, project: Path, tmp_path: Path):
    check(project, bad_exports.bad_sav(number, tmp_path))


def test_a_zip_bomb_is_refused_without_being_unpacked(project: Path, tmp_path: Path):
    path = bad_exports.zip_bomb(tmp_path / "bomb.xlsx")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert re.search("bomb.xlsx: unpacks to more than", outcome(project, path))
    per_unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * per_unit < 200 * 2**20


def test_a_file_that_keeps_its_reader_busy_is_refused(project: Path, tmp_path: Path, monkeypatch):
    path = bad_exports.good_xlsx(tmp_path)
    spin = "from smv_ai.intake.reading import apart; apart._limit(1)\nwhile True: pass"
    run = apart.subprocess.run
    monkeypatch.setattr(apart.subprocess, "run", lambda command, **given: run([command[0], "-c", spin], **given))
    assert re.search(r"good\.xlsx: takes longer than 8 s to read; split it", outcome(project, path))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(project: Path, tmp_path: Path, data: bytes):
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    check(project, path)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


PLACES = st.tuples(st.integers(0, 42), st.integers(0, 5), CELLS)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLACES, min_size=1, max_size=6), st.sampled_from([";", ",", "\t", "|"]))
def test_any_cells_are_accounted_for(project: Path, tmp_path: Path, places: list[tuple[int, int, str]], delimiter: str):
    rows = bad_exports.good_rows()
    for row, column, text in places:
        rows[min(row, len(rows) - 1)][column] = text
    check(project, bad_exports.write_csv(tmp_path / "cells.csv", rows, delimiter))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=8))
def test_both_ways_of_reading_text_give_the_same_cells(tmp_path: Path, rows: list[list[str]]):
    import csv

    path = tmp_path / "cells.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    quick, slow = delimited._regular(path, ",", 3), delimited._irregular(path, path, ",", 3)
    if quick is not None:
        cells = [tuple(column[n].as_py() for column in quick.columns) for n in range(quick.height)]
        assert [row for row in cells if any(row)] == [
            tuple(column[n].as_py() for column in slow.columns) for n in range(slow.height)
        ]


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**9), 10**9), st.sampled_from([(".", None), (",", None), (",", "."), (".", ",")]))
def test_a_number_is_read_as_it_is_written_or_not_at_all(number: int, marks: tuple[str, str | None]):
    said = Marks(*marks)
    assert said.number(str(number)) == number
    assert said.number(f"{number}{marks[0]}5") == (number + 0.5 if number >= 0 else -(abs(number) + 0.5))
    other = "," if marks[0] == "." else "."
    if marks[1] is None:
        assert said.number(f"1{other}234") is None


@given(
    st.lists(st.sampled_from(["Analyse, fx prognoser", "Kode", "Tekst", "Analyse"]), unique=True),
    st.sampled_from([",", ", ", ";"]),
)
def test_choices_are_taken_as_wholes_the_longest_first(ticked: list[str], sign: str):
    boxes = Boxes({text: [text] for text in ("Kode", "Analyse", "Analyse, fx prognoser", "Tekst")}, sign)
    assert boxes.parse(sign.join(ticked)) == (set(ticked), "")
    assert plain(sign.join(ticked)) == sign.join(ticked).casefold()


FEW_SIGNS = [b"sep=;\r\n", b"sep=,\r\n", b'"sep=;"\r\n', b"SEP=\t\r\n"]


@pytest.mark.parametrize("line", FEW_SIGNS)
def test_excels_line_about_the_delimiter_is_no_row(line: bytes, project: Path, tmp_path: Path):
    path = bad_exports.good_csv(tmp_path)
    before = intake_project.prepared(project, path)
    path.write_bytes(line + path.read_bytes())
    after = intake_project.prepared(project, path)
    assert after.counts == before.counts
    assert list(after.canonical.table.rows - 1) == list(before.canonical.table.rows)


@pytest.mark.parametrize("blanks", [(1, 1), (0, 1), (3, 0), (0, 3)])
def test_delimiters_at_the_end_of_rows_are_no_columns(blanks: tuple[int, int], project: Path, tmp_path: Path):
    rows = bad_exports.good_rows()
    rows = [[*row, *[""] * blanks[number % 2]] for number, row in enumerate(rows)]
    path = bad_exports.write_csv(tmp_path / "ends.csv", rows, ";")
    assert outcome(project, path) == ""
    assert intake_project.prepared(project, path).counts["loaded"] == 40


def test_merged_answers_are_refused_with_their_cells(project: Path, tmp_path: Path):
    path = bad_exports.book(tmp_path / "merged.xlsx", bad_exports.good_rows(), bad_exports.merged)
    assert "the cells C5:C8 are merged" in outcome(project, path)
    path = bad_exports.book(tmp_path / "header.xlsx", bad_exports.good_rows(), bad_exports.merged_header)
    assert outcome(project, path) == ""


HEAVY = [
    bad_exports.huge_cell,
    bad_exports.long_line,
    bad_exports.open_quote,
    bad_exports.far_cell,
    *bad_exports.ARCHIVES,
]
LOAD = """\
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
from support import intake_project
from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BadInputError
try:
    intake_project.prepared(Path({project!r}), Path({path!r}))
except BadInputError as error:
    print(error)
if Path("/proc/self/status").exists():  # what the kernel counts for a process begins with that of the one that made it
    [peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(int(peak) * 1024)
"""


@pytest.mark.parametrize("make", HEAVY, ids=lambda make: make.__name__)
def test_no_file_takes_more_than_a_gibibyte_and_ten_seconds(make, project: Path, tmp_path: Path):
    """In a process of its own; seconds of the processor, so that a busy machine changes nothing."""
    path = bad_exports.made(make, tmp_path)
    code = LOAD.format(tests=str(PROJECT_DIR / "tests" / "python"), project=str(project), path=str(path))
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    output = child.stdout.read() if child.stdout else ""
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, output
    assert used.ru_utime + used.ru_stime < 10, used
    if Path("/proc/self/status").exists():
        assert int(output.splitlines()[-1]) < 2**30
