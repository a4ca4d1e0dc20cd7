"""Exports that were changed after the survey file was written: what changed an answer is refused, quarantined or
told.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import intake_project
from support.bad_exports import HEAD, good_csv, good_rows
from support.survey_exports import write_csv

from smv_ai.errors import BadInputError
from smv_ai.intake import loading

MANY = 500
SAMPLE = range(0, MANY, 43)
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mutations")
    found = intake_project.new_project(folder / "project")
    intake_project.draft(found, [good_csv(folder)])
    intake_project.load(found)
    yield found


def _rename_option(rows: Rows, draw: random.Random) -> None:
    column = draw.choice([2, 3])
    old = draw.choice(sorted({row[column] for row in rows[1:] if row[column] and row[column] != "Ved ikke"}))
    new = draw.choice([old + " ", old.upper(), old[:-1], f"{old} (ny)", f"{old}\u00a0"])
    for row in rows[1:]:
        row[column] = new if row[column] == old else row[column]


def _swap_headers(rows: Rows, draw: random.Random) -> None:
    one, other = draw.sample(range(2, 6), 2)
    rows[0][one], rows[0][other] = rows[0][other], rows[0][one]


def _swap_columns(rows: Rows, draw: random.Random) -> None:
    one, other = draw.sample(range(0, 6), 2)
    for row in rows:
        row[one], row[other] = row[other], row[one]


def _shift_column(rows: Rows, draw: random.Random) -> None:
    column = draw.randrange(2, 6)
    values = [row[column] for row in rows[1:]]
    for row, value in zip(rows[1:], [values[-1], *values[:-1]], strict=True):
        row[column] = value


def _shift_codes(rows: Rows, draw: random.Random) -> None:
    scale = ["Sjældent", "Hver uge", "Hver dag", "Hver time"]
    for row in rows[1:]:
        row[3] = scale[scale.index(row[3]) + 1] if row[3] else ""


def _cut_rows(rows: Rows, draw: random.Random) -> None:
    del rows[draw.randrange(2, len(rows)) :]


def _change_cell(rows: Rows, draw: random.Random) -> None:
    row = draw.choice(rows[1:])
    row[draw.choice([2, 4, 5])] = draw.choice(["Ja", "Nej", 7, "7", "7,5", "7.5", ""])


def _drop_column(rows: Rows, draw: random.Random) -> None:
    column = draw.randrange(0, 6)
    for row in rows:
        del row[column]


def _insert_column(rows: Rows, draw: random.Random) -> None:
    place, name = draw.randrange(0, 6), draw.choice([*HEAD, "ny"])
    for number, row in enumerate(rows):
        row.insert(place, name if number == 0 else draw.choice(["Ja", "Nej", 3]))


def _other_decimal_mark(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        row[5] = str(row[5]).replace(",", ".")


MUTATIONS: list[Callable[[Rows, random.Random], None]] = [
    _rename_option, _swap_headers, _swap_columns, _shift_column, _shift_codes, _cut_rows, _change_cell, _drop_column,
    _insert_column,
    _other_decimal_mark,
]  # fmt: skip


def mutated(number: int, folder: Path) -> tuple[Path, Rows]:
    """The export of a number, mutated, and its rows."""
    draw = random.Random(number)
    rows = good_rows()
    MUTATIONS[number % len(MUTATIONS)](rows, draw)
    return write_csv(folder / f"mutated_{number}.csv", rows, ";"), rows


def check(project: Path, number: int, folder: Path) -> str:
    """Refused or told; returns which."""
    path, rows = mutated(number, folder)
    try:
        found = intake_project.prepared(project, path)
        loading.check_loadable(found, accept_quarantined=False)
    except BadInputError as error:
        assert path.name in str(error) or "surveys/" in str(error) or "the header" in str(error)
        return "refused"
    table, _ = loading.responses_of(found, None)
    told = loading.changes_since(found, table)
    assert told is not None
    before = {row["respondent_id"]: row for row in intake_project.responses(project)}
    now = {row["respondent_id"]: row for row in table.to_pylist()}
    items = [item.item.column for item in found.canonical.items]
    changed = {
        item: sum(before[who][item] != now[who][item] for who in before.keys() & now.keys()) for item in items
    }  # fmt: skip
    assert {item: count for item, count in told["changed_answers"].items() if item in items} == {
        item: count for item, count in changed.items() if count
    }
    assert told["gone"] == len(before.keys() - now.keys()) and told["new"] == len(now.keys() - before.keys())
    # and what is loaded is what stands in the file, under the header of that name
    at = {str(row[rows[0].index("firm_key")]): row for row in rows[1:]}
    codes = {"Ja": 1, "Nej": 2, "Ved ikke": -3}
    for who, row in now.items():
        assert row["q1"] == codes.get(str(at[who][rows[0].index("q1")]).strip("\u00a0 "), -2)
    return "told" if any(changed.values()) or told["gone"] or told["new"] else "the same"


@pytest.mark.parametrize("number", SAMPLE)
def test_a_mutated_export_miscodes_nothing_in_silence(number: int, project: Path, tmp_path: Path):
    check(project, number, tmp_path)


def test_five_hundred_mutated_exports(project: Path, tmp_path: Path):
    found = [check(project, number, tmp_path) for number in range(MANY)]
    assert {"refused", "told"} <= set(found)


def test_a_relabelled_code_in_the_definition_is_refused(tmp_path: Path):
    from support.survey_exports import answers, redcap

    project = intake_project.new_project(tmp_path / "project")
    files = redcap(tmp_path, answers())
    intake_project.draft(project, files)
    intake_project.load(project)
    text = files[1].read_text(encoding="utf-8")
    files[1].write_text(text.replace("1, Ja | 2, Nej", "1, Nej | 2, Ja"), encoding="utf-8")
    with pytest.raises(
        BadInputError, match="questions.q1.options.1: the definition calls '1' 'Nej', the survey file 'Ja'"
    ):
        intake_project.prepared(project)
    files[1].write_text(text.replace("2, Kode", "2, Oversættelse"), encoding="utf-8")
    with pytest.raises(BadInputError, match="questions.q3.items.2: the definition calls it 'Oversættelse'"):
        intake_project.prepared(project)


def test_the_certificate_of_a_load_says_which_answers_changed(tmp_path: Path):
    project = intake_project.new_project(tmp_path / "project")
    path = good_csv(tmp_path)
    intake_project.draft(project, [path])
    intake_project.load(project)
    rows = good_rows()
    row = next(row for row in rows[1:] if row[2] == "Nej" and row[0] != "TEST")
    row[2] = "Ved ikke"
    load = intake_project.load(project, write_csv(tmp_path / "corrected.csv", rows, ";"))
    said = json.loads((load.folder / "certificate.json").read_text(encoding="utf-8"))
    assert said["changes"] == {"gone": 0, "new": 0, "changed_answers": {"q1": 1}}
