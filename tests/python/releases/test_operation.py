"""What operators and schedulers rely on: exit codes, lock, history, rollback, pins, pruning, verify, status, sql."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from support.commands import DRIVER, PATIENCE, run_prepared, smv_ai
from support.project import PROJECT

from smv_ai.cli import main
from smv_ai.errors import ExitCode, environment_cause
from smv_ai.reader import connect, current_release
from smv_ai.releases import history
from smv_ai.releases.folder import prunable, release_names


def state_of(workspace: dict[str, str]) -> dict:
    return json.loads(smv_ai(workspace, "status", "--json").stdout)


def edited(prepared: Path, target: Path, sql: str) -> Path:
    shutil.copy(prepared, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute(sql)
    return target


RAISED = "update marts.mart_adoption set observation_value = 67 where observation_value = 66"


def test_unchanged_content_makes_no_release_unless_forced(prepared, first_run, released):
    again = run_prepared(prepared, released, "--json")
    assert again.returncode == ExitCode.UNCHANGED, again.stderr
    found = json.loads(again.stdout)
    assert found["outcome"] == "unchanged"
    assert found["content_hash"] == json.loads((first_run / "printed.json").read_text(encoding="utf-8"))["content_hash"]
    releases = Path(released["SMV_AI_RELEASE_DIR"])
    assert len(release_names(releases)) == 1
    assert run_prepared(prepared, released, "--force").returncode == ExitCode.DONE
    assert len(release_names(releases)) == 2


def test_a_damaged_current_release_is_replaced_though_nothing_changed(prepared, released):
    (Path(released["SMV_AI_RELEASE_DIR"]) / "current" / "csv" / "mart_adoption.csv").unlink()
    damaged = smv_ai(released, "verify")
    assert damaged.returncode == ExitCode.NO_RELEASE
    assert "csv/mart_adoption.csv: is missing" in damaged.stderr
    assert run_prepared(prepared, released).returncode == ExitCode.DONE
    assert smv_ai(released, "verify").returncode == ExitCode.DONE


def test_verify_names_what_is_wrong(released):
    current = (Path(released["SMV_AI_RELEASE_DIR"]) / "current").resolve()
    (current / "stray.txt").write_text("not of this release")
    with (current / "smv_ai.duckdb").open("r+b") as handle:
        handle.truncate(100_000)
    done = smv_ai(released, "verify")
    assert done.returncode == ExitCode.NO_RELEASE
    for text in ("smv_ai.duckdb: the checksum is", "smv_ai.duckdb: cannot be read", "stray.txt: does not belong"):
        assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_build_leaves_at_once_and_exactly_one_publishes(prepared, workspace):
    command = [sys.executable, str(DRIVER), str(prepared), "30"]
    first = subprocess.Popen(command, env=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    while not list(releases.glob(".staging-*")):
        assert first.poll() is None, first.communicate()
        time.sleep(0.05)
    assert state_of(workspace)["is_running"] is True
    second = smv_ai(workspace, "build")
    assert second.returncode == ExitCode.LOCKED
    assert "Another run is writing in" in second.stderr and "Traceback" not in second.stderr
    assert smv_ai(workspace, "rollback").returncode == ExitCode.LOCKED
    out, err = first.communicate(timeout=PATIENCE)
    assert first.returncode == ExitCode.DONE, out + err
    assert len(release_names(releases)) == 1
    outcomes = [run.outcome for run in history.read(releases)[0]]
    assert sorted(outcomes) == ["built", "locked"]


def test_a_waiting_build_gets_its_turn(prepared, workspace):
    command = [sys.executable, str(DRIVER), str(prepared), "2"]
    first = subprocess.Popen(command, env=workspace, stdout=subprocess.DEVNULL)
    time.sleep(1)
    assert run_prepared(prepared, workspace, "--wait").returncode in (ExitCode.UNCHANGED, ExitCode.DONE)
    assert first.wait(timeout=PATIENCE) in (ExitCode.DONE, ExitCode.UNCHANGED)


def test_rollback_and_forward_and_the_rejected_content_stays_away(prepared, released, tmp_path):
    bad = edited(prepared, tmp_path / "bad.duckdb", RAISED)
    assert run_prepared(bad, released).returncode == ExitCode.DONE
    releases = Path(released["SMV_AI_RELEASE_DIR"])
    older, newer = release_names(releases)
    assert older in smv_ai(released, "rollback").stdout
    assert current_release(releases).release_id == older
    again = run_prepared(bad, released)
    assert again.returncode == ExitCode.UNCHANGED
    assert f"release {newer}, which was rolled back" in again.stdout
    assert current_release(releases).release_id == older
    assert newer in smv_ai(released, "rollback", newer).stdout
    nothing = smv_ai(released, "rollback", "20000101T000000Z")
    assert nothing.returncode == ExitCode.NO_RELEASE
    assert f"there are: {older}, {newer}" in nothing.stderr
    lines = smv_ai(released, "history").stdout.splitlines()
    assert lines[0].startswith(f"* {newer}") and "rolled_back" in lines[0]


def test_the_change_report_counts_rows_and_shows_cells(prepared, released, tmp_path):
    changed = edited(
        prepared, tmp_path / "changed.duckdb",
        f"{RAISED}; delete from marts.mart_barriers where observation_id = (select min(observation_id) from"
        " marts.mart_barriers); insert into marts.dim_units values ('hours', 'Timer', 'Hours', null, null, 0, 9)",
    )  # fmt: skip
    assert run_prepared(changed, released).returncode == ExitCode.DONE
    current = current_release(Path(released["SMV_AI_RELEASE_DIR"]))
    report = json.loads((current.path / "changes.json").read_text(encoding="utf-8"))
    tables = report["tables"]
    assert set(tables) == {"dim_units", "mart_adoption", "mart_barriers"}
    counted = {name: (found["added"], found["removed"], found["changed"]) for name, found in tables.items()}
    assert counted["dim_units"] == (1, 0, 0)
    assert counted["mart_barriers"] == (0, 1, 0)
    rows = connect(current).execute("select count(*) from marts.mart_adoption where observation_value = 67").fetchone()
    assert counted["mart_adoption"] == (0, 0, rows[0]) and rows[0] > 0
    assert sum(kinds["changed"] for kinds in tables["mart_adoption"]["by_indicator"].values()) == rows[0]
    assert tables["mart_adoption"]["examples"][0]["cells"] == {"observation_value": {"before": 66.0, "after": 67.0}}
    page = (current.path / "changes.md").read_text(encoding="utf-8")
    assert "observation_value: 66.0 → 67.0" in page and "| dim_units | 1 | 0 | 0 |" in page
    shown = smv_ai(released, "diff", report["older"], report["newer"])
    assert shown.stdout == page


def test_history_survives_failures_and_is_a_public_table(prepared, workspace, tmp_path):
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    failed = run_prepared(broken, workspace)
    assert failed.returncode == ExitCode.INTERNAL
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    with connect(current_release(releases)) as connection:
        runs = connection.execute(
            "select outcome, exit_code, run_seconds > 0, message from marts.meta_runs order by started_at"
        ).fetchall()
        made = connection.execute("select release_id, is_present, row_count from marts.meta_releases").fetchall()
        [(of_one_table,)] = connection.execute("select count(*) from marts.mart_adoption").fetchall()
    assert [run[:3] for run in runs] == [("internal", 1, True), ("built", 0, True)]
    assert str(tmp_path) not in runs[0][3]
    assert [row[:2] for row in made] == [(current_release(releases).release_id, True)]
    assert made[0][2] > of_one_table > 100


def test_a_torn_line_of_the_history_is_counted_and_the_next_run_goes_on(prepared, released):
    file = Path(released["SMV_AI_RELEASE_DIR"]) / history.HISTORY_NAME
    file.write_bytes(file.read_bytes() + b'{"run_id": "2026-')
    assert run_prepared(prepared, released, "--force").returncode == ExitCode.DONE
    runs, unreadable = history.read(file.parent)
    assert ([run.outcome for run in runs], unreadable) == (["built", "built"], 1)
    assert state_of(released)["problems"] == ["1 lines of runs.jsonl cannot be read"]


def test_what_a_killed_run_left_is_cleared_and_its_end_written(prepared, released):
    releases = Path(released["SMV_AI_RELEASE_DIR"])
    good = current_release(releases)
    killed = history.new_run("build")
    history.append(releases, killed)
    (releases / ".staging-left" / "csv").mkdir(parents=True)
    orphan = Path(shutil.copytree(good.path, releases / "29990101T000000Z"))
    facts = json.loads((orphan / "release.json").read_text(encoding="utf-8"))
    facts |= {"release_id": orphan.name, "run_id": killed.run_id}
    (orphan / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    left = Path(released["SMV_AI_PROJECT_DIR"]) / "target" / "build" / "smv_ai.duckdb.tmp"
    left.mkdir(parents=True)
    done = run_prepared(prepared, released)
    assert done.returncode == ExitCode.UNCHANGED, done.stderr
    assert "removed .staging-left" in done.stdout
    assert f"removed {orphan.name}, complete but never published" in done.stdout
    assert release_names(releases) == [good.release_id]
    assert [run.outcome for run in history.read(releases)[0]] == ["built", "interrupted", "unchanged"]


def test_a_stop_signal_ends_the_build_in_order(prepared, workspace):
    process = subprocess.Popen([sys.executable, str(DRIVER), str(prepared), "20"], env=workspace,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    while not list(releases.glob(".staging-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(0.3)
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "stopped; nothing was switched" in err and "Traceback" not in err
    assert not list(releases.glob(".staging-*"))
    assert [run.outcome for run in history.read(releases)[0]] == ["interrupted"]


def fake_release(releases: Path, name: str, days_old: float) -> None:
    (releases / name).mkdir(parents=True)
    made = datetime.now(UTC) - timedelta(days=days_old)
    facts = {"release_id": name, "created_at": made.isoformat(timespec="seconds")}
    (releases / name / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    (releases / name / "smv_ai.duckdb").write_bytes(b"")


def test_pruning_keeps_the_newest_the_young_the_pinned_and_the_current(tmp_path, monkeypatch):
    monkeypatch.setenv("SMV_AI_KEEP_RELEASES", "2")
    monkeypatch.setenv("SMV_AI_KEEP_DAYS", "30")
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path))
    for name, age in (("a", 90), ("b", 80), ("c", 70), ("d", 60), ("e", 20), ("f", 50), ("g", 40)):
        fake_release(tmp_path, name, age)
    (tmp_path / "current").symlink_to("b")
    assert CliRunner().invoke(main, ["pin", "c", "--reason", "cited"]).exit_code == 0
    assert prunable(tmp_path) == ["a", "d"]
    assert CliRunner().invoke(main, ["unpin", "c"]).exit_code == 0
    assert prunable(tmp_path) == ["a", "c", "d"]


def test_a_build_prunes(prepared, workspace):
    tight = workspace | {"SMV_AI_KEEP_RELEASES": "2", "SMV_AI_KEEP_DAYS": "0"}
    for _ in range(3):
        assert run_prepared(prepared, tight, "--force").returncode == ExitCode.DONE
    assert len(release_names(Path(tight["SMV_AI_RELEASE_DIR"]))) == 2
    made = json.loads(smv_ai(tight, "sql", "--format", "json", "select is_present from meta_releases").stdout)
    assert len(made) == 3
    wrong = run_prepared(prepared, workspace | {"SMV_AI_KEEP_DAYS": "many"}, "--force")
    assert wrong.returncode == ExitCode.ENVIRONMENT
    assert "SMV_AI_KEEP_DAYS is 'many'; allowed: a whole number from 0" in wrong.stderr


def test_progress_moves_on_a_terminal_and_nothing_moves_elsewhere(prepared, workspace):
    inside, outside = pty.openpty()
    process = subprocess.Popen([sys.executable, str(DRIVER), str(prepared), "0.5"],
                               env=workspace | {"TERM": "xterm", "COLUMNS": "120"}, stdout=outside)  # fmt: skip
    os.close(outside)
    seen = b""
    while True:
        try:
            piece = os.read(inside, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not piece:
            break
        seen += piece
    assert process.wait(timeout=PATIENCE) == ExitCode.DONE
    assert b"3/10" in seen and b"dbt: model mart_adoption" in seen
    plain = run_prepared(prepared, workspace, "--force")
    assert "3/10" not in plain.stdout and "\x1b" not in plain.stdout
    quiet = run_prepared(prepared, workspace, "--force", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_status_needs_no_heavy_imports(release_dir):
    code = (
        "import sys; from smv_ai.cli import main; main(['status'], standalone_mode=False);"
        "heavy = {'duckdb', 'pandas', 'dbt', 'great_expectations', 'yaml', 'rich', 'multiprocessing'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = os.environ | {"SMV_AI_RELEASE_DIR": str(release_dir), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "current release  20" in done.stdout


def fastest(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of some tries."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


@pytest.mark.load
def test_status_answers_in_a_few_times_what_the_command_line_alone_takes(release_dir):
    environment = os.environ | {"SMV_AI_RELEASE_DIR": str(release_dir)}

    def seconds(*command: str) -> float:
        return fastest(lambda: subprocess.run([sys.executable, *command], env=environment, capture_output=True))

    assert seconds("-m", "smv_ai.cli", "status") < 6 * seconds("-c", "import click")


def test_status_says_what_is_overdue(release_dir, tmp_path):
    from smv_ai.releases.status import status

    built = datetime.fromisoformat(status(release_dir)["last_success"]["finished_at"]).replace(tzinfo=UTC)
    fresh = status(release_dir, built + timedelta(hours=1))
    assert fresh["overdue"] == [] and fresh["problems"] == []
    late = status(release_dir, built + timedelta(days=600))["overdue"]
    assert "the last successful run is 14400 hours old (limit 36)" in late
    assert any("look for the next" in line for line in late)
    assert status(tmp_path / "nowhere")["overdue"] == ["no run has succeeded yet"]


def test_status_names_inputs_that_came_after_the_last_run(released):
    assert state_of(released)["overdue"] == []
    answers = Path(released["SMV_AI_PROJECT_DIR"]) / "responses" / "survey_id=x" / "survey_wave_id=y" / "new.parquet"
    answers.parent.mkdir(parents=True)
    answers.write_bytes(b"")
    [line] = state_of(released)["overdue"]
    assert line == f"1 input files are newer than the last successful run, for example {'/'.join(answers.parts[-4:])}"


@pytest.mark.load
def test_a_headline_query_takes_a_few_times_what_opening_the_release_takes(release_dir):
    from smv_ai.build.headlines import AI_USE

    def rows(query: str) -> list[tuple]:
        with connect(current_release(release_dir)) as connection:
            return connection.execute(query).fetchall()

    assert len(rows(AI_USE)) > 5
    assert fastest(lambda: rows(AI_USE)) < 6 * fastest(lambda: rows("select 1"))


SQL = "select unit_of_measure, maximum_value from dim_units where label_en = 'Per cent'"


def test_sql_prints_a_table_csv_and_json(release_dir, monkeypatch):
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(release_dir))
    run = CliRunner()
    expected = ["unit_of_measure  maximum_value", "---------------  -------------", "percent                  100.0"]
    assert run.invoke(main, ["sql", SQL]).output.splitlines() == expected
    assert run.invoke(main, ["sql", SQL, "--format", "csv"]).output == "unit_of_measure,maximum_value\npercent,100.0\n"
    found = json.loads(run.invoke(main, ["sql", "-", "--format", "json"], input=SQL).output)
    assert found == [{"unit_of_measure": "percent", "maximum_value": 100.0}]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from marts.dim_units",
        "create table marts.mine as select 1",
        "copy marts.dim_units to 'out.csv'",
        "select * from read_csv('/etc/hostname')",
        "attach 'other.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
        "selec 1",
    ],
)
def test_sql_reads_only_the_release(release_dir, monkeypatch, statement, tmp_path):
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(release_dir))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["sql", statement])
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "The query failed:" in done.output
    assert list(tmp_path.iterdir()) == []


def test_every_exit_code_has_one_meaning_and_is_documented():
    page = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
    for code in ExitCode:
        assert f"| {int(code)} | `{code.name.lower()}` |" in page
    assert CliRunner().invoke(main, ["build", "--nonsense"]).exit_code == ExitCode.USAGE


def test_the_machine_is_told_from_the_data():
    assert environment_cause(OSError(28, "No space left on device")) is not None
    assert environment_cause('IO Error: Could not write file "x": No space left on device') is not None
    assert environment_cause(FileNotFoundError(2, "No such file")) is None
    assert environment_cause("Conversion Error: Could not convert string 'x' to DOUBLE") is None
