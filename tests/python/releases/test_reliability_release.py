"""Kills, full disks and many readers: what reaches a reader is always a whole release.

`make test` runs a short variant of each on a prepared build file; `make test-reliability` the long ones (-m long),
with real builds. SMV_AI_KILLS sets the number of kills of each kind there (50, which makes 200; 200 for the longest).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import types
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from support.commands import DRIVER, PATIENCE, run_prepared, smv_ai
from support.project import SUPPORT, copy_project

from smv_ai.errors import ExitCode
from smv_ai.reader import connect, current_release
from smv_ai.releases import history
from smv_ai.releases.folder import find_release, prune, release_names
from smv_ai.releases.verify import problems_of
from smv_ai.releases.write import publish

SHORT_KILLS = 6
FULL_DISKS = SUPPORT / "full_disk_exports.py"
LONG_KILLS = int(os.environ.get("SMV_AI_KILLS", "50"))


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_after(command: list[str], environment: dict[str, str], seconds: float) -> bool:
    """Start the build and kill it after the time; False where it ended before. No process of it may stay."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        children = children_of(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
    limit = time.monotonic() + PATIENCE
    while any(is_alive(child) for child in children):
        assert time.monotonic() < limit, f"processes {children} live on"
        time.sleep(0.05)
    return True


def kill_builds(command: list[str], environment: dict[str, str], kills: int, longest: float, seed: int) -> None:
    """Kill that many builds at random moments up to `longest` seconds; after each, `current` must be whole.

    A build that ends before its moment counts for nothing, and later moments lie within its time.
    """
    releases = Path(environment["SMV_AI_RELEASE_DIR"])
    moments = random.Random(seed)
    hit = 0
    while hit < kills:
        before = current_release(releases)
        seconds, started = moments.uniform(0.05, longest), time.monotonic()
        if kill_after(command, environment, seconds):
            hit += 1
        else:
            longest = min(longest, time.monotonic() - started)
        now = current_release(releases)
        assert problems_of(now) == [], f"killed after {seconds:.3f} s"
        assert now == before or now.release_id > before.release_id
        with connect(now) as connection:
            assert connection.execute("select count(*) from marts.mart_adoption").fetchone()[0] > 100
    print(f"{hit} builds killed at random moments up to {longest:.1f} s; current was whole after each")


def nothing_is_left(releases: Path) -> None:
    assert not [path.name for path in releases.glob(".staging-*")]
    assert "started" not in {run.outcome for run in history.read(releases)[0]}
    for name in release_names(releases):
        assert problems_of(find_release(name, releases)) == []


def test_kills_after_dbt_leave_current_whole_and_the_next_build_succeeds(prepared, workspace):  # noqa: F811
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    command = [sys.executable, str(DRIVER), str(prepared), "0", "--force"]
    kill_builds(command, workspace, SHORT_KILLS, longest=1.6, seed=5)
    assert run_prepared(prepared, workspace, "--force").returncode == ExitCode.DONE
    nothing_is_left(Path(workspace["SMV_AI_RELEASE_DIR"]))


def helpers_of(pid: int) -> list[int]:
    """The processes that work for a build; Python's own watcher of semaphores is none."""
    found = []
    for child in children_of(pid):
        with contextlib.suppress(OSError):
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def kill_within(command: list[str], environment: dict[str, str], draw: random.Random, whom: str) -> tuple[int, str]:
    """Start the build and kill its helper processes, or them and itself, at a moment; its code, and what it said."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until, longest = time.monotonic() + PATIENCE, draw.uniform(0, 1.5)
    while not (helpers := helpers_of(process.pid)) and process.poll() is None:
        assert time.monotonic() < until, "it started no helper"
        time.sleep(0.01)
    time.sleep(longest)
    helpers = helpers_of(process.pid) or helpers
    victims = [draw.choice(helpers)] if whom == "helper" and helpers else helpers
    for victim in [*victims, *([process.pid] if whom == "both" else [])]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    while any(is_alive(helper) for helper in helpers):
        assert time.monotonic() < until, f"processes {helpers} live on"
        time.sleep(0.05)
    return process.returncode, out + err


@pytest.mark.long
@pytest.mark.parametrize("whom", ["helper", "all helpers", "both"])
def test_a_killed_helper_leaves_current_whole_and_is_a_sentence(prepared, workspace, whom):  # noqa: F811
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    command = [sys.executable, str(DRIVER), str(prepared), "0.3", "--force"]
    with_helper = workspace | {"SMV_AI_TEST_HELPER": "real", "SMV_AI_TEST_AUDIT_SECONDS": "1"}
    draw, codes = random.Random(whom), Counter()
    for _ in range(LONG_KILLS):
        before = current_release(releases)
        code, said = kill_within(command, with_helper, draw, whom)
        codes[code] += 1
        assert re.search(r"Traceback|leaked|resource_tracker|Warning", said) is None, said
        assert code in (ExitCode.DONE, ExitCode.ENVIRONMENT, *([-signal.SIGKILL] if whom == "both" else [])), said
        assert code != ExitCode.ENVIRONMENT or "ended from outside" in said, said
        now = current_release(releases)
        assert problems_of(now) == []
        assert now == before or now.release_id > before.release_id
    print(f"{whom}: {dict(codes)}")
    assert run_prepared(prepared, workspace, "--force").returncode == ExitCode.DONE
    nothing_is_left(releases)


@pytest.mark.long
def test_kills_at_any_moment_of_a_real_build(tmp_path):
    project = copy_project(tmp_path)
    environment = os.environ | {
        "SMV_AI_PROJECT_DIR": str(project), "SMV_AI_RELEASE_DIR": str(tmp_path / "release"),
    }  # fmt: skip
    started = time.monotonic()
    first = smv_ai(environment, "build")
    assert first.returncode == ExitCode.DONE, first.stderr
    length = time.monotonic() - started
    command = [sys.executable, "-m", "smv_ai.cli", "build", "--force"]
    kill_builds(command, environment, LONG_KILLS, longest=length, seed=7)
    last = smv_ai(environment, "build", "--force")
    assert last.returncode == ExitCode.DONE, last.stderr
    nothing_is_left(tmp_path / "release")


READERS, RELEASES = 8, 30


def tiny_release(releases: Path, number: int) -> str:
    """A release whose every row says which release it is."""
    name = f"r{number:04d}"
    staged = releases / f".staging-{name}"
    staged.mkdir(parents=True)
    with duckdb.connect(str(staged / "smv_ai.duckdb")) as connection:
        connection.execute("create schema marts")
        for table in ("one", "two"):
            connection.execute(f"create table marts.{table} as select '{name}' as version from range(5000)")
    facts = f'{{"release_id": "{name}", "created_at": "2026-01-01T00:00:00+00:00"}}'
    (staged / "release.json").write_text(facts, encoding="utf-8")
    publish(staged, releases, name)
    return name


def read_without_pause(folder: str, ready, stop, reports) -> None:
    """Open, ask, close, again and again; reports every error, mixture and stale answer it sees, and the count."""
    os.environ["SMV_AI_RELEASE_DIR"] = folder
    seen, wrong, count = set(), [], 0
    while not stop.is_set() or count == 0:
        try:
            before = current_release().release_id
            with connect() as connection:
                found = connection.execute(
                    "select distinct version from (from marts.one union all from marts.two)"
                ).fetchall()
            after = current_release().release_id
        except Exception as error:  # whatever it is, it is what this test looks for
            wrong.append(f"{type(error).__name__}: {error}")
            ready.set()
            break
        count += 1
        ready.set()
        if len(found) != 1:
            wrong.append(f"mixed: {found}")
        elif not before <= found[0][0] <= after:
            wrong.append(f"stale: {found[0][0]} between {before} and {after}")
        seen.update(version for (version,) in found)
    reports.put((count, sorted(seen), wrong))


def test_eight_readers_over_thirty_releases(tmp_path, monkeypatch):
    monkeypatch.setenv("SMV_AI_KEEP_RELEASES", "3")
    monkeypatch.setenv("SMV_AI_KEEP_DAYS", "0")
    # a spawned process runs the main module again, and Streamlit's AppTest leaves the app in its place
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    tiny_release(tmp_path, 0)
    context = multiprocessing.get_context("spawn")
    stop, reports = context.Event(), context.Queue()
    started = [context.Event() for _ in range(READERS)]
    readers = [context.Process(target=read_without_pause, args=(str(tmp_path), ready, stop, reports))
               for ready in started]  # fmt: skip
    for reader in readers:
        reader.start()
    assert all(ready.wait(timeout=PATIENCE) for ready in started)
    for number in range(1, RELEASES + 1):
        tiny_release(tmp_path, number)
        prune(tmp_path)
        time.sleep(0.15)
    stop.set()
    found = [reports.get(timeout=PATIENCE) for _ in readers]
    for reader in readers:
        reader.join(timeout=PATIENCE)
    assert [wrong for _, _, wrong in found if wrong] == []
    assert len({version for _, seen, _ in found for version in seen}) > RELEASES / 2
    assert min(count for count, _, _ in found) > 10


def small_disk(folder: Path, megabytes: int) -> None:
    """Mount a small file system; skips the test where that is not permitted."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    ) if shutil.which("mount") else None  # fmt: skip
    if mounted is None or mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system (tmpfs)")


def fill(folder: Path, leave: int) -> Path:
    """Fill the file system up to so many free bytes."""
    filler = folder / "filler"
    free = shutil.disk_usage(folder).free
    with filler.open("wb") as handle:
        for _ in range((free - leave) // 4096):
            handle.write(b"x" * 4096)
    return filler


def test_a_full_disk_at_each_stage_of_the_release(prepared, workspace, tmp_path):  # noqa: F811
    disk = tmp_path / "release"
    small_disk(disk, 512)
    try:
        assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
        good = current_release(disk)
        refused = 0
        needed = sum(file.stat().st_size for file in good.path.rglob("*") if file.is_file())
        # nothing at all, the copied tables, the exports, the last descriptions
        for part in (0, 0.1, 0.5, 0.9, 0.98):
            filler = fill(disk, int(part * needed))
            done = run_prepared(prepared, workspace, "--force")
            filler.unlink()
            assert "Traceback" not in done.stderr, done.stderr
            if done.returncode != ExitCode.DONE:
                refused += 1
                assert done.returncode == ExitCode.ENVIRONMENT, done.stderr
                assert "No space left on device" in done.stderr
                assert "Nothing was switched" in done.stderr or "Cannot write in" in done.stderr
                assert current_release(disk) == good
            else:
                good = current_release(disk)
            assert problems_of(current_release(disk)) == []
        assert refused >= 4
        assert run_prepared(prepared, workspace, "--force").returncode == ExitCode.DONE
        nothing_is_left(disk)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def lines_of(command: list[str], seconds_without: float) -> list[str]:
    """What the command prints; fails the test where no line comes for so long."""
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0) as process:
        try:
            while True:
                ready, _, _ = select.select([process.stdout], [], [], seconds_without)
                assert ready, f"after {len(lines)} tries no line came for {seconds_without} s: {lines[-1:]}"
                if not (line := process.stdout.readline()):
                    return lines
                lines.append(line.decode().strip())
        finally:
            process.kill()


@pytest.mark.parametrize("tries", [8, pytest.param(200, marks=pytest.mark.long)])
def test_exports_onto_a_full_disk_always_end(demo_dir, tmp_path, tries):
    disk = tmp_path / "disk"
    small_disk(disk, 1)
    try:
        database = (demo_dir / "current").resolve() / "smv_ai.duckdb"
        command = [sys.executable, str(FULL_DISKS), str(database), str(disk), str(tries)]
        lines = lines_of(command, seconds_without=240)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    assert len(lines) == tries and {line.split(" ", 2)[2] for line in lines} == {"full"}, lines


@pytest.mark.long
def test_a_full_disk_under_dbt(tmp_path):
    project, releases = tmp_path / "project", tmp_path / "release"
    small_disk(project, 512)
    try:
        copy_project(project)
        environment = os.environ | {"SMV_AI_PROJECT_DIR": str(project), "SMV_AI_RELEASE_DIR": str(releases)}
        assert smv_ai(environment, "build", "-q").returncode == ExitCode.DONE
        good = current_release(releases)
        for leave in (0, 1_000_000, 3_000_000):
            for left in (project / "target" / "build").glob("smv_ai.duckdb*"):
                left.unlink()  # the build would remove it and have its space
            filler = fill(project, leave)
            done = smv_ai(environment, "build", "--force")
            filler.unlink()
            assert done.returncode == ExitCode.ENVIRONMENT, f"{leave}: {done.stderr}"
            assert "No space left on device" in done.stderr or "is the disk full?" in done.stderr
            assert "Traceback" not in done.stderr
            assert current_release(releases) == good
        assert smv_ai(environment, "build", "-q", "--force").returncode == ExitCode.DONE
    finally:
        subprocess.run(["umount", "--lazy", str(project)], check=True)
