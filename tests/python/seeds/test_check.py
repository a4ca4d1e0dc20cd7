"""Bad input: one message that names file, row, column, what is wrong and what is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.project import PROJECT
from support.seed_edits import FIGURES, edit, message_of

from smv_ai.seeds.check import check_seeds


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))


def test_the_seeds_as_they_stand_are_accepted(seeds):
    check_seeds(seeds)


CELLS = {
    "unknown code": ("technology_id", "telepathy", "'telepathy' is not a known code; allowed: total, text_analysis"),
    "unknown short code": ("observation_status", "fine", "'fine' is not a known code; allowed: normal, ocr_uncertain"),
    "missing base": ("base_population_id", "", "is empty; a value is required"),
    "value outside its unit's range": (
        "observation_value",
        "165",
        "165 is outside the range of percent; allowed: 0 to 100",
    ),
    "decimal comma": ("observation_value", "12,1", "'12,1' is not a number; write the decimal with a point"),
    "not a number": ("observation_value", "many", "'many' is not a number; allowed: a number such as 12.1"),
    "line beyond the text": ("source_line", "90000", "90000 is outside the range of ti_2025; allowed: 1 to 1802"),
    "line is no number": ("source_line", "x", "'x' is not a whole number; allowed: digits only"),
    "not a boolean": ("is_cited_evidence", "perhaps", "'perhaps' is neither true nor false; allowed: true, false"),
    "white space": ("indicator_id", "ai_use ", "begins or ends with white space; remove it"),
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_bad_cell_is_named_with_file_row_and_column(seeds, kind):
    column, value, expected = CELLS[kind]
    edit(seeds / FIGURES, lambda rows: rows[4].update({column: value}))
    message = message_of(seeds)
    assert f"seeds/{FIGURES}, row 5 (line 6), column {column}: " in message
    assert expected in message
    assert "nothing was built and nothing was released" in message


def test_a_duplicate_key_names_both_rows(seeds):
    edit(seeds / FIGURES, lambda rows: rows.append(dict(rows[2])))
    message = message_of(seeds)
    assert f"seeds/{FIGURES}, row 124 (line 125), column figure_id: 'ti_0185_a' stands already in row 3" in message


def test_an_indicator_without_comparability_group_is_named(seeds):
    edit(seeds / FIGURES, lambda rows: rows[4].update(base_population_id="caisa_ai_users"))
    message = message_of(seeds)
    assert "row 5 (line 6), column indicator_id, base_population_id: 'barrier|caisa_ai_users' has no row in" in message


def test_a_file_that_is_not_utf8_is_named_with_its_row(seeds):
    path = seeds / FIGURES
    content = path.read_bytes().split(b"\n")
    content[7] += "æ".encode("latin-1")
    path.write_bytes(b"\n".join(content))
    assert f"seeds/{FIGURES}, row 7 (line 8): byte" in message_of(seeds)
    assert "is not UTF-8; save the file as UTF-8" in message_of(seeds)


def test_a_byte_order_mark_is_refused(seeds):
    path = seeds / FIGURES
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "begins with a byte order mark" in message_of(seeds)


def test_a_missing_column_shows_the_header_that_is_expected(seeds):
    path = seeds / "codelists/units.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("label_da,", "", 1), encoding="utf-8")
    message = message_of(seeds)
    assert "seeds/codelists/units.csv: the header is unit_of_measure,label_en" in message
    assert "expected: unit_of_measure,label_da,label_en" in message


def test_a_row_with_a_cell_too_many_is_named(seeds):
    path = seeds / "codelists/units.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + ",\n", encoding="utf-8")
    assert "seeds/codelists/units.csv, row 6 (line 7): has 8 cells, expected 7" in message_of(seeds)


def test_a_file_that_is_gone_and_one_too_many_are_named(seeds):
    (seeds / "codelists/units.csv").rename(seeds / "codelists/measures.csv")
    message = message_of(seeds)
    assert "seeds/codelists/units.csv: cannot be read" in message
    assert "seeds/codelists/measures.csv: has no entry in the property file" in message


def test_an_empty_file_is_named(seeds):
    (seeds / "codelists/units.csv").write_bytes(b"")
    assert "seeds/codelists/units.csv: the header is ; expected: unit_of_measure" in message_of(seeds)


def test_a_file_that_lost_all_its_rows_is_named(seeds):
    path = seeds / "codelists/units.csv"
    path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    assert "seeds/codelists/units.csv: has no rows; put the rows back or remove the seed" in message_of(seeds)


def test_a_broken_quote_is_named(seeds):
    path = seeds / "codelists/units.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"open', encoding="utf-8")
    assert "seeds/codelists/units.csv: is not a well-formed CSV file" in message_of(seeds)


def test_a_line_list_beyond_the_text_is_named(seeds):
    edit(seeds / "catalogue/source_checks.csv", lambda rows: rows[0].update(source_lines="12,99999"))
    assert "column source_lines: '99999' is not a line of the text; allowed: 1 to 382" in message_of(seeds)


def test_lines_of_no_publication_are_named(seeds):
    edit(seeds / "catalogue/base_populations.csv", lambda rows: rows[0].update(publication_id=""))
    assert "row 1 (line 2), column source_lines: names lines of a text, but publication_id is empty" in message_of(
        seeds
    )


def test_all_problems_are_counted_and_the_first_twenty_shown(seeds):
    edit(seeds / FIGURES, lambda rows: [row.update(technology_id="telepathy") for row in rows])
    message = message_of(seeds)
    assert message.startswith("123 problems in the seeds")
    assert "... and 103 more" in message
