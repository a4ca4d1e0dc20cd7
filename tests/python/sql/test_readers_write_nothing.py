"""Nothing that reads can write: statements against the release's own paths, logs beside its database, rights."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from support.commands import PATIENCE
from support.project import PROJECT
from support.small_release import small_release, state_of

from smv_ai.cli import main
from smv_ai.environment import DATABASE_NAME
from smv_ai.errors import ExitCode, NoReleaseError
from smv_ai.reader import connect
from smv_ai.releases.folder import current_release, discard, find_release, switch
from smv_ai.releases.write import publish
from smv_ai.sql import query
from smv_ai.sql.sandbox import Limits, StatementError, _locked, _selected, run_statement

# each statement has a process of its own
pytestmark = pytest.mark.slow

# {db} is the released database; what is named after it is its log, the log's copy and its folder for spilled rows.
AGAINST_ITS_OWN_PATHS = """
copy (select 'x') to '{db}' (format csv, use_tmp_file false)
copy (select 'x') to '{db}' (format csv)
copy (select 'x') to '{db}' (format json)
copy (select 'x') to '{db}' (format parquet, use_tmp_file false)
copy (select from_hex('00')::blob) to '{db}' (format blob)
copy (select from_hex('00')::blob) to '{db}.wal' (format blob)
copy (select from_hex('00')::blob) to '{db}.wal.checkpoint' (format blob)
copy (select from_hex('00')::blob) to '{db}.wal.recovery' (format blob)
copy (select 'x') to '{db}.tmp/x.csv'
copy (select 'x') to '{folder}' (format csv, partition_by (a), overwrite)
copy (select 1 as a, 2 as b) to '{folder}' (format csv, partition_by (a), overwrite_or_ignore)
copy (select 'x') to '{folder}/release.json' (format csv)
copy (select 'x') to '{folder}/PINNED'
copy (select 'x') to '{folder}/parquet/mart_adoption.parquet'
copy (select 'x') to '{folder}/../current'
copy (select 'x') to '{folder}/../runs.jsonl' (format csv)
copy (select 'x') to 'file://{db}'
copy (select 'x') to '{folder}/./smv_ai.duckdb'
copy (select 'x') to '{folder}/parquet/../smv_ai.duckdb.wal'
COPY/**/(SELECT 'x')/**/TO/**/'{db}'
-- a comment\ncopy (select 'x') to '{db}'
copy mart_adoption to '{db}'
copy mart_adoption from '{folder}/parquet/mart_adoption.parquet'
copy smv_ai.marts.mart_adoption to '{db}.wal'
copy from database smv_ai to memory
copy (pivot (select 1 as a, 2 as b) on a using sum(b)) to '{db}' (format csv, use_tmp_file false)
select 1; copy (select 'x') to '{db}'
copy (select 'x') to '{db}';--
begin; copy (select 'x') to '{db}'; commit
with a as (copy (select 'x') to '{db}') select * from a
with a as (select 1) copy a to '{db}'
with a as (insert into mart_adoption values (1) returning *) select * from a
with recursive a as (delete from mart_adoption returning *) select * from a
explain analyze copy (select 'x') to '{db}'
explain analyze delete from mart_adoption
prepare p as copy (select 'x') to '{db}'
execute p
export database '{folder}'
export database '{folder}/parquet' (format parquet)
import database '{folder}'
attach '{db}' as own
attach '{db}' as own (read_write)
attach '{db}.wal' as own
attach '{folder}/new.duckdb' as own; create table own.x as select 1
attach 'file://{db}' as own
attach if not exists '{db}' as smv_ai
attach or replace '{db}' as smv_ai
detach smv_ai
detach smv_ai; attach '{db}' as smv_ai
create table marts.mine as select 1
create table smv_ai.marts.mine as select 1
create or replace table mart_adoption as select 67 as value
create table memory.main.mine as pivot (select 1 as a, 2 as b) on a using sum(b)
create persistent secret s (type http, bearer_token 'x')
insert into mart_adoption values (67)
update mart_adoption set value = 67
delete from mart_adoption
drop table mart_adoption
alter table mart_adoption rename to mine
comment on table mart_adoption is 'x'
vacuum
vacuum analyze
checkpoint
force checkpoint smv_ai
checkpoint smv_ai
select * from force_checkpoint('smv_ai')
select * from checkpoint('smv_ai')
pragma force_checkpoint
pragma wal_autocheckpoint = '1'
pragma enable_profiling = 'json'; set profile_output = '{db}'
pragma profile_output = '{db}'
pragma log_query_path = '{db}.wal'
set temp_directory = '{folder}/smv_ai.duckdb.tmp'
set global temp_directory = '{folder}'
set secret_directory = '{folder}'
set extension_directory = '{folder}'
set disabled_filesystems = ''
reset disabled_filesystems
set enable_external_access = true
set allowed_paths = ['{db}']
set allowed_directories = ['{folder}']
set log_query_path = '{db}'
set lock_configuration = false
set access_mode = 'read_write'
call enable_logging(storage = 'file', storage_config = {'path': '{folder}'})
select * from enable_logging(storage := 'file', storage_path := '{folder}')
select * from enable_profiling()
install '{db}'
force install '{folder}/x.duckdb_extension'
load '{db}'
load '{folder}/x.duckdb_extension'
select * from read_duckdb('{db}')
select * from query('copy (select 1) to ''{db}''')
select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{db}.wal'')'))
select count(*) from (select hash(range) as h from range(20000000) order by h)
pivot (from read_text('{db}')) on filename using count(*)
from range(1000) select list(range) over (order by hash(range)) limit 1
""".strip().splitlines()
LIMITS = Limits(seconds=PATIENCE)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release that is current, written as a build writes it."""
    releases = tmp_path_factory.mktemp("release")
    staged = small_release(releases, ".staging-x")
    facts = json.loads((staged / "release.json").read_text(encoding="utf-8")) | {"release_id": "20260101T000000Z"}
    (staged / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    return publish(staged, releases, "20260101T000000Z")


def test_there_are_more_than_sixty_statements() -> None:
    assert len(set(AGAINST_ITS_OWN_PATHS)) == len(AGAINST_ITS_OWN_PATHS) > 60


def filled(statement: str, release: Path) -> str:
    """A statement with the paths of this release."""
    paths = statement.replace("{db}", str(release / DATABASE_NAME)).replace("{folder}", str(release))
    return paths.replace("\\n", "\n")


@pytest.mark.parametrize("statement", AGAINST_ITS_OWN_PATHS, ids=lambda statement: statement[:50])
def test_no_statement_on_the_command_line_touches_the_release(
    release: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, statement: str
) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(release.parent))
    monkeypatch.chdir(tmp_path)
    before = state_of(release.parent)
    done = CliRunner().invoke(main, ["sql", "--format", "json", "-"], input=filled(statement, release))
    assert done.exit_code in (ExitCode.DONE, ExitCode.BAD_INPUT), done.output
    assert "Traceback" not in done.output
    assert state_of(release.parent) == before
    assert list(tmp_path.iterdir()) == []


# The path of the SQL page in this process: a process of its own for each takes long and differs in its limits only.
@pytest.mark.parametrize("by", ["as the page runs it", "without the check of its kind"])
def test_no_statement_in_the_sandbox_touches_the_release(release: Path, by: str) -> None:
    before = state_of(release.parent)
    for statement in AGAINST_ITS_OWN_PATHS:
        with (
            _locked(release / DATABASE_NAME, LIMITS) as connection,
            contextlib.suppress(duckdb.Error, OSError, StatementError),
        ):
            sql = filled(statement, release)
            if by == "as the page runs it":
                _selected(connection, sql, may_pivot=False).limit(10).fetchall()
            else:
                if (result := connection.execute(sql)) is not None:  # None: there was no statement
                    result.fetchmany(10)
        assert state_of(release.parent) == before, statement


@pytest.mark.parametrize("statement", AGAINST_ITS_OWN_PATHS[:5] + ["select * from force_checkpoint('smv_ai')"])
def test_the_process_of_the_page_leaves_the_release_as_it_is(release: Path, statement: str) -> None:
    before = state_of(release.parent)
    with contextlib.suppress(StatementError):
        run_statement(release / DATABASE_NAME, filled(statement, release), LIMITS)
    assert state_of(release.parent) == before


LOGS = [".wal", ".wal.checkpoint", ".wal.recovery", ".WAL", ".tmp", ".tmp/"]


@pytest.fixture
def own(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of its own, that a test may damage, after another that is intact."""
    shutil.copytree(release.parent, tmp_path / "release", symlinks=True)
    folder = small_release(tmp_path / "release", "20260102T000000Z", previous_release_id=release.name)
    switch(folder.parent, folder.name)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(folder.parent))
    monkeypatch.setattr(query, "COMMAND", replace(query.COMMAND, seconds=PATIENCE))
    return folder


def smv_ai(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("log", LOGS)
def test_everything_that_reads_refuses_a_release_with_a_log(own: Path, log: str) -> None:
    held = find_release(own.name)
    place = own / f"{DATABASE_NAME}{log}"
    place.mkdir() if log.endswith("/") else place.write_bytes(b"\x00" * 100)
    for read in (
        lambda: current_release(own.parent),
        lambda: find_release(own.name, own.parent),
        lambda: connect(),
        lambda: connect(held),
        lambda: run_statement(held.database, "select 1"),
    ):
        with pytest.raises(NoReleaseError, match="which is no part of a release") as refused:
            read()
        assert place.name in str(refused.value)
        assert "smv-ai rollback" in str(refused.value)
    before = own.parent.joinpath("current").readlink()
    for command in (("sql", "select 1"), ("diff", before.name, own.name), ("verify",), ("dictionary",)):
        done = smv_ai(*command)
        assert done.exit_code == ExitCode.NO_RELEASE, (command, done.output)
        assert place.name in done.output
    assert any(place.name in problem for problem in json.loads(smv_ai("status", "--json").stdout)["problems"])
    done = smv_ai("rollback")
    assert done.exit_code == ExitCode.DONE, done.output
    assert "20260101T000000Z" in done.output
    assert smv_ai("sql", "select value from mart_adoption").exit_code == ExitCode.DONE


def test_a_log_beside_the_file_that_a_link_leads_to_is_refused(own: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    shutil.move(own / DATABASE_NAME, real / DATABASE_NAME)
    (own / DATABASE_NAME).symlink_to(real / DATABASE_NAME)
    (real / f"{DATABASE_NAME}.wal").write_bytes(b"x")
    with pytest.raises(NoReleaseError, match="smv_ai.duckdb.wal"):
        connect()


def test_a_reader_that_spills_does_so_outside_the_release(own: Path) -> None:
    before = state_of(own.parent)
    with connect() as connection:
        connection.execute("set memory_limit = '40MB'; set threads = 1")
        connection.execute("create temp table spilled as select hash(range) as h from range(8000000)")
        used = connection.execute("select sum(size) from duckdb_temporary_files()").fetchone()
        assert used is not None and used[0], "the query was too small to spill"
        assert state_of(own.parent) == before


def test_the_files_of_a_release_cannot_be_written_and_can_be_removed(release: Path, tmp_path: Path) -> None:
    files = [path for path in release.rglob("*") if path.is_file()]
    assert len(files) >= 3
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    assert [path.name for path in files if path.stat().st_mode & writable] == []
    copy = Path(shutil.copytree(release, tmp_path / release.name))
    discard(copy)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("select 1 as n;--", [{"n": 1}]),
        ("select 1 as n; -- æ ; ø\n ; /* ; */ --", [{"n": 1}]),
        ("select ';--' as n;", [{"n": ";--"}]),
        ("select 'nan'::double as a, 'infinity'::double as b, '-infinity'::float as c, 1e308 * 10 as d",
         [{"a": None, "b": None, "c": None, "d": None}]),
        ("select 1.5 as a, 12::decimal(9, 2) as b, sum(1) as c, 170141183460469231731687303715884105727 as d",
         [{"a": 1.5, "b": 12, "c": 1, "d": 170141183460469231731687303715884105727}]),
        ("select date 'infinity' as a, date '-4000-01-01' as b, timestamp '2025-01-02' as c, [1, null] as d",
         [{"a": "infinity", "b": "4001-01-01 (BC)", "c": "2025-01-02 00:00:00", "d": "[1, NULL]"}]),
        ("select 1 as n, 2 as n", [{"n": 1, "n_1": 2}]),
        ("pivot (select 1 as a, 2 as b) on a using sum(b);--", [{"1": 2}]),
        ("\ufeffselect true as n", [{"n": True}]),
        ("select 1 as n where false", []),
    ],
)  # fmt: skip
def test_json_is_valid_whatever_the_values(own: Path, statement: str, printed: list[dict]) -> None:
    done = CliRunner().invoke(main, ["sql", "-", "--format", "json"], input=statement.encode())
    assert done.exit_code == ExitCode.DONE, done.output

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    assert json.loads(done.output, parse_constant=refuse) == printed


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_type_of_duckdb_is_printed(own: Path, form: str) -> None:
    done = smv_ai("sql", "select * from test_all_types()", "--format", form)
    assert done.exit_code == ExitCode.DONE, done.output
    assert "infinity" in done.output


def test_input_that_is_no_text_is_a_message(own: Path) -> None:
    done = CliRunner().invoke(main, ["sql", "-"], input=b"select '\xff'")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "The standard input is no text in UTF-8 (byte 9)" in done.output
    command = [sys.executable, "-m", "smv_ai.cli", "sql", b"select '\xff'"]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, check=False)
    assert done.returncode == ExitCode.BAD_INPUT
    assert b"character 9 is no text in UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("", "there is no statement"),
        ("-- nothing", "there is no statement"),
        ("select 1; select 2", "more than one statement"),
        ("vacuum", "only one that reads can be run"),
        ("selec 1", "syntax error"),
        ("select 1 /* open", "unterminated"),
        ("select repeat('x', 2000000000)", "memory"),
        ("select '" + "x" * 100_000 + "'", "longer than 100,000 characters"),
    ],
)
def test_what_cannot_be_run_says_why(own: Path, statement: str, said: str) -> None:
    done = CliRunner().invoke(main, ["sql", "-"], input=statement)
    assert done.exit_code == ExitCode.BAD_INPUT
    assert done.output.startswith("smv-ai: The query failed: ") and said in done.output


def test_the_limits_end_a_statement_and_no_limit_lifts_those_of_time_and_rows(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "select count(*) from range(1000000000000) where hash(range) = 1"
    monkeypatch.setattr(query, "COMMAND", Limits(seconds=0.5, rows=100))
    assert "it took longer than 0.5 seconds; " in smv_ai("sql", endless).output
    monkeypatch.setattr(query, "COMMAND", Limits(seconds=PATIENCE, rows=100))
    for form in ("csv", "json"):
        cut = smv_ai("sql", "from range(101)", "--format", form)
        assert cut.exit_code == ExitCode.BAD_INPUT, "half a file never looks like a whole one"
        assert "it gives more than 100 rows" in cut.output and "--no-limit" in cut.output
    monkeypatch.setattr(query, "COMMAND", Limits(seconds=0, rows=100))
    whole = smv_ai("sql", "from range(2000)", "--format", "csv", "--no-limit")
    assert len(whole.output.splitlines()) == 2001
    assert len(smv_ai("sql", "from range(2000)", "--no-limit").output.splitlines()) == 2002
    refused = smv_ai("sql", f"copy (select 1) to '{own / DATABASE_NAME}'", "--no-limit")
    assert "only one that reads" in refused.output


def test_a_table_says_that_rows_are_left_out(own: Path) -> None:
    printed = smv_ai("sql", "from range(2000)").output.splitlines()
    assert len(printed) == 1003
    assert printed[-1] == "... the first 1000 rows; use --format csv for all"
