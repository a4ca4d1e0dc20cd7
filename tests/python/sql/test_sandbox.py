"""Statements by anybody: what may be read, and a hundred that try to reach or stop what they must not."""

from __future__ import annotations

import os
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from support.commands import PATIENCE

from smv_ai.environment import Kind
from smv_ai.sql.sandbox import LIMITS, REASONS, Limits, StatementError, run_statement
from tools.recipes import GUIDE, recipes

SHORT = Limits(seconds=3, rows=100, result_bytes=2**20)
# What is refused must not depend on how fast the machine is.
PATIENT = replace(SHORT, seconds=PATIENCE)
WHOLE = replace(LIMITS, seconds=PATIENCE)


@pytest.fixture(scope="session")
def database(release_dir: Path) -> Path:
    return (release_dir / "current" / "smv_ai.duckdb").resolve()


# Paths are filled in by the test; what comes back is looked at for the secret.
READ_FILES = """
select * from read_text('{secret}')
select * from read_blob('{secret}')
select * from read_csv('{secret}')
select * from read_csv_auto('{secret}')
select * from sniff_csv('{secret}')
select * from read_json('{secret}')
select * from read_json_auto('{secret}')
select * from read_json_objects('{secret}')
select * from read_ndjson('{secret}')
select * from read_parquet('{secret}')
select * from parquet_metadata('{secret}')
select * from parquet_schema('{secret}')
select * from read_duckdb('{other}')
select * from '{secret}'
select * from '{secret}' as t(a)
from "{secret}"
select * from '{folder}/*'
select * from glob('{folder}/*')
select * from glob('/**')
select * from read_text('{folder}/*')
select * from read_text('file://{secret}')
select * from read_text('/proc/self/environ')
select * from read_text('/proc/self/cmdline')
select * from read_text('/dev/stdin')
select * from read_csv('http://127.0.0.1:9/x.csv')
select * from read_parquet('s3://bucket/x.parquet')
select * from query('select * from read_text(''{secret}'')')
select * from query_table('{secret}')
select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{secret}'')'))
select (select content from read_text('{secret}'))
with a as (select * from read_text('{secret}')) select * from a
select * from (values ('{secret}')) as t(p), lateral (select * from read_text(p))
summarize from read_csv('{secret}')
describe select * from read_csv('{secret}')
select * from mart_adoption union all by name select * from read_text('{secret}')
select * from iceberg_scan('{folder}')
select * from sqlite_scan('{other}', 'x')
select * from postgres_scan('host=127.0.0.1', 'public', 'x')
"""
REACH_THE_SYSTEM = """
select getenv('SMV_AI_TEST_SECRET')
select current_setting('SMV_AI_TEST_SECRET')
select getvariable('SMV_AI_TEST_SECRET')
select * from duckdb_settings()
select * from duckdb_secrets()
select * from which_secret('s3://bucket', 's3')
select * from duckdb_databases()
select * from duckdb_extensions()
select * from duckdb_temporary_files()
select * from duckdb_logs
select * from pragma_database_size()
select * from enable_logging()
select * from force_checkpoint()
select * from checkpoint()
select write_log('{secret}')
select * from secret_in_python
select * from sandbox
select * from pandas_scan(1)
select * from arrow_scan(1, 2, 3)
select * from python_map_function((select 1))
select system('id')
select shell('id')
select nextval('x')
"""
WRITE = """
copy (select 1) to '{target}'
copy mart_adoption to '{target}' (format parquet)
copy mart_adoption from '{secret}'
with a as (copy (select 1 as n) to '{target}') select * from a
with a as (insert into mart_adoption select * from mart_adoption returning *) select * from a
with a as (delete from mart_adoption returning *) select * from a
with a as (update mart_adoption set note = 'x' returning *) select * from a
export database '{folder}/export'
import database '{folder}'
attach '{other}' as other
attach '{target}' as other
attach ':memory:' as other
attach 'http://127.0.0.1:9/x.duckdb' as other
detach smv_ai
use memory
create table memory.main.x as select 1
create temp table x as select 1
create or replace temporary view x as select 1
create table x as select 1
create view x as select 1
create macro x(a) as a
create schema x
create sequence x
create type x as enum ('a')
create index x on mart_adoption (publisher)
create secret x (type http, bearer_token 'x')
insert into mart_adoption select * from mart_adoption
update mart_adoption set note = 'x'
delete from mart_adoption
truncate mart_adoption
merge into mart_adoption using mart_adoption as b on false when matched then delete
alter table mart_adoption add column x integer
comment on table mart_adoption is 'x'
drop table mart_adoption
drop schema marts cascade
install httpfs
install '{target}'
load httpfs
load '{target}'
force install spatial from community
update extensions
set memory_limit = '100GB'
set enable_external_access = true
set lock_configuration = false
set global threads = 64
set variable x = 1
reset memory_limit
pragma database_list
pragma enable_profiling
pragma memory_limit = '100GB'
call enable_logging()
call pragma_version()
checkpoint
vacuum
analyze
begin
prepare x as select 1
execute x
deallocate x
explain analyze create temp table x as select 1
pivot mart_adoption on publisher using count(*)
select 1; select 2
select 1; drop table mart_adoption
select 1; attach '{target}' as other
-- nothing
;
"""
EXHAUST = [
    "select count(*) from range(10000000) as a, range(1000000) as b where a.range * b.range % 7 = 1",
    "select count(*) from mart_adoption a, mart_adoption b, mart_adoption c, mart_adoption d, mart_adoption e "
    "where a.note || b.note || c.note || d.note <> e.note",
    "with recursive t as (select 1 as n union all select n + 1 from t) select count(*) from t",
    "with recursive t as (select 1 as n union all select n + 1 from t) select * from t",
    "with recursive t as (select [1] as n union all select n || n from t) select count(*) from t",
    "with recursive t as (select 'x' as n union all select n || n from t) select max(length(n)) from t",
    "select levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    "select damerau_levenshtein(repeat('a', 20000), repeat('b', 20000))",
    "select jaro_winkler_similarity(repeat('ab', 1000000), repeat('ba', 1000000))",
    "select repeat('x', 2000000000)",
    "select repeat('x', 10000000) from range(100000)",
    "select list(range) from range(10000000000)",
    "select array_agg(range) from range(100000000)",
    "select string_agg(repeat('x', 100000), '') from range(1000000)",
    "select range(1000000000)",
    "select unnest(range(10000000000))",
    "select * from range(1000000000000)",
    "select * from generate_series(1, 1000000000000) order by 1 desc",
    "select range, hash(range) as h from range(10000000000) order by h",
    "select h, count(*) from (select hash(range) as h from range(10000000000)) group by h",
    "select count(distinct hash(range)) from range(10000000000)",
    "select list_reduce(range(100000000), lambda a, b: a + b)",
    "select bit_count(repeat('1', 500000000)::bit)",
    "select regexp_replace(repeat('a', 100000000), '(a*)*b', 'x', 'g')",
    "select md5(string_agg(md5(range::varchar), '')) from range(10000000000)",
    "select " + "(" * 4900 + "1" + ")" * 4900,
    "select " + "[" * 4900 + "]" * 4900,
    "select " + "not " * 2400 + "true",
    "select " + "- " * 4900 + "1",
    "select " + " + ".join(["1"] * 2400),
    "select " + "case when true then " * 400 + "1" + " end" * 400,
    "select * from " + "(select * from " * 600 + "mart_adoption" + ")" * 600,
    "with " + ", ".join(f"t{n} as (select * from t{n - 1}, t{n - 1} as b)" if n else "t0 as (select 1)"
                        for n in range(60)) + " select count(*) from t59",
    "select * from mart_adoption where publisher in (" + ", ".join(["'x'"] * 1900) + ")",
]  # fmt: skip


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


READS, WRITES = lines(READ_FILES), lines(WRITE)
HOSTILE = [*READS, *lines(REACH_THE_SYSTEM), *WRITES, *EXHAUST]
SECRET = "a word that only this test knows"


class Outside:
    """A folder beside the release with a secret in it, and a list of its files and the release's to compare with."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder, self.database = folder, database
        (folder / "secret.csv").write_text(SECRET, encoding="utf-8")
        with duckdb.connect(str(folder / "other.duckdb")) as connection:
            connection.execute("create table x as select ? as secret", [SECRET])
        self.before = self.files()

    def filled(self, statement: str) -> str:
        """A statement with the paths of this folder."""
        names = {"secret": "secret.csv", "other": "other.duckdb", "target": "target.csv"}
        paths = {name: str(self.folder / file) for name, file in names.items()} | {"folder": str(self.folder)}
        for name, path in paths.items():
            statement = statement.replace(f"{{{name}}}", path)
        return statement

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file here and in the release with its size and the time of its last change."""
        found = [path for root in (self.folder, self.database.parent) for path in root.rglob("*")]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Outside:
    return Outside(tmp_path_factory.mktemp("outside"), database)


def test_there_are_a_hundred_hostile_statements() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


def reasons(statement: str) -> tuple[str, ...]:
    """Why a statement may be refused."""
    if statement in EXHAUST:
        return REASONS
    if statement not in WRITES:
        return tuple(reason for reason in REASONS if reason not in ("time", "memory", "crash"))
    # A SELECT can carry a change inside WITH: then the release, attached read-only, or the lock refuses it.
    return ("wrong",) if statement.startswith("with") else ("kind", "many", "empty", "wrong")


def may_give_rows(statement: str) -> bool:
    """Whether a statement need not be refused; its rows are searched for the secret."""
    may_find_nothing = statement.startswith("select * from glob") or "lateral" in statement
    return statement not in [*READS, *WRITES] or (statement in READS and may_find_nothing)


@pytest.mark.parametrize("statement", HOSTILE, ids=lambda statement: statement[:40])
def test_hostile_statement_reaches_nothing(outside: Outside, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    monkeypatch.setenv("SMV_AI_TEST_SECRET", SECRET)
    monkeypatch.chdir(outside.folder)
    try:
        answer = run_statement(outside.database, outside.filled(statement), SHORT if statement in EXHAUST else PATIENT)
        text = " ".join(str(value) for row in answer.table.to_pylist() for value in row.values())
        assert answer.table.num_rows <= SHORT.rows
        assert may_give_rows(statement)
    except StatementError as error:
        text = error.message
        assert error.reason in reasons(statement)
    assert SECRET not in text
    assert outside.files() == outside.before


def children() -> set[str]:
    """The processes of this process that are there or were not waited for."""
    me, found = str(os.getpid()), set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[1] == me:
                found.add(stat.parent.name)
        except OSError:
            continue  # it has just ended
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_a_stopped_statement_leaves_no_process(database: Path) -> None:
    before = children()
    with pytest.raises(StatementError) as stopped:
        run_statement(database, EXHAUST[6], Limits(seconds=1))
    assert stopped.value.reason == "time"
    assert children() == before


def seconds_to_read(database: Path) -> float:
    """How long as many rows take as a page of the app reads at most."""
    with duckdb.connect(str(database), read_only=True) as connection:
        started = time.monotonic()
        connection.execute("select * from marts.mart_adoption where evidence_type = 'published'").fetchall()
        return time.monotonic() - started


@pytest.mark.load
def test_others_read_while_a_statement_exhausts_its_process(database: Path) -> None:
    threads = [
        threading.Thread(target=lambda: pytest.raises(StatementError, run_statement, database, EXHAUST[0], SHORT))
        for _ in range(2)
    ]
    alone = statistics.median(seconds_to_read(database) for _ in range(20))
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        waits.append(seconds_to_read(database))
        time.sleep(0.05)
    assert statistics.median(waits) < 5 * alone, (waits, alone)


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("select 1 as n;", [{"n": 1}]),
        ("from (values (1), (2)) as t(n)", [{"n": 1}, {"n": 2}]),
        ("with a as (select 1 as n) select n, n as n from a", [{"n": 1, "n_1": 1}]),
        ("select null as a, 'æøå' as b, [1, 2] as c, {'d': date '2025-01-02'} as e",
         [{"a": None, "b": "æøå", "c": "[1, 2]", "e": "{'d': 2025-01-02}"}]),
        ("select * from (pivot (select 'x' as k, 2 as v) on k in ('x', 'y') using sum(v)) -- a comment",
         [{"x": 2, "y": None}]),
    ],
)  # fmt: skip
def test_answers_are_what_duckdb_says(database: Path, statement: str, rows: list[dict]) -> None:
    answer = run_statement(database, statement, WHOLE)
    assert answer.table.to_pylist() == rows
    assert not answer.is_cut


@pytest.mark.parametrize("name", ["mart_adoption", "marts.mart_adoption", "smv_ai.marts.mart_adoption"])
def test_the_marts_are_read_under_every_name(database: Path, warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    [(rows,)] = warehouse.execute("select count(*) from marts.mart_adoption").fetchall()
    assert run_statement(database, f"from {name}", WHOLE).table.num_rows == rows


@pytest.mark.parametrize("statement", ["show tables", "describe mart_adoption", "summarize mart_adoption"])
def test_the_schema_can_be_asked(database: Path, statement: str) -> None:
    assert run_statement(database, statement, WHOLE).table.num_rows > 20


def test_a_result_is_cut_at_its_rows_and_says_so(database: Path) -> None:
    limits = Limits(seconds=PATIENCE, rows=300)
    exact = run_statement(database, "from range(300)", limits)
    assert (exact.table.num_rows, exact.is_cut) == (300, False)
    longer = run_statement(database, "from range(301)", limits)
    assert (longer.table.num_rows, longer.is_cut) == (300, True)
    endless = run_statement(database, "from range(1000000000000)", limits)
    assert endless.table.column("range").to_pylist() == list(range(300))


def test_a_result_is_cut_at_its_bytes_and_says_so(database: Path) -> None:
    cut = run_statement(
        database, "select repeat('x', 10000) as x from range(2000)", Limits(seconds=PATIENCE, result_bytes=6_000_000)
    )
    assert 0 < cut.table.nbytes <= 6_000_000
    assert cut.is_cut


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (" -- nothing", "empty"),
        ("select 1; select 2", "many"),
        ("drop table mart_adoption", "kind"),
        ("x" * (LIMITS.characters + 1), "long"),
        ("selec 1", "wrong"),
        ("select * from mart_adoptio", "wrong"),
        ("select cast(range as varchar)::date from range(5)", "wrong"),
        ("select repeat('x', 2000000000)", "memory"),
    ],
)
def test_the_reason_is_told(database: Path, statement: str, reason: str) -> None:
    with pytest.raises(StatementError) as refused:
        run_statement(database, statement, WHOLE)
    assert refused.value.reason == reason


def test_a_statement_that_brings_its_process_down_is_told_apart(database: Path) -> None:
    # Address space for Python and its libraries only: the process cannot even answer.
    with pytest.raises(StatementError) as refused:
        run_statement(database, "select 1", Limits(seconds=PATIENCE, process_bytes=2**20))
    assert refused.value.reason in ("crash", "memory")


def test_the_recipes_of_the_guide_run(release_dir: Path, demo_dir: Path) -> None:
    folders = {Kind.WAREHOUSE: release_dir, Kind.DEMONSTRATION: demo_dir}
    for sql, _, kind in recipes(GUIDE.read_text(encoding="utf-8")):
        database = (folders[kind] / "current" / "smv_ai.duckdb").resolve()
        if sql.lstrip().startswith("pivot"):  # a PIVOT that looks its columns up makes a temporary type
            with pytest.raises(StatementError):
                run_statement(database, sql, WHOLE)
        else:
            assert run_statement(database, sql, WHOLE).table.num_rows > 0, sql
