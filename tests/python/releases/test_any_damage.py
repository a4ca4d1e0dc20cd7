"""Whatever stands in a folder of releases: every command ends with a sentence and the right code, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.app_pages import open_page
from support.commands import PATIENCE
from support.release_damage import damage_release
from support.small_release import small_release

from smv_ai.cli import main
from smv_ai.errors import ExitCode, SmvAiError
from smv_ai.releases import history
from smv_ai.releases.folder import current_release
from smv_ai.releases.verify import problems_of
from smv_ai.sql import query

OLDER, NEWER = "20260101T000000Z", "20260102T000000Z"
COMMANDS = (
    ["status"], ["status", "--json"], ["history"], ["history", "--json"], ["verify"], ["verify", NEWER],
    ["sql", "select count(*) from mart_adoption"], ["diff", OLDER], ["diff", NEWER, OLDER], ["pin"], ["pin", NEWER],
    ["unpin", NEWER], ["rollback"], ["rollback", NEWER],
)  # fmt: skip
GOOD = {int(code) for code in (ExitCode.DONE, ExitCode.NO_RELEASE, ExitCode.ENVIRONMENT)}


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two releases and a history."""
    folder = tmp_path / "release"
    folder.mkdir()
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(folder))
    monkeypatch.setattr(query, "COMMAND", replace(query.COMMAND, seconds=PATIENCE))
    for name in (OLDER, NEWER):
        small_release(folder, name)
        history.append(folder, history.new_run("build"))
    (folder / "current").symlink_to(NEWER)
    return folder


@pytest.mark.parametrize("seed", range(300))
def test_any_damage_is_a_sentence(releases: Path, seed: int) -> None:
    damage_release(seed, releases, releases / NEWER)
    for command in COMMANDS:
        done = CliRunner().invoke(main, command)
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exc_info)
        assert done.exit_code in GOOD, (command, done.output)
        assert "Traceback" not in done.output and "Error(" not in done.output, (command, done.output)
        assert done.exit_code == 0 or done.output.strip(), command


@pytest.mark.parametrize("seed", range(0, 300, 5))
def test_app_and_next_build_go_on_after_any_damage(
    releases: Path, publish: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    damage_release(seed, releases, releases / NEWER)
    app = open_page(releases, monkeypatch, "overview")
    assert not app.exception and (app.error or app.title)
    try:
        publish(force=True, accept_missing=True)
    except SmvAiError as error:  # a pipe in the place of the lock, a file in that of the folder
        assert error.exit_code == ExitCode.ENVIRONMENT and str(error)
    else:
        assert problems_of(current_release(releases)) == []
