"""The private view: where it is written, who may read it, and when it is refused."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import duckdb
import pytest
from support.small_release import small_release

from smv_ai.build import private
from smv_ai.environment import DATABASE_NAME, Kind
from smv_ai.errors import BadInputError, LockedError, NoReleaseError, SystemStateError
from smv_ai.releases.locking import only_writer

ESTIMATES = """
create schema intermediate; create table intermediate.int_estimates_private as
select * from (values
    (1, 'pier_2026', 1 / 3::double, true, 'publish'), (2, 'pier_2026', 0.25, false, 'do_not_publish'),
    (3, 'quay_2026', 0.5, true, 'publish')
) as found (estimate_number, survey_wave_id, estimate, is_released, quality_grade)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a release and the build file that it was made from."""
    release = small_release(tmp_path / "release", "20260101T000000Z", kind="warehouse")
    (tmp_path / "release" / "current").symlink_to(release.name)
    build = tmp_path / "target" / "build" / DATABASE_NAME
    build.parent.mkdir(parents=True)
    build.write_bytes((release / DATABASE_NAME).read_bytes())
    build.chmod(0o644)
    with duckdb.connect(str(build)) as connection:
        connection.execute(ESTIMATES)
    monkeypatch.setattr("smv_ai.environment.PROJECT_DIR", tmp_path)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "release"))
    monkeypatch.setenv("SMV_AI_DEMO_RELEASE_DIR", str(tmp_path / "release_demo"))
    return tmp_path


def file_of_build(project: Path) -> Path:
    return project / "target" / "build" / DATABASE_NAME


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_estimates_are_written_with_all_digits_also_the_withheld(project: Path) -> None:
    found = private.write_private(Kind.WAREHOUSE, [])
    assert (found.estimates, found.withheld) == (3, 1)
    rows = rows_of(found.path)
    assert [float(row["estimate"]) for row in rows] == [1 / 3, 0.25, 0.5]
    assert [row["is_released"] for row in rows] == ["true", "false", "true"]


def test_the_file_lies_beside_the_build_file_and_only_its_owner_may_read_it(project: Path) -> None:
    found = private.write_private(Kind.WAREHOUSE, ["pier_2026"])
    assert found.path == project / "target" / "private" / "estimates_pier_2026_20260101T000000Z.csv"
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700
    assert {row["survey_wave_id"] for row in rows_of(found.path)} == {"pier_2026"}
    # written anew it stays so, and nothing else is left
    found.path.chmod(0o644)
    private.write_private(Kind.WAREHOUSE, ["pier_2026"])
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    assert list(found.path.parent.iterdir()) == [found.path]


def test_parquet_holds_the_same(project: Path) -> None:
    found = private.write_private(Kind.WAREHOUSE, ["quay_2026", "pier_2026"], "parquet")
    with duckdb.connect() as connection:
        rows = connection.execute("select estimate from read_parquet(?)", [str(found.path)]).fetchall()
    assert rows == [(1 / 3,), (0.25,), (0.5,)]


def without_build_file(project: Path) -> None:
    file_of_build(project).unlink()


def of_another_build(project: Path) -> None:
    with duckdb.connect(str(file_of_build(project))) as connection:
        connection.execute("update marts.mart_adoption set value = 67")


def with_a_log(project: Path) -> None:
    (file_of_build(project).parent / f"{DATABASE_NAME}.wal").write_bytes(b"log")


def torn(project: Path) -> None:
    file_of_build(project).write_bytes(b"no database")


def without_release(project: Path) -> None:
    (project / "release" / "current").unlink()


REFUSED = {
    without_build_file: ("There is no build file", "make warehouse"),
    of_another_build: ("is not that of the current release 20260101T000000Z", "make warehouse"),
    with_a_log: ("was left by a build that did not end", "make warehouse"),
    torn: ("was left by a build that did not end", "make warehouse"),
    without_release: ("No release at", "make warehouse"),
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_what_is_not_of_the_current_release_is_refused(project: Path, spoil) -> None:
    spoil(project)
    with pytest.raises(NoReleaseError) as caught:
        private.write_private(Kind.WAREHOUSE, [])
    for part in REFUSED[spoil]:
        assert part in str(caught.value)
    assert not (project / "target" / "private").exists()


def test_a_wave_without_estimates_is_refused_with_the_nearest(project: Path) -> None:
    with pytest.raises(BadInputError, match="'pier_2062' is no wave with estimates; did you mean 'pier_2026'"):
        private.write_private(Kind.WAREHOUSE, ["quay_2026", "pier_2062"])


def test_without_responses_there_is_nothing_to_write(project: Path) -> None:
    with duckdb.connect(str(file_of_build(project))) as connection:
        connection.execute("delete from intermediate.int_estimates_private")
    with pytest.raises(BadInputError, match="holds no estimates"):
        private.write_private(Kind.WAREHOUSE, [])


def test_it_waits_for_no_build(project: Path) -> None:
    with only_writer(project / "release"), pytest.raises(LockedError):
        private.write_private(Kind.WAREHOUSE, [])


def test_nothing_private_is_written_below_the_releases(project: Path, monkeypatch) -> None:
    monkeypatch.setenv("SMV_AI_DEMO_RELEASE_DIR", str(project / "target"))
    with pytest.raises(SystemStateError, match="lies below the releases"):
        private.write_private(Kind.WAREHOUSE, [])
