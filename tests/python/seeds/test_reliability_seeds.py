"""Mutated seeds: each is refused with its file and place, or the release is identical in meaning.

A valid value in the place of another is refused by the lock of accepted rows. Rows that are not accepted yet have no
such guard; a rule of the repository (test_repo_rules.py) has them accepted before they are merged.
"""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from support.project import PROJECT, copy_project, run_build

from smv_ai.errors import BadInputError, ExitCode
from smv_ai.reader import current_release
from smv_ai.releases.folder import facts_of
from smv_ai.seeds.check import check_seeds


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
# a file that cannot be taken apart into rows has none to name: the message says what is wrong with the file itself
NAMED = re.compile(
    r"^seeds/\w+/(?P<file>\w+\.csv)"
    r"(, row \d+ \(line \d+\)(, column [\w, ]+)?: "
    r"|: (begins with a byte order mark|holds a NUL byte|is not a well-formed CSV file|the header is |has no rows))",
    re.MULTILINE,
)


class Mutated(NamedTuple):
    """How many mutations were refused, and the files of those that were not, by number."""

    refused: int
    taken: list[tuple[Path, bytes]]


def mutate(count: int, tmp_path: Path, seed: int) -> Mutated:
    """Mutate one seed file at a time; what is not refused must read as the same rows."""
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    files = [path for path in sorted(seeds.glob("*/*.csv")) if len(rows_of(path.read_bytes())) > 1]  # some may be empty
    chance = random.Random(seed)
    refused, taken = 0, []
    for number in range(count):
        path, kind = chance.choice(files), KINDS[number % len(KINDS)]
        original = path.read_bytes()
        changed = kind(original, chance)
        path.write_bytes(changed)
        try:
            new = check_seeds(seeds)
        except BadInputError as error:
            named = NAMED.match(str(error).splitlines()[1])
            assert named and named["file"] == path.name, f"{kind.__name__} on {path.name}: {error}"
            refused += 1
        else:
            assert (new, rows_of(changed)) == (0, rows_of(original)), f"{kind.__name__} on {path.name} is not refused"
            taken.append((path.relative_to(seeds), changed))
        path.write_bytes(original)
    return Mutated(refused, taken)


@pytest.mark.slow
def test_twenty_mutated_seeds(tmp_path):
    found = mutate(20, tmp_path, seed=11)
    assert found.refused + len(found.taken) == 20
    assert found.refused >= 14


@pytest.mark.long
def test_five_hundred_mutated_seeds(tmp_path, release_dir):
    """Mutations that are not refused are built, as many at once as there are files: the content stays the same."""
    found = mutate(500, tmp_path, seed=13)
    assert found.refused + len(found.taken) == 500
    print(f"{found.refused} refused with file and place, {len(found.taken)} taken as the same rows")
    different = [(name, content) for name, content in found.taken if content != (PROJECT / "seeds" / name).read_bytes()]
    assert len(different) >= 20
    expected = facts_of(current_release(release_dir).path)["content_hash"]
    builds = 0
    while different:
        project = copy_project(tmp_path / f"project_{builds}")
        at_once = dict(reversed(different))  # one mutation a file
        for name, content in at_once.items():
            (project / "seeds" / name).write_bytes(content)
        different = [pair for pair in different if at_once[pair[0]] != pair[1]]
        releases = tmp_path / f"release_{builds}"
        done = run_build(project, releases)
        assert done.returncode == ExitCode.DONE, done.stderr
        assert facts_of(current_release(releases).path)["content_hash"] == expected, sorted(at_once)
        builds += 1
    print(f"{builds} builds of these: the content of the release is identical")
