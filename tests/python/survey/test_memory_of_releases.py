"""What releases have hidden is remembered as long as they last: beside them, private, and never lost in silence."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import duckdb
import pytest

from smv_ai.build import making
from smv_ai.environment import DATABASE_NAME, Kind
from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.releases.backup import backup, restore
from smv_ai.releases.folder import Release
from smv_ai.releases.vanished import Holding
from smv_ai.survey.disclosure import past

FIRST, SECOND = "20260101T000000Z", "20260102T000000Z"
TABLES = """
    create schema intermediate;
    create schema marts;
    create table marts.fct_estimates as select 1 as estimate_number, 'responses' as evidence_type;
    create table intermediate.int_estimates as select 1 as estimate_number, {value}::double as estimate,
        0.1 as standard_error, 20 as respondents, 40.0 as sum_weights;
    create table intermediate.int_estimates_rounded as select 1 as estimate_number, 'd' as design_id, 'm' as measure_id,
        'b' as breakdown_id, 's' as segment, null::double as estimate, 5.0 as released_step, true as is_suppressed,
        false as is_change;
    create table intermediate.int_disclosure_rarest_answers as select 1 as estimate_number, 3.0 as rarest_answer_count;
"""


@pytest.fixture(autouse=True)
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of releases of this machine."""
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "disk" / "release"))
    monkeypatch.setenv("SMV_AI_DEMO_RELEASE_DIR", str(tmp_path / "disk" / "release_demo"))
    (tmp_path / "disk" / "release").mkdir(parents=True)
    return tmp_path / "disk" / "release"


def built(folder: Path, value: float = 0.15) -> Path:
    """A build file with one hidden estimate."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATABASE_NAME).unlink(missing_ok=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as connection:
        connection.execute(TABLES.format(value=value))
    return folder / DATABASE_NAME


def values() -> list[float]:
    with duckdb.connect() as connection:
        return [row[0] for row in connection.execute(f"select value from '{past.path()}' order by value").fetchall()]


def test_it_lies_beside_the_releases_and_is_its_owners_alone(releases: Path, tmp_path: Path) -> None:
    """Not below them, for they are public; not in target, which `make clean` removes."""
    past.record(built(tmp_path / "build"), FIRST)
    past.record(built(tmp_path / "build", 0.2), SECOND)
    assert (values(), past.known_releases()) == ([0.15, 0.2], {FIRST, SECOND})
    assert past.path().parent == releases.parent / "release.private"
    rights = [stat.S_IMODE(path.stat().st_mode) for path in (past.path().parent, past.path())]
    assert rights == [0o700, 0o600]
    makefile = (Path(__file__).parents[3] / "Makefile").read_text()
    [removed] = re.findall(r"^clean:.*\n\t(rm -rf .*)", makefile, re.MULTILINE)
    assert "private" not in removed and "release" not in removed


def test_it_follows_the_link_to_the_disk_of_the_releases(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(releases)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "link"))
    assert past.path().parent == releases.parent / "release.private"


def missing(tmp_path: Path, *, accept: bool = False) -> list[str]:
    """What a build says that comes after the first release."""
    current = making.Current(Release(FIRST, "2026-01-01T00:00:00Z", tmp_path), Holding({"fct_estimates": 1}))
    return making._missing(tmp_path / "build", current, Kind.WAREHOUSE, accept=accept)


@pytest.mark.parametrize("lost", ["removed", "that of another machine"])
def test_a_build_after_it_was_lost_is_refused_and_says_the_way_out(tmp_path: Path, lost: str) -> None:
    database = built(tmp_path / "build")
    past.record(database, FIRST)
    assert missing(tmp_path) == []
    past.path().unlink()
    if lost != "removed":
        past.record(database, SECOND)
    with pytest.raises(BadInputError, match=f"(?s){FIRST}.*{past.NAME}: does not know .*--accept-missing"):
        missing(tmp_path)
    assert len(missing(tmp_path, accept=True)) == 1


def test_one_that_cannot_be_read_is_named_before_anything_is_built(tmp_path: Path) -> None:
    past.record(built(tmp_path / "build"), FIRST)
    past.path().write_bytes(past.path().read_bytes()[:-20])
    with pytest.raises(SystemStateError, match=f"{past.NAME}.* cannot be read.*backup"):
        past.known_releases()


def test_a_backup_has_it_and_a_restore_keeps_what_is_there(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.record(built(tmp_path / "build"), FIRST)
    assert "private" in backup(tmp_path / "saved", tmp_path)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "second" / "release"))
    assert "restored private" in restore(tmp_path / "saved", tmp_path)
    assert (past.known_releases(), stat.S_IMODE(past.path().stat().st_mode)) == ({FIRST}, 0o600)
    past.record(built(tmp_path / "build", 0.2), SECOND)
    assert "already there: private" in restore(tmp_path / "saved", tmp_path)
    assert past.known_releases() == {FIRST, SECOND}
