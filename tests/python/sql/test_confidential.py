"""Statements by anybody tell nothing of the machine: neither their rows nor their refusals."""

from __future__ import annotations

import getpass
import platform
import random
import sys
from pathlib import Path

import duckdb
import pytest
from support.commands import PATIENCE
from support.small_release import small_release

from smv_ai.errors import BadInputError, NoReleaseError
from smv_ai.sql.confidential import INTERNAL, OUTSIDE, forbidden_names, public_message, refused_name
from smv_ai.sql.query import run_query
from smv_ai.sql.sandbox import Limits, StatementError, run_statement

NAME = "20260101T000000Z"
LIMITS = Limits(seconds=PATIENCE)
OF_THE_SERVER = (
    "duckdb_settings", "duckdb_databases", "duckdb_secrets", "duckdb_extensions", "duckdb_logs", "duckdb_variables",
    "duckdb_temporary_files", "duckdb_memory", "pragma_version", "pragma_platform", "pragma_database_size",
    "pragma_user_agent", "read_csv", "read_parquet", "read_text", "glob", "query", "query_table", "sniff_csv",
)  # fmt: skip
FORMS = (
    "select * from {name}()", "from {name} ()", "from {upper}()", 'from "{name}"()', "from {name}/* a */()",
    "from {name}\n-- a\n()", "select (select count(*) from {name}())", "with a as (from {name}()) from a",
    "select 1 where exists (from {name}('x'))", "from range(2), lateral (from {name}())", "from system.main.{name}()",
    'from system."main"."{upper}"()', "select 1 union all by name from {name}()", "from (from (from {name}()))",
)  # fmt: skip
VIEWS = ("duckdb_databases", "duckdb_logs", "pg_settings", "pg_database", "pragma_database_list", "pg_tablespace")
VIEW_FORMS = (
    "from {name}", "select * from pg_catalog.{name}", "from '{name}'", 'from "{upper}"', "select a.* from {name} a",
    "from {name} join range(1) on true", "summarize {name}", "describe {name}", "with a as (from {name}) from a",
    "from main.{name}",
)  # fmt: skip
STATEMENTS = [
    form.format(name=name, upper=name.upper())
    for names, forms in ((OF_THE_SERVER, FORMS), (VIEWS, VIEW_FORMS))
    for name in names
    for form in forms
] + [
    f"select {name}({argument}) as n{extra}"
    for name in ("version", "current_setting", "getvariable", "getenv")
    for argument in ("", "'home_directory'", "'secret_directory'", "'temp_directory'", "'memory_limit'")
    for extra in ("", ", 1", " from range(2)", " limit 1")
]
ALLOWED = (
    "select 6/2/1 as n", "select note from (select 'version' as note)", "select 'settings' as duckdb_settings",
    "from duckdb_tables()", "from duckdb_columns()", "from information_schema.columns", "show tables", "from range(3)",
    "describe mart_adoption", "select unnest([1, 2])", "select '/a/b/c' as path",
)  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_release(tmp_path_factory.mktemp("sql"), NAME) / "smv_ai.duckdb"


def machine(database: Path) -> list[str]:
    """What must not be told."""
    return [str(database), str(database.parent), str(Path(__file__).parents[3]), sys.prefix, platform.node(), "/proc",
            f"/{getpass.getuser()}/", "Stack Trace", "duckdb.cpp"]  # fmt: skip


def test_every_one_of_some_four_hundred_statements_on_the_server_is_refused_before_it_runs() -> None:
    assert len(set(STATEMENTS)) == len(STATEMENTS) > 390
    with duckdb.connect() as connection:
        forbidden = forbidden_names(connection)
    assert [statement for statement in STATEMENTS if refused_name(forbidden, statement) is None] == []
    assert [statement for statement in ALLOWED if refused_name(forbidden, statement)] == []


def test_a_function_or_view_that_nobody_has_allowed_is_forbidden() -> None:
    with duckdb.connect() as connection:
        functions, views = forbidden_names(connection)
    assert set(OF_THE_SERVER) <= functions | views
    assert not functions & {"range", "unnest", "duckdb_tables"}


@pytest.mark.parametrize("statement", random.Random(3).sample(STATEMENTS, 4) + ["from '/etc/passwd'", "select 1 +"])
def test_a_refusal_tells_nothing(database: Path, statement: str) -> None:
    with pytest.raises(StatementError) as refused:
        run_statement(database, statement, LIMITS, to_print=True)
    assert refused.value.message
    assert [place for place in machine(database) if place in refused.value.message] == []


def test_messages_are_rewritten(database: Path) -> None:
    with_trace = f"INTERNAL Error: x\n\nStack Trace:\n\n0  {database}"
    assert public_message(duckdb.InternalException(with_trace)) == INTERNAL
    for said in (
        f'IO Error: Cannot open file "{database}": Permission denied',
        f'Permission Error: Cannot access file "{database}" - file system operations are disabled by configuration',
        f'Invalid Input Error: Extension "{database}" not found',
    ):
        assert public_message(said) == OUTSIDE
    said = public_message(f"Binder Error: {database} is no table", str(database.parent))
    assert "Binder Error: …" in said and "/" not in said
    own = 'Binder Error: "a" not found\n\nLINE 1: select a/b/c'
    assert public_message(own) == own


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_value_that_duckdb_holds_is_printed(database: Path, form: str) -> None:
    text = run_query(database, "select *, 'nan'::double as \"nan\", 1 as x, 2 as x, date 'infinity' as far,"
                     " date '-4000-01-01' as old from test_all_types()", form)  # fmt: skip
    assert "infinity" in text and "(BC)" in text


@pytest.mark.parametrize("length", [0, 5, 5000, 20_000])
def test_a_damaged_database_is_the_releases_fault_and_not_the_statements(tmp_path: Path, length: int) -> None:
    damaged = small_release(tmp_path, NAME) / "smv_ai.duckdb"
    with damaged.open("r+b") as file:
        file.truncate(length)
    with pytest.raises(NoReleaseError, match="The release is damaged: smv_ai.duckdb"):
        run_query(damaged, "from mart_adoption", "table")


def test_a_strangers_database_is_a_sentence(tmp_path: Path) -> None:
    database = tmp_path / "smv_ai.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table x as select 1")
    with pytest.raises(NoReleaseError, match="cannot be read"):
        run_query(database, "select 1", "table")
    with pytest.raises(BadInputError):
        run_query(small_release(tmp_path, NAME) / "smv_ai.duckdb", "select nothing", "table")


@pytest.mark.parametrize(
    ("statement", "text"),
    [("select date 'infinity' as d, date '2025-01-02' as e", "infinity"), ("select date '-4000-01-01' as d", "(BC)"),
     ("select timestamptz '-infinity' as d", "-infinity"), ("select timestamp '9000-01-01' as d", "9000")],
)  # fmt: skip
def test_the_page_has_dates_that_no_program_has_as_text(database: Path, statement: str, text: str) -> None:
    assert text in str(run_statement(database, statement, LIMITS).table.column("d")[0])
