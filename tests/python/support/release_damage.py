"""Damaged folders of releases, drawn from a seed: which entry, and what happened to it."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import duckdb

DATABASE, FACTS, HISTORY = "smv_ai.duckdb", "release.json", "runs.jsonl"
DEEP = b"[" * 200_000 + b"]" * 200_000
ANYTHING = (
    b"", b"null", b"[]", b"{}", b"3", b'"x"', b"\xff\xfe", b"\0" * 5000, DEEP, b'{"release_id": NaN}', b"{" * 9000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"release_id": "\\ud800", "created_at": "2026-01-01T00:00:00"}',
)  # fmt: skip
VALUES = (
    None, True, -1, 10**30, 1e308, float("nan"), "", "yesterday", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00Z",
    "2026-13-01", "../..", "\u202e\u2028x", "a" * 100_000, [], [None], {}, {"": None}, {"x": {"y": [1]}},
    [[[[[]]]]], {"mart_adoption": "many"}, {"../../etc/passwd": "0" * 64}, {"mart_adoption": 2**70},
)  # fmt: skip
Damage = Callable[[random.Random, Path], None]


def _away(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _as(make: Damage) -> Damage:
    def damage(draw: random.Random, place: Path) -> None:
        _away(place)
        if place.parent.is_dir():
            make(draw, place)

    return damage


def _foreign_database(_: random.Random, place: Path) -> None:
    with duckdb.connect(str(place)) as connection:
        connection.execute("create table other as select 1 as n")


def _socket(_: random.Random, place: Path) -> None:
    here = os.getcwd()  # the name of a socket is short
    os.chdir(place.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def _linked_elsewhere(_: random.Random, place: Path) -> None:
    """To a folder of others, but of this test: a build goes where `release` leads, and writes there."""
    elsewhere = place.parent / ".elsewhere"
    if not elsewhere.exists():
        _full_folder(_, elsewhere)
    place.symlink_to(elsewhere.name)


def _full_folder(_: random.Random, place: Path) -> None:
    (place / "deep" / "er").mkdir(parents=True)
    (place / "deep" / "x.txt").write_text("x", encoding="utf-8")


def _truncated(draw: random.Random, place: Path) -> None:
    if place.is_file():
        os.truncate(place, draw.choice([0, 1, 8, 11, 4096, 12_288, place.stat().st_size // 2]))


def _bytes_changed(draw: random.Random, place: Path) -> None:
    if place.is_file() and (size := place.stat().st_size):
        with place.open("r+b") as handle:
            for _ in range(draw.choice([1, 20, 400])):
                handle.seek(draw.randrange(min(size, draw.choice([20, 5000, size]))))
                handle.write(draw.randbytes(8))


def _longer(draw: random.Random, place: Path) -> None:
    if place.is_file():
        with place.open("ab") as handle:
            handle.write(draw.choice([b"\n", b"\0" * 5000, b"{}\n", b"x"]))


def _value_changed(draw: random.Random, place: Path) -> None:
    """A value of a JSON object, or of each line of such, becomes another."""
    if not place.is_file():
        return
    try:
        lines = [json.loads(line) for line in [place.read_text(encoding="utf-8")] if line]
    except ValueError:
        return
    for found in lines:
        if isinstance(found, dict) and found:
            found[draw.choice(sorted(found))] = draw.choice(VALUES)
    place.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")


def _key_gone(draw: random.Random, place: Path) -> None:
    if place.is_file():
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except ValueError:
            return
        if isinstance(found, dict) and found:
            found.pop(draw.choice(sorted(found)))
            place.write_text(json.dumps(found), encoding="utf-8")


OF_ANYTHING: list[Damage] = [
    lambda _, place: _away(place),
    _as(lambda _, place: place.mkdir()),
    _as(_full_folder),
    _as(lambda _, place: os.mkfifo(place)),
    _as(_socket),
    _as(lambda _, place: place.symlink_to("gone/away")),
    _as(lambda _, place: place.symlink_to(place.name)),
    _as(lambda _, place: place.symlink_to(".")),
    _as(lambda _, place: place.symlink_to("/proc/self/mem")),
    _as(lambda _, place: place.symlink_to("/dev/zero")),
    _as(_linked_elsewhere),
    _as(lambda draw, place: place.write_bytes(draw.choice(ANYTHING)) and None),
    _as(_foreign_database),
]
OF_A_FILE: list[Damage] = [_truncated, _bytes_changed, _longer]
OF_JSON: list[Damage] = [_value_changed, _value_changed, _key_gone]


def _places(releases: Path, current: Path) -> list[tuple[Path, list[Damage]]]:
    """What may be damaged, what is most important several times."""
    database, facts = current / DATABASE, current / FACTS
    return [
        *[(database, OF_ANYTHING + OF_A_FILE * 3)] * 3,
        *[(facts, OF_ANYTHING + OF_A_FILE + OF_JSON * 5)] * 3,
        (releases / HISTORY, OF_ANYTHING + OF_A_FILE * 2 + OF_JSON),
        (releases / "current", OF_ANYTHING),
        (releases / ".current.new", OF_ANYTHING),
        (releases / ".staging-x", OF_ANYTHING),
        (releases / ".lock", OF_ANYTHING),
        (releases / "20200101T000000Z", OF_ANYTHING),
        (current / "PINNED", OF_ANYTHING),
        (current / f"{DATABASE}.wal", OF_ANYTHING),
        (current / "parquet", OF_ANYTHING),
        (current / "parquet" / "mart_adoption.parquet", OF_ANYTHING + OF_A_FILE),
        (current / "a foreign entry", OF_ANYTHING),
        (current, OF_ANYTHING),
        (releases, OF_ANYTHING),
    ]


def damage_release(seed: int, releases: Path, current: Path) -> None:
    """One to three damages, drawn from the seed."""
    draw = random.Random(seed)
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        place, kinds = draw.choice(_places(releases, current))
        if place.parent.is_dir() or place == releases:
            draw.choice(kinds)(draw, place)
