"""Whatever stands in a folder of releases: every command ends with a sentence and the right code, at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from support.release_damage import damage_release
from support.small_release import small_release

from smv_ai.cli import main
from smv_ai.errors import ExitCode
from smv_ai.releases import history

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
