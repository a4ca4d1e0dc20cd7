"""Which release is current, however the link is written, and which came before it, whatever the clock said."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.small_release import small_release

from smv_ai.cli import main
from smv_ai.errors import ExitCode, SystemStateError
from smv_ai.releases import history
from smv_ai.releases.chain import known_ids, new_release_id, oldest_first, release_before
from smv_ai.releases.folder import current_name, current_release, find_current, prunable, prune, release_names, switch

pytestmark = pytest.mark.slow

OLDEST, CURRENT, NEWER, NEWEST = "20260101T000000Z", "20260102T000000Z", "20260103T000000Z", "20260104T000000Z"


def smv_ai(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def built(releases: Path, name: str, previous: str | None = None) -> None:
    """The history's line of a build."""
    run = history.new_run("build")
    run = replace(
        run, run_id=f"run of {name}", outcome="built", release_id=name, previous_release_id=previous,
        finished_at=run.started_at, content_hash="0" * 64, row_count=1,
    )  # fmt: skip
    history.append(releases, run)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four releases a year old."""
    folder = tmp_path_factory.mktemp("four") / "release"
    for name in (OLDEST, CURRENT, NEWER, NEWEST):
        small_release(folder, name, days_old=400)
    return folder


@pytest.fixture
def releases(four: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The four, of which two are to be kept; the second is to be the current one."""
    folder = Path(shutil.copytree(four, tmp_path / "release"))
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(folder))
    monkeypatch.setenv("SMV_AI_KEEP_RELEASES", "2")
    monkeypatch.setenv("SMV_AI_KEEP_DAYS", "1")
    return folder


def link(releases: Path, target: str, name: str = "current") -> None:
    (releases / name).symlink_to(target)


def linked_from(folder: Path, releases: Path) -> None:
    """`current` by another way to the same folder."""
    (folder / "other_way").symlink_to(releases)
    link(releases, str(folder / "other_way" / CURRENT))


FORMS = {
    "the id": lambda r: link(r, CURRENT),
    "absolute": lambda r: link(r, str(r / CURRENT)),
    "./id": lambda r: link(r, f"./{CURRENT}"),
    "id/": lambda r: link(r, f"{CURRENT}/"),
    "id//": lambda r: link(r, f"{CURRENT}//"),
    "id/.": lambda r: link(r, f"{CURRENT}/."),
    "id/./.": lambda r: link(r, f"{CURRENT}/./."),
    "id/parquet/..": lambda r: link(r, f"{CURRENT}/parquet/.."),
    "other/../id": lambda r: link(r, f"{NEWER}/../{CURRENT}"),
    "../release/id": lambda r: link(r, f"../release/{CURRENT}"),
    "a long way round": lambda r: link(r, f".././release/{NEWEST}/../../release//{CURRENT}/"),
    "absolute with dots": lambda r: link(r, f"{r}/../release/{CURRENT}"),
    "a chain of links": lambda r: [link(r, CURRENT, "a"), link(r, "./a", "b"), link(r, str(r / "b"))],
    "a link outside that leads back": lambda r: linked_from(r.parent, r),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_current_release_is_known_and_kept_however_the_link_is_written(releases: Path, form: str) -> None:
    FORMS[form](releases)
    assert current_name(releases) == CURRENT
    assert current_release(releases).release_id == CURRENT
    assert prunable(releases) == [OLDEST]
    state = json.loads(smv_ai("status", "--json").stdout)
    assert (state["current_release_id"], state["prunable"]) == (CURRENT, [OLDEST])
    built(releases, CURRENT, OLDEST)
    assert smv_ai("history").output.startswith(f"* {CURRENT}")
    assert smv_ai("rollback").output == f"current is now {OLDEST}\n"
    assert history.read(releases)[0][-1].previous_release_id == CURRENT
    assert smv_ai("rollback", CURRENT).exit_code == ExitCode.DONE
    assert prune(releases) == [OLDEST]
    assert current_release(releases).release_id == CURRENT


@pytest.mark.parametrize("form", FORMS)
def test_an_unfinished_run_never_costs_the_current_release(releases: Path, form: str) -> None:
    FORMS[form](releases)
    killed = history.new_run("build")
    history.append(releases, killed)
    for name in (CURRENT, NEWEST):
        facts = json.loads((releases / name / "release.json").read_text(encoding="utf-8"))
        (releases / name / "release.json").write_text(
            json.dumps(facts | {"run_id": killed.run_id, "content_hash": "0" * 64})
        )
    history.recover(releases)
    assert release_names(releases) == [OLDEST, CURRENT, NEWER]
    assert [(run.outcome, run.release_id) for run in history.read(releases)[0]] == [("built", CURRENT)]


def outside(releases: Path) -> None:
    small_release(releases.parent / "elsewhere", CURRENT)
    link(releases, f"../elsewhere/{CURRENT}")


def in_staging(releases: Path) -> None:
    small_release(releases, ".staging-x")
    link(releases, ".staging-x")


def moved_away(releases: Path) -> None:
    """The release lies on another disk; a link stands in its place."""
    shutil.move(releases / CURRENT, releases.parent / "disk")
    (releases / CURRENT).symlink_to(releases.parent / "disk")
    link(releases, CURRENT)


UNKNOWN = {
    "nothing": lambda r: None,
    "dangling": lambda r: link(r, "20250101T000000Z"),
    "trailing dots": lambda r: link(r, f"{CURRENT}.."),
    "a space after the id": lambda r: link(r, f"{CURRENT} "),
    "a loop": lambda r: link(r, "current"),
    "a loop of two": lambda r: [link(r, "b"), link(r, "current", "b")],
    "out of the folder": outside,
    "the folder itself": lambda r: link(r, "."),
    "the folder by its release": lambda r: link(r, f"{CURRENT}/.."),
    "below the release": lambda r: link(r, f"{CURRENT}/parquet"),
    "the database": lambda r: link(r, f"{CURRENT}/smv_ai.duckdb"),
    "through a file": lambda r: link(r, f"{CURRENT}/smv_ai.duckdb/.."),
    "a folder that is no release": lambda r: [(r / "x").mkdir(), link(r, "x")],
    "a real folder": lambda r: shutil.copytree(r / CURRENT, r / "current"),
    "an empty folder": lambda r: (r / "current").mkdir(),
    "a file": lambda r: (r / "current").write_text(CURRENT),
    "a staging folder": in_staging,
    "a release that was moved away": moved_away,
}


@pytest.mark.parametrize("form", UNKNOWN)
def test_where_the_link_leads_to_no_release_nothing_is_removed_and_it_is_said(releases: Path, form: str) -> None:
    UNKNOWN[form](releases)
    killed = history.new_run("build")
    history.append(releases, killed)
    before = {path for path in releases.parent.rglob("*") if path.name != history.HISTORY_NAME}
    found = find_current(releases)
    assert found.name is None and found.problem
    assert prunable(releases) == prune(releases) == []
    lines = history.recover(releases)
    assert {path for path in releases.parent.rglob("*") if path.name != history.HISTORY_NAME} == before
    if form == "a staging folder":
        assert any("left .staging-x" in line for line in lines)
    problems = json.loads(smv_ai("status", "--json").stdout)["problems"]
    assert any(line.startswith("nothing is pruned: ") for line in problems), problems
    done = smv_ai("rollback", NEWER)
    assert done.exit_code == ExitCode.DONE, done.output
    assert current_name(releases) == NEWER
    kept = sorted(path for path in releases.iterdir() if path.name.startswith(".aside-"))
    assert len(kept) == (form in ("a real folder", "an empty folder", "a file")), "set aside, not removed"
    problems = json.loads(smv_ai("status", "--json").stdout)["problems"]
    assert [line.split()[0] for line in problems if "stood in the place of a link" in line] == [p.name for p in kept]


def test_a_rollback_from_a_link_that_leads_nowhere_finds_what_was_before(releases: Path) -> None:
    for name, previous in ((OLDEST, None), (CURRENT, OLDEST), (NEWER, CURRENT), (NEWEST, OLDEST)):
        built(releases, name, previous)
    shutil.rmtree(releases / NEWEST)
    link(releases, NEWEST)
    assert smv_ai("rollback").output == f"current is now {OLDEST}\n"
    (releases / "current").unlink()
    link(releases, "nothing that is known")
    assert smv_ai("rollback").output == f"current is now {NEWER}\n"


def test_what_stands_in_the_way_of_the_link_is_no_traceback(releases: Path) -> None:
    link(releases, CURRENT)
    (releases / ".current.new").mkdir()
    (releases / ".staging-file").write_text("x")
    (releases / ".staging-link").symlink_to(releases / OLDEST)
    assert smv_ai("rollback", NEWER).exit_code == ExitCode.DONE
    assert release_names(releases) == [OLDEST, CURRENT, NEWER, NEWEST]
    assert not list(releases.glob(".staging-*")), "the link went, not what it led to"


YEARS = timedelta(days=3650)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(seconds=1), timedelta(hours=1), YEARS])
def test_ids_rise_whatever_the_clock_says(tmp_path: Path, back: timedelta) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    first = new_release_id((), now)
    assert first == "20261128T120000Z"
    ids = [first]
    for _ in range(3):
        ids.append(new_release_id(ids, now - back))
    assert ids == sorted(set(ids))
    assert new_release_id(ids, now + YEARS) == "20361125T120000Z"


def test_ids_rise_above_what_only_the_history_or_another_release_knows(tmp_path: Path) -> None:
    small_release(tmp_path, "20300101T000000Z", previous_release_id="20330101T000000Z")
    (tmp_path / "20310101T000000Z").mkdir()
    assert new_release_id(known_ids(tmp_path)) == "20330101T000001Z"
    built(tmp_path, "20340101T000000Z", "20320101T000000Z")
    run = replace(history.new_run("rollback"), outcome="rolled_back", previous_release_id="20351231T235959Z")
    history.append(tmp_path, run)
    assert new_release_id(known_ids(tmp_path)) == "20360101T000000Z"
    for strange in ("not an id", "20269999T999999Z", "２０370101T000000Z"):
        assert new_release_id([strange], datetime(2026, 1, 1, tzinfo=UTC)) == "20260101T000000Z"
    with pytest.raises(SystemStateError, match="99991231T235959Z"):
        new_release_id(["99991231T235959Z"])


# Names as a clock that went back gave them, in the order in which they were made.
CLOCKS = {
    "an hour": ["20261128T120000Z", "20261128T110000Z", "20261128T110500Z"],
    "years": ["20261128T120000Z", "20100101T000000Z", "20090101T000000Z"],
    "back and forth": ["20261128T120000Z", "20100101T000000Z", "20270101T000000Z", "20110101T000000Z"],
}


@pytest.mark.parametrize("told_by", ["facts", "history"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_rollback_and_pruning_follow_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: str, told_by: str
) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path))
    monkeypatch.setenv("SMV_AI_KEEP_RELEASES", "2")
    monkeypatch.setenv("SMV_AI_KEEP_DAYS", "1")
    names = CLOCKS[clock]
    for previous, name in zip([None, *names], names, strict=False):
        small_release(tmp_path, name, days_old=400, **({"previous_release_id": previous} if told_by == "facts" else {}))
        if told_by == "history":
            built(tmp_path, name, previous)
    switch(tmp_path, names[-1])
    assert oldest_first(tmp_path) == names
    assert prunable(tmp_path) == names[:-2]
    for name in reversed(names[:-1]):
        assert smv_ai("rollback").output == f"current is now {name}\n"
    last = smv_ai("rollback")
    assert last.exit_code == ExitCode.NO_RELEASE
    assert f"There is no release before {names[0]}" in last.output
    assert current_name(tmp_path) == names[0]


def test_the_chain_goes_past_pruned_releases_and_branches_of_what_was_rolled_back(tmp_path: Path) -> None:
    for name, previous in (("a", None), ("b", "a"), ("c", "b"), ("d", "b"), ("e", "d")):
        built(tmp_path, name, previous)
    for name in ("a", "c", "e"):
        small_release(tmp_path, name)
    assert release_before(tmp_path, "e") == "a", "d and b are gone, c was rolled back from"
    assert release_before(tmp_path, "c") == "a"
    assert release_before(tmp_path, "a") is None
    assert oldest_first(tmp_path) == ["a", "c", "e"]


def test_a_gap_in_the_chain_is_bridged_by_what_was_made_before(tmp_path: Path) -> None:
    for name in ("z", "y", "x"):
        small_release(tmp_path, name)
        built(tmp_path, name, None)
    assert oldest_first(tmp_path) == ["z", "y", "x"]
    assert release_before(tmp_path, "x") == "y"


@pytest.mark.parametrize(
    "facts",
    [
        {"previous_release_id": OLDEST},
        {"previous_release_id": ["x"]},
        {"previous_release_id": "20990101T000000Z"},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"created_at": "2020-01-01"},
    ],
)
def test_damaged_facts_make_no_traceback(releases: Path, facts: dict[str, object]) -> None:
    link(releases, CURRENT)
    file = releases / OLDEST / "release.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | facts), encoding="utf-8")
    small = releases / NEWER / "release.json"
    small.write_text(json.dumps({"release_id": NEWER, "created_at": "2026-01-03", "previous_release_id": OLDEST}))
    file_of_current = releases / CURRENT / "release.json"
    damaged = json.loads(file_of_current.read_text(encoding="utf-8")) | {"previous_release_id": CURRENT}
    file_of_current.write_text(json.dumps(damaged), encoding="utf-8")
    (releases / history.HISTORY_NAME).write_text('{"run_id": ["x"]}\n{"run_id": "x", "release_id": {}}\n[]\nnull\n')
    assert CURRENT not in prunable(releases)
    assert sorted(oldest_first(releases)) == release_names(releases)
    assert release_before(releases, CURRENT) == OLDEST
    assert new_release_id(known_ids(releases)) > NEWEST
    assert os.readlink(releases / "current") == CURRENT
