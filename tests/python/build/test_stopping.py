"""A stop signal always ends a run and frees the lock; the history tells the code that the command ended with."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from support.commands import PATIENCE, smv_ai
from support.project import SUPPORT, copy_project

from smv_ai import stopping
from smv_ai.build import making
from smv_ai.build import run as build_run
from smv_ai.cli import main
from smv_ai.errors import AuditError, BadInputError, BuildError, ExitCode
from smv_ai.releases import history
from smv_ai.releases.locking import only_writer

DRIVER = SUPPORT / "hanging_build.py"
# 5 s to end in order and 2 for last words; the rest is for a busy machine. Without the watch it is for ever.
LONGEST = 60


def started(kind: str, environment: dict[str, str]) -> subprocess.Popen:
    """A build that waits where KIND makes it wait."""
    process = subprocess.Popen([sys.executable, str(DRIVER), kind], env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip
    releases = Path(environment["SMV_AI_RELEASE_DIR"])
    while not list(releases.glob(".staging-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(4)
    return process


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "number", "to_group"),
    [
        ("call", signal.SIGTERM, False),
        ("call", signal.SIGINT, True),
        ("query", signal.SIGTERM, False),
        ("deaf", signal.SIGINT, False),
        ("helper", signal.SIGTERM, True),
        ("helper", signal.SIGINT, True),
    ],
)
def test_a_stop_signal_ends_whatever_hangs_and_frees_the_lock(workspace, kind, number, to_group):  # noqa: F811
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    process = started(kind, workspace)
    (os.killpg if to_group else os.kill)(process.pid, number)
    at = time.monotonic()
    out, err = process.communicate(timeout=LONGEST)
    print(f"{kind}, {number.name}: ended after {time.monotonic() - at:.1f} s")
    assert process.returncode == ExitCode.INTERRUPTED, out + err
    assert "Traceback" not in err and "leaked" not in err and "stopped" in err
    assert [(run.outcome, run.exit_code) for run in history.read(releases)[0]] == [("interrupted", 130)]
    with only_writer(releases, Path(workspace["SMV_AI_PROJECT_DIR"]) / "target" / "build"):
        history.recover(releases)
    assert [path.name for path in releases.iterdir() if path.name not in (".lock", history.HISTORY_NAME)] == []


@pytest.mark.slow
def test_a_second_signal_changes_nothing(workspace):  # noqa: F811
    process = started("call", workspace)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    _, err = process.communicate(timeout=LONGEST)
    assert process.returncode == ExitCode.INTERRUPTED and "Traceback" not in err


@pytest.mark.slow
def test_a_killed_helper_process_is_the_environment_in_both_places(workspace):  # noqa: F811
    done = subprocess.run([sys.executable, str(DRIVER), "killed"], env=workspace, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)  # fmt: skip
    [run] = history.read(Path(workspace["SMV_AI_RELEASE_DIR"]))[0]
    assert (done.returncode, run.exit_code, run.outcome) == (5, 5, "environment"), done.stderr
    assert "ended from outside" in done.stderr and "Traceback" not in done.stderr and "leaked" not in done.stderr


INTERRUPTED_IN_A_TEXT = """
from smv_ai.cli import _stops

@_stops
def command():
    exec("import signal; signal.raise_signal(signal.SIGTERM)")

command()
"""


def test_a_stop_inside_code_of_a_text_has_its_exit_code_from_a_module_too(tmp_path):
    """As dataclasses are made while a library is imported."""
    (tmp_path / "stopped.py").write_text(INTERRUPTED_IN_A_TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "stopped"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (130, "smv-ai: stopped; nothing was switched.\n")


ENDS = {
    "disk": (OSError(errno.ENOSPC, "No space left on device"), ExitCode.ENVIRONMENT),
    "disk under DuckDB": (duckdb.IOException("Could not write file: No space left on device"), ExitCode.ENVIRONMENT),
    "quota": (OSError(errno.EDQUOT, "Disk quota exceeded"), ExitCode.ENVIRONMENT),
    "memory": (MemoryError(), ExitCode.ENVIRONMENT),
    "memory of DuckDB": (duckdb.OutOfMemoryException("Out of Memory Error: failed to pin"), ExitCode.ENVIRONMENT),
    "no more threads": (RuntimeError("can't start new thread"), ExitCode.ENVIRONMENT),
    "no more processes": (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), ExitCode.ENVIRONMENT),
    "permissions": (PermissionError(errno.EACCES, "Permission denied"), ExitCode.ENVIRONMENT),
    "input": (BadInputError("a row"), ExitCode.BAD_INPUT),
    "tests": (BuildError("a model"), ExitCode.TESTS_FAILED),
    "audit": (AuditError("a suite"), ExitCode.AUDIT_REFUSED),
    "stopped": (KeyboardInterrupt(), ExitCode.INTERRUPTED),
    "defect": (ZeroDivisionError("ours"), ExitCode.INTERNAL),
}


@pytest.mark.parametrize("kind", ENDS)
def test_the_history_tells_the_exit_code(kind, tmp_path, monkeypatch):
    error, code = ENDS[kind]

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "release"))
    monkeypatch.setattr(build_run, "build_file", lambda _: tmp_path / "build" / "smv_ai.duckdb")
    monkeypatch.setattr(making, "_build", fails)
    done = CliRunner().invoke(main, ["build"])
    [run] = history.read(tmp_path / "release")[0]
    assert (done.exit_code, run.exit_code, run.outcome) == (code, code, code.name.lower())


def test_what_cannot_be_pruned_does_not_undo_a_success(tmp_path, monkeypatch):
    monkeypatch.setattr(build_run, "prune", lambda _: (_ for _ in ()).throw(PermissionError(errno.EACCES, "no")))
    lines: list[str] = []
    build_run._prune(tmp_path, build_run.Progress(lines.append, on_terminal=False))
    assert "could not be removed" in lines[0]


def test_a_disk_that_stays_full_stops_the_run(monkeypatch, tmp_path):
    monkeypatch.setattr(stopping, "SECONDS_FULL", 0.2)
    monkeypatch.setattr(stopping, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(stopping, "_is_full", lambda folder: folder == tmp_path)
    with pytest.raises(KeyboardInterrupt), stopping.stoppable(), stopping.full_disk_ends(tmp_path):
        time.sleep(LONGEST)
    assert stopping.cause().exit_code == ExitCode.ENVIRONMENT and str(tmp_path) in str(stopping.cause())


def test_past_the_switch_a_signal_waits():
    with stopping.stoppable():
        stopping.finish()
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0.05)
        assert not stopping.is_asked()
    with pytest.raises(KeyboardInterrupt), stopping.stoppable():
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [5, 15, 25, 40])
def test_a_stop_signal_ends_a_real_build(tmp_path, seconds):
    project, releases = copy_project(tmp_path / "project"), tmp_path / "release"
    environment = os.environ | {"SMV_AI_PROJECT_DIR": str(project), "SMV_AI_RELEASE_DIR": str(releases)}
    command = [sys.executable, "-m", "smv_ai.cli", "build"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    process.terminate()
    at = time.monotonic()
    out, err = process.communicate(timeout=LONGEST)
    print(f"ended after {time.monotonic() - at:.1f} s: {out}")
    assert "Traceback" not in err and "leaked" not in err, err
    [run] = history.read(releases)[0]
    assert run.exit_code == process.returncode and process.returncode in (ExitCode.INTERRUPTED, ExitCode.DONE)
    assert json.loads(smv_ai(environment, "status", "--json").stdout)["is_running"] is False
