"""A machine is lost; what was backed up is put back on another, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.small_release import small_release, state_of

from smv_ai.cli import main
from smv_ai.errors import BadInputError, NoReleaseError
from smv_ai.releases import history
from smv_ai.releases.backup import backup, restore

NAMES = ("20260101T000000Z", "20260102T000000Z")


def point_to(monkeypatch: pytest.MonkeyPatch, machine: Path) -> Path:
    """A project of this name on a machine, which the commands mean from here on."""
    project = machine / "smv ai's"
    project.mkdir(parents=True)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(project / "release"))
    monkeypatch.setenv("SMV_AI_DEMO_RELEASE_DIR", str(project / "release_demo"))
    return project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two releases, a history, a demonstration, encrypted responses and a survey file."""
    project = point_to(monkeypatch, tmp_path / "first")
    for name in NAMES:
        small_release(project / "release", name)
    (project / "release" / "current").symlink_to(NAMES[1])
    history.append(project / "release", history.new_run("build"))
    small_release(project / "release_demo", NAMES[0], kind="demonstration")
    (project / "release_demo" / "current").symlink_to(NAMES[0])
    wave = project / "responses" / "survey_id=æ ø" / "survey_wave_id=1"
    wave.mkdir(parents=True)
    (wave / "responses.parquet").write_bytes(b"PARE" + os.urandom(5000) + b"PARE")
    (wave / "responses.parquet").chmod(0o600)
    (project / "surveys").mkdir()
    (project / "surveys" / "a.yml").write_text("a: 1\n", encoding="utf-8")
    return project


def state(project: Path) -> dict[str, tuple[int, str]]:
    """What must come back: all but the locks."""
    return {name: found for name, found in state_of(project).items() if not name.endswith(".lock")}


def test_a_lost_machine_comes_back(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(project)
    saved = tmp_path / "safe" / "backup"
    assert "files of release, release_demo, responses, surveys" in backup(saved, project)
    os.rename(project.parent, tmp_path / "lost")
    elsewhere = point_to(monkeypatch, tmp_path / "second")
    assert "restored release, release_demo, responses, surveys" in restore(saved, elsewhere)
    assert state(elsewhere) == before
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0
    assert f"current is now {NAMES[0]}" in CliRunner().invoke(main, ["rollback"]).output


@pytest.mark.parametrize("damage", [
    lambda saved: (saved / "surveys" / "a.yml").write_text("a: 2\n", encoding="utf-8"),
    lambda saved: (saved / "surveys" / "a.yml").unlink(),
    lambda saved: os.replace(saved / "release" / NAMES[0] / "release.json", saved / "surveys" / "a.yml"),
    lambda saved: (saved / "backup.json").write_text('{"parts": 3}', encoding="utf-8"),
    lambda saved: (saved / "backup.json").unlink(),
    lambda saved: ((saved / "surveys" / "b.yml").symlink_to("a.yml"), (saved / "release" / "current").unlink()),
])  # fmt: skip
def test_a_damaged_backup_restores_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], object]
) -> None:
    saved = tmp_path / "backup"
    backup(saved, project)
    damage(saved)
    elsewhere = point_to(monkeypatch, tmp_path / "second")
    with pytest.raises(NoReleaseError, match="damaged"):
        restore(saved, elsewhere)
    assert list(elsewhere.iterdir()) == []


def test_nothing_is_written_over(project: Path, tmp_path: Path) -> None:
    saved = tmp_path / "backup"
    backup(saved, project)
    before = state(project)
    for refused in (lambda: backup(saved, project), lambda: restore(saved, project),
                    lambda: backup(project / "release" / "x", project)):  # fmt: skip
        with pytest.raises(BadInputError):
            refused()
    assert state(project) == before


def test_a_link_in_the_responses_is_named_and_no_half_backup_is_left(project: Path, tmp_path: Path) -> None:
    (project / "responses" / "b.parquet").symlink_to("/etc/hostname")
    with pytest.raises(BadInputError, match=r"b\.parquet is no plain file"):
        backup(tmp_path / "backup", project)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first"]
