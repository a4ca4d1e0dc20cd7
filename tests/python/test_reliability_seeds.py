"""Mutated seeds: each is refused with its file and row, or reads as the same rows, or is another valid row.

A change from one valid value to another is an edit like any other: no rule can tell it from an intended one. It is
published with a change report that names the row (test_operation.py), and the transcription test compares the figures.
"""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from conftest import PROJECT

from smv_ai.errors import BadInputError
from smv_ai.seed_check import check_seeds


def flip_byte(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def swap_cells(content: bytes, chance: random.Random) -> bytes:
    rows = rows_of(content)
    row = chance.choice(rows[1:])
    one, two = chance.sample(range(len(row)), 2)
    row[one], row[two] = row[two], row[one]
    return written(rows)


def double_row(content: bytes, chance: random.Random) -> bytes:
    rows = rows_of(content)
    rows.insert(chance.randrange(1, len(rows)), list(chance.choice(rows[1:])))
    return written(rows)


def other_encoding(content: bytes, chance: random.Random) -> bytes:
    return content.decode("utf-8").encode(chance.choice(["utf-16", "latin-1", "utf-8-sig", "cp1252"]), "replace")


def truncate(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def line_ends(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b"\n", chance.choice([b"\r\n", b"\n\n"]))


KINDS = (flip_byte, swap_cells, double_row, other_encoding, truncate, line_ends)
NAMED = re.compile(r"^seeds/\w+/\w+\.(csv|yml)(, row \d+ \(line \d+\))?(, column [\w, ]+)?: ", re.MULTILINE)


def mutate(count: int, tmp_path: Path, seed: int) -> Counter:
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    files = [path for path in sorted(seeds.glob("*/*.csv")) if len(rows_of(path.read_bytes())) > 1]  # some may be empty
    chance = random.Random(seed)
    outcomes: Counter = Counter()
    for number in range(count):
        path, kind = chance.choice(files), KINDS[number % len(KINDS)]
        original = path.read_bytes()
        changed = kind(original, chance)
        path.write_bytes(changed)
        try:
            check_seeds(seeds)
        except BadInputError as error:
            first = str(error).splitlines()[1]
            assert NAMED.match(first), f"{kind.__name__} on {path.name}: {error}"
            outcomes["refused"] += 1
        else:
            same = rows_of(changed) == rows_of(original)
            outcomes["same rows" if same else "another valid row"] += 1
            if not same:
                assert kind in (flip_byte, swap_cells, double_row, truncate, other_encoding), kind.__name__
        path.write_bytes(original)
    return outcomes


def test_a_hundred_mutated_seeds(tmp_path):
    outcomes = mutate(100, tmp_path, seed=11)
    print(dict(outcomes))
    assert outcomes["refused"] >= 55


@pytest.mark.long
def test_five_hundred_mutated_seeds(tmp_path):
    outcomes = mutate(500, tmp_path, seed=13)
    print(dict(outcomes))
    assert outcomes["refused"] >= 275
