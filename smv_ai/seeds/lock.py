"""The lock of accepted rows: a value that somebody has compared with its source does not change unnoticed.

A change from one valid value to another breaks no rule, so the rules alone cannot tell a slip from an edit.
`seeds/accepted.lock` has a line per accepted row, in the order of the seeds: seed, key, digest of the row, digests of
its cells. The digest of the row decides; the short ones of the cells only name the column that changed. Cells are
taken by column name and as parsed, so column order, quoting, line endings and an added empty column change nothing.
Only the standard library is used: `smv-ai status` reads the lock, too.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from smv_ai.errors import BadInputError

LOCK_NAME = "accepted.lock"
FIELDS = 4
ROW_DIGITS, CELL_DIGITS = 16, 4

Row = dict[str, str]


@dataclass(frozen=True)
class Accepted:
    """What the lock keeps of a row: its digest and those of its cells, in hexadecimal digits."""

    digest: str
    cells: frozenset[str]


Lock = dict[str, dict[str, Accepted]]


@dataclass(frozen=True)
class Difference:
    """A row that is not as the lock has it: `changed`, `removed` or `new`.

    `row` is the row's number in the file; for a removed row, the place where it stood. `cells` are the changed ones
    as they are now, by column, as far as that can be told.
    """

    kind: str
    row: int
    key: str
    cells: Row = field(default_factory=dict)


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:digits]


def _cell_digest(column: str, value: str) -> str:
    return _digest(f"{column}\0{value}", CELL_DIGITS)


def row_digest(row: Row) -> str:
    """SHA-256 of the cells that are not empty, by column name; 16 digits."""
    return _digest("\0".join(f"{column}\0{row[column]}" for column in sorted(row) if row[column] != ""), ROW_DIGITS)


def key_of(row: Row, key: list[str]) -> str:
    """The key of a row as messages show it."""
    return "|".join(row[column] for column in key)


def accepted_rows(rows: Iterable[Row], key: list[str]) -> dict[str, Accepted]:
    """The rows as the lock keeps them, by their key."""
    return {
        key_of(row, key): Accepted(row_digest(row), frozenset(_cell_digest(*cell) for cell in row.items()))
        for row in rows
    }


def read_lock(seeds_dir: Path) -> Lock:
    """Accepted rows by seed and key, in the order of the lock; empty where there is no lock.

    Raises BadInputError where a line is not one of a lock.
    """
    path = seeds_dir / LOCK_NAME
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{seeds_dir.name}/{LOCK_NAME} cannot be read ({error}); put the file back.") from error
    lock: Lock = {}
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if len(fields) != FIELDS:
            raise BadInputError(
                f"{seeds_dir.name}/{LOCK_NAME}, line {number}: is no line of a lock. "
                "Put the file back, or remove it and accept anew: smv-ai accept"
            )
        seed, key, digest, cells = fields
        lock.setdefault(seed, {})[key] = Accepted(digest, frozenset(cells.split(",")))
    return lock


def write_lock(seeds_dir: Path, lock: Lock) -> None:
    """Write the lock in one step; the same seeds give the same file."""
    lines = [
        "\t".join((seed, key, row.digest, ",".join(sorted(row.cells))))
        for seed, rows in lock.items()
        for key, row in rows.items()
    ]
    half = seeds_dir / f".{LOCK_NAME}"
    half.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    os.replace(half, seeds_dir / LOCK_NAME)


def _changed_cells(row: Row, accepted: Accepted) -> Row:
    return {column: value for column, value in row.items() if _cell_digest(column, value) not in accepted.cells}


def _renamed(row: Row, gone: dict[str, Accepted]) -> str | None:
    """The accepted key that the row had before its key was changed: most of its cells are still the same."""
    found = min(gone, key=lambda key: len(_changed_cells(row, gone[key])), default=None)
    if found is None or 2 * len(_changed_cells(row, gone[found])) >= len(row):
        return None
    return found


def differences(key: list[str], rows: list[Row], accepted: dict[str, Accepted]) -> Iterator[Difference]:
    """What distinguishes the rows of a seed from the accepted ones; `key` are the columns of its key."""
    place = {key_of(row, key): number for number, row in enumerate(rows, start=1)}
    gone = {name: row for name, row in accepted.items() if name not in place}
    for number, row in enumerate(rows, start=1):
        name = key_of(row, key)
        if name in accepted and accepted[name].digest == row_digest(row):
            continue
        before = name if name in accepted else _renamed(row, gone)
        if before is None:
            yield Difference("new", number, name)
            continue
        gone.pop(before, None)
        yield Difference("changed", number, before, _changed_cells(row, accepted[before]))
    last = 0
    for name in accepted:
        last = place.get(name, last)
        if name in gone:
            yield Difference("removed", last + 1, name)


def count_unaccepted(seeds_dir: Path) -> int:
    """Rows of the seed files whose content is not in the lock; fast, and without the rules of the seeds."""
    known = {(seed, row.digest) for seed, rows in read_lock(seeds_dir).items() for row in rows.values()}
    count = 0
    for path in seeds_dir.glob("*/*.csv"):
        with path.open(encoding="utf-8", errors="replace", newline="") as handle:
            for row in csv.DictReader(handle, restkey="", restval=""):
                count += (path.stem, row_digest({c: str(v) for c, v in row.items()})) not in known
    return count
