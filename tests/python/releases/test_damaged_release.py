"""Whatever happened to the release before, the next build publishes and says what it could not read."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.commands import run_prepared, smv_ai

from smv_ai.errors import ExitCode, NoReleaseError, NotLookedError
from smv_ai.releases import apart, history
from smv_ai.releases.facts import FACTS_NAME, read_facts
from smv_ai.releases.folder import Release, current_release
from smv_ai.releases.verify import problems_of, verify

DATABASE = "smv_ai.duckdb"
DEEP = b"[" * 200_000 + b"]" * 200_000


def facts(**changed: object) -> Callable[[Path, Path], None]:
    def damage(_: Path, current: Path) -> None:
        path = current / FACTS_NAME
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")

    return damage


def facts_are(text: bytes) -> Callable[[Path, Path], None]:
    return lambda _, current: current.joinpath(FACTS_NAME).write_bytes(text) and None


def without(field: str) -> Callable[[Path, Path], None]:
    def damage(_: Path, current: Path) -> None:
        path = current / FACTS_NAME
        found = json.loads(path.read_text(encoding="utf-8"))
        del found[field]
        path.write_text(json.dumps(found), encoding="utf-8")

    return damage


def database_is(change: Callable[[Path], object], *, known: bool = False) -> Callable[[Path, Path], None]:
    """Change the database; `known`: the facts are made to fit, so that the file must be opened."""

    def damage(_: Path, current: Path) -> None:
        database = current / DATABASE
        database.chmod(0o644)
        change(database)
        if known:
            from smv_ai.releases.write import sha256_of

            files = read_facts(current)["files"] | {DATABASE: sha256_of(database)}
            facts(files=files)(current, current)

    return damage


def flip(database: Path) -> None:
    """One bit in each of 200 places, the header among them."""
    places = random.Random(11)
    content = bytearray(database.read_bytes())
    for place in [4100, 9000, *(places.randrange(len(content)) for _ in range(200))]:
        content[place] ^= 1 << places.randrange(8)
    database.write_bytes(content)


def sql(statement: str) -> Callable[[Path], None]:
    def change(database: Path) -> None:
        with duckdb.connect(str(database)) as connection:
            connection.execute(statement)

    return change


def stranger(statement: str) -> Callable[[Path], None]:
    def change(database: Path) -> None:
        database.unlink()
        sql(statement)(database)

    return change


def link_to(target: str) -> Callable[[Path, Path], None]:
    def damage(releases: Path, _: Path) -> None:
        (releases / "current").unlink()
        (releases / "current").symlink_to(target)

    return damage


def current_is_a_folder(releases: Path, current: Path) -> None:
    (releases / "current").unlink()
    shutil.copytree(current, releases / "current")


def current_is_a_file(releases: Path, _: Path) -> None:
    (releases / "current").unlink()
    (releases / "current").write_text("20260101T000000Z")


def outside(releases: Path, current: Path) -> None:
    target = releases.parent / "elsewhere"
    target.mkdir()
    link_to(str(shutil.copytree(current, target / current.name)))(releases, current)


def in_its_place(name: str, make: Callable[[Path], object]) -> Callable[[Path, Path], None]:
    def damage(releases: Path, current: Path) -> None:
        place = (releases if name == history.HISTORY_NAME else current) / name
        place.unlink()
        make(place)

    return damage


def history_gets(*lines: bytes) -> Callable[[Path, Path], None]:
    def damage(releases: Path, _: Path) -> None:
        with (releases / history.HISTORY_NAME).open("ab") as handle:
            handle.writelines(line + b"\n" for line in lines)

    return damage


def run_line(**changed: object) -> bytes:
    run = {"run_id": "x", "command": "build", "outcome": "built", "started_at": "2026-01-01T00:00:00"}
    return json.dumps(run | changed).encode()


TRUNCATED = database_is(lambda database: os.truncate(database, 100_000))
ABSENT = "Nothing is compared"
COMPARED = ""
# what is done to the release that is current, and what the change report of the next one must say ("": it compares)
DAMAGES: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "database truncated": (TRUNCATED, "the checksum is"),
    "database emptied": (database_is(lambda database: database.write_bytes(b"")), "the checksum is"),
    "database of random bytes": (database_is(lambda d: d.write_bytes(random.Random(1).randbytes(9999))), "checksum"),
    "bits flipped": (database_is(flip), "the checksum is"),
    "bits flipped and the facts fitted": (database_is(flip, known=True), "it"),
    "truncated and the facts fitted": (
        database_is(lambda database: os.truncate(database, 100_000), known=True), "cannot be read",
    ),
    "another database": (database_is(stranger("create table t as select 1 as x")), "the checksum is"),
    "another database, fitted": (database_is(stranger("create schema marts"), known=True), COMPARED),
    "no schema marts, fitted": (database_is(stranger("create table t as select 1 as x"), known=True), COMPARED),
    "a table missing": (database_is(sql("drop table marts.dim_units"), known=True), COMPARED),
    "a column missing": (database_is(sql("alter table marts.dim_units drop column label_da"), known=True), COMPARED),
    "a column of another type": (
        database_is(sql("alter table marts.dim_units alter label_da type int using 1"), known=True), COMPARED,
    ),
    "no column in common": (
        database_is(
            sql("drop table marts.dim_units; create table marts.dim_units as select 1 as \"o'd\"\"d\""), known=True
        ),
        COMPARED,
    ),
    "a view that reads a file": (
        database_is(
            sql("drop table marts.dim_units; create view marts.dim_units as from read_text('/etc/hostname')"),
            known=True,
        ),
        COMPARED,
    ),
    "dates without end": (
        database_is(
            sql("drop table marts.dim_units; create table marts.dim_units as select 'infinity'::date as d"),
            known=True,
        ),
        COMPARED,
    ),
    "a foreign log": (lambda _, current: current.joinpath(f"{DATABASE}.wal").write_bytes(b"x" * 99) and None, "wal"),
    "the database a folder": (in_its_place(DATABASE, Path.mkdir), ABSENT),
    "the database gone": (lambda _, current: current.joinpath(DATABASE).unlink(), ABSENT),
    "the database a dangling link": (in_its_place(DATABASE, lambda place: place.symlink_to("gone")), ABSENT),
    "the database a pipe": (in_its_place(DATABASE, os.mkfifo), ABSENT),
    "an export gone": (lambda _, current: (current / "csv" / "dim_units.csv").unlink(), COMPARED),
    "current a loop": (link_to("current"), ABSENT),
    "current a dangling link": (link_to("20010101T000000Z"), ABSENT),
    "current a folder": (current_is_a_folder, ABSENT),
    "current a file": (current_is_a_file, ABSENT),
    "current a link out of the folder": (outside, ABSENT),
    "current a link to the folder itself": (link_to("."), ABSENT),
    "facts missing": (lambda _, current: current.joinpath(FACTS_NAME).unlink(), ABSENT),
    "facts empty": (facts_are(b""), FACTS_NAME),
    "facts null": (facts_are(b"null"), FACTS_NAME),
    "facts a list": (facts_are(b"[1, 2]"), FACTS_NAME),
    "facts nested": (facts_are(DEEP), "nested too deeply"),
    "facts not UTF-8": (facts_are(b'{"release_id": "\xff"}'), FACTS_NAME),
    "facts huge": (facts_are(b" " * (17 * 2**20)), "longer than"),
    "facts a folder": (in_its_place(FACTS_NAME, Path.mkdir), ABSENT),
    "facts a pipe": (in_its_place(FACTS_NAME, os.mkfifo), ABSENT),
    "facts without rows": (without("rows"), COMPARED),
    "facts without files": (without("files"), "no checksum"),
    "facts without a time": (without("created_at"), "created_at is missing"),
    "facts without a hash": (without("content_hash"), COMPARED),
    "made yesterday": (facts(created_at="yesterday"), "created_at is 'yesterday'"),
    "rows a list": (facts(rows=[1]), "rows is"),
    "rows of text": (facts(rows={"dim_units": "many"}), "rows is"),
    "rows of a statement": (facts(rows={"dim_units; copy (select 1) to '/tmp/x'": 1}), "rows is"),
    "files a number": (facts(files=3), "files is"),
    "an id of another type": (facts(release_id=20260101), "release_id is"),
    "an id that leads out": (facts(release_id="../x"), "release_id is"),
    "the id of another release": (facts(release_id="20010101T000000Z"), "names release"),
    "surveys of the wrong shape": (facts(surveys_that_repeat=[{"survey_id": 1}]), "surveys_that_repeat is"),
    "half a letter": (facts_are(b'{"release_id": "\\ud800", "created_at": "2026-01-01T00:00:00"}'), "release_id is"),
    "history a folder": (in_its_place(history.HISTORY_NAME, Path.mkdir), COMPARED),
    "history a pipe": (in_its_place(history.HISTORY_NAME, os.mkfifo), COMPARED),
    "history a dangling link": (
        in_its_place(history.HISTORY_NAME, lambda place: place.symlink_to("no/where")), COMPARED,
    ),
    "history of wrong shapes": (
        history_gets(
            b"null", b"[]", b"3", b'"x"', DEEP, b"\xff\xfe", b"x" * 3_000_000,
            run_line(), run_line(started_at="yesterday"), run_line(outcome="failed", finished_at="2026-13-01T00:00:00"),
            run_line(outcome="failed", exit_code="5"), run_line(outcome="failed", row_count=10**30),
            run_line(outcome=None), run_line(outcome="failed", message="\ud800"), run_line(run_id=["x"]),
            run_line(outcome="failed", run_seconds=float("nan")),
        ),
        COMPARED,
    ),
    "history of line separators": (
        history_gets(
            run_line(run_id="separated", outcome="failed", message="a\u2028b"),
            '{"run_id": "raw", "command": "c\u0085\u2028", "outcome": "failed", "started_at": "2026-01-01T00:00:00"}'
            .encode(),
        ),
        COMPARED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_release_never_blocks_the_next_build(case, publish, tmp_path):
    damage, said = DAMAGES[case]
    releases = tmp_path / "release"
    publish(force=False)
    first = current_release(releases)
    damage(releases, first.path)
    # what damages only the history, or the current link, leaves a release with this content: --force is needed
    lines = publish(force=case.startswith("history"))
    second = current_release(releases)
    assert second.path.name != first.path.name and problems_of(second) == []
    report = json.loads((second.path / "changes.json").read_text(encoding="utf-8"))
    page = (second.path / "changes.md").read_text(encoding="utf-8")
    assert str(tmp_path) not in page + json.dumps(report)
    if said == COMPARED:
        assert report["older"] == first.path.name, report
    else:
        assert report["older"] is None and said in report["reason"] and report["reason"] in page
        assert any(report["reason"] in line for line in lines), lines
    if case.startswith("history"):
        assert case.endswith("separators") or any(history.HISTORY_NAME in line for line in lines), lines
    else:
        assert any("is not intact and is replaced" in line for line in lines), lines
    publish(force=True)


def test_every_unreadable_line_of_the_history_is_counted_and_the_others_are_kept(publish, tmp_path):
    releases = tmp_path / "release"
    publish(force=False)
    DAMAGES["history of wrong shapes"][0](releases, releases)
    DAMAGES["history of line separators"][0](releases, releases)
    runs, unreadable = history.read(releases)
    assert [run.run_id for run in runs[1:]] == ["separated", "raw"]
    assert unreadable == 15 + 3  # the line of 3,000,000 letters is read in three pieces


def test_a_process_that_dies_or_hangs_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(apart, "MODULE", "this_is_no_module")
    with pytest.raises(NoReleaseError, match="cannot be read"):
        apart.look("problems", tmp_path)
    (tmp_path / "dies.py").write_text("import os; os.kill(os.getpid(), 11)")
    (tmp_path / "hangs.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(apart, "MODULE", "dies")
    with pytest.raises(NoReleaseError, match="ended by SIGSEGV"):
        apart.look("problems", tmp_path)
    (tmp_path / "lacks.py").write_text("raise SystemExit('Out of Memory Error: failed to allocate')")
    monkeypatch.setattr(apart, "MODULE", "lacks")
    with pytest.raises(NotLookedError, match="does not allow to look into it") as lacking:
        apart.look("problems", tmp_path)
    assert lacking.value.exit_code == ExitCode.ENVIRONMENT
    with pytest.raises(NotLookedError, match="was not verified"):
        verify(Release("x", "2026-01-01T00:00:00", tmp_path))
    monkeypatch.setattr(apart, "MODULE", "hangs")
    with pytest.raises(NoReleaseError, match="given up after 1 seconds"):
        apart.look("problems", tmp_path, seconds=1)


@pytest.mark.parametrize("case", ["database truncated", "current a loop", "facts without rows"])
def test_the_command_itself_publishes_over_a_damaged_release(case, prepared, workspace):  # noqa: F811
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    DAMAGES[case][0](releases, current_release(releases).path)
    damaged = smv_ai(workspace, "verify")
    assert damaged.returncode == ExitCode.NO_RELEASE and "Traceback" not in damaged.stderr
    done = run_prepared(prepared, workspace)
    assert done.returncode == ExitCode.DONE and "is not intact and is replaced" in done.stdout, done.stderr
    assert problems_of(current_release(releases)) == []
