"""The seeds against the texts themselves, where they lie beside the project: printed characters stand on their line."""

from __future__ import annotations

import csv
import hashlib
import re

import pytest
from support.project import PROJECT, TEXTS

if not TEXTS.is_dir():
    pytest.skip("the five texts do not lie beside the project", allow_module_level=True)


def rows(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


PUBLICATIONS = {row["publication_id"]: row for row in rows("catalogue/publications.csv")}


def lines_of(publication_id: str) -> list[str]:
    text = (TEXTS / PUBLICATIONS[publication_id]["source_file"]).read_bytes().decode("utf-8")
    return text.split("\n")


@pytest.mark.parametrize("publication_id", PUBLICATIONS)
def test_line_numbers_refer_to_the_text_with_this_checksum(publication_id):
    publication = PUBLICATIONS[publication_id]
    content = (TEXTS / publication["source_file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == publication["source_sha256"]
    assert int(publication["source_line_count"]) <= content.count(b"\n") + 1


@pytest.mark.parametrize("publication_id", PUBLICATIONS)
def test_the_printed_characters_stand_on_their_line(publication_id):
    lines = lines_of(publication_id)
    wrong = []
    for row in rows(f"published/published_{publication_id}.csv"):
        line = lines[int(row["source_line"]) - 1].casefold()
        digits = re.search(r"[\d.,]*\d", row["printed_value"])
        words = [digits.group()] if digits else row["printed_value"].casefold().split()
        if not any(word in line for word in words):
            wrong.append((row["figure_id"], row["printed_value"], line.strip()))
    assert wrong == []


def test_no_sentence_of_a_source_is_copied():
    """No nine words in a row of a source stand in any seed."""
    length = 9
    words = re.compile(r"\w+")

    def runs(text: str) -> set[tuple[str, ...]]:
        tokens = words.findall(text.casefold())
        return {tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)}

    source = set().union(*(runs(" ".join(lines_of(publication))) for publication in PUBLICATIONS))
    # titles, authors and publishers are names
    names = [
        row[column] for row in PUBLICATIONS.values() for column in ("title_da", "authors", "publisher", "citation")
    ]
    allowed = set().union(*(runs(name) for name in names))
    copied = {}
    for path in sorted((PROJECT / "seeds").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            cells = [cell for row in csv.reader(handle) for cell in row]
        found = set().union(*(runs(cell) for cell in cells)) & source - allowed
        if found:
            copied[path.name] = found
    assert copied == {}
