"""The SQL page without a browser: examples, what a reader is told, the files, and that it can be turned off."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet
import pytest
from streamlit.testing.v1 import AppTest
from support.app_pages import open_page

from smv_ai.sql.sandbox import REASONS


@pytest.fixture
def visit(release_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """The SQL page of the app on the release under test."""
    return lambda **address: open_page(release_dir, monkeypatch, "sql", **address)


@pytest.fixture
def console(visit):
    """The module behind the page, importable once the app is."""
    visit()
    from shared import console

    return console


def ask(app: AppTest, statement: str) -> AppTest:
    """The page after a reader has run a statement."""
    app.text_area(key="sql_text").set_value(statement)
    return app.button(key="sql_run").click().run()


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_example_gives_rows(visit, console, language: str) -> None:
    app = visit(lang=language)
    for name, statement in console.EXAMPLES.items():
        ask(app, statement.replace("{lang}", language))
        assert not app.exception
        assert not app.error, (name, [error.value for error in app.error])
        assert any(re.match(r"[1-9][\d.,]* (rækker på|rows in) ", caption.value) for caption in app.caption), name


def test_a_chosen_example_fills_the_box(visit, console) -> None:
    app = visit()
    app.selectbox(key="sql_chosen").select_index(3).run()
    assert app.text_area(key="sql_text").value == console.EXAMPLES["sql_barriers"].strip().replace("{lang}", "da")


def test_rows_are_those_of_the_mart(visit, warehouse: duckdb.DuckDBPyConnection) -> None:
    sql = "select publisher, count(*) as figures from marts.mart_adoption group by all order by all"
    app = ask(visit(), sql)
    shown = app.dataframe[0].value
    assert list(shown.itertuples(index=False, name=None)) == warehouse.execute(sql).fetchall()


def test_a_type_of_every_kind_is_shown(visit, warehouse: duckdb.DuckDBPyConnection) -> None:
    app = ask(visit(), "select * from test_all_types()")
    assert not app.exception
    assert list(app.dataframe[0].value) == warehouse.sql("select * from test_all_types()").columns


def test_a_reader_is_told_why_in_the_chosen_language(visit) -> None:
    for language, said in (("da", "Kun SELECT kan køres"), ("en", "Only SELECT can be run")):
        app = ask(visit(lang=language), "drop table mart_adoption")
        assert said in app.error[0].value
    app = ask(visit(lang="en"), "select * from mart_adoptio")
    assert "mart_adoptio does not exist" in app.code[0].value


def test_every_reason_has_words(console) -> None:
    from shared.text import TEXTS

    assert {f"sql_error_{reason}" for reason in (*REASONS, "busy")} <= set(TEXTS)


def test_a_link_fills_the_box_and_runs_nothing(visit) -> None:
    app = visit(statement="select 42 as answer")
    assert app.text_area(key="sql_text").value == "select 42 as answer"
    assert "answer" not in app.dataframe[0].value
    app.button(key="sql_run").click().run()
    assert list(app.dataframe[0].value["answer"]) == [42]
    assert app.query_params["statement"] == "select 42 as answer"


def test_the_statement_outlives_a_look_at_another_page(visit) -> None:
    app = ask(visit(), "select 42 as answer")
    app.switch_page("pages/sources.py").run()
    app.switch_page("pages/sql.py").run()
    assert app.text_area(key="sql_text").value == "select 42 as answer"
    assert list(app.dataframe[0].value["answer"]) == [42]


def test_the_schema_is_described_from_the_release(visit, warehouse: duckdb.DuckDBPyConnection) -> None:
    app = visit(lang="en")
    tables = [name for (name,) in warehouse.execute("select table_name from duckdb_tables() order by 1").fetchall()]
    assert app.selectbox(key="sql_table").options == tables
    app.selectbox(key="sql_table").set_value("mart_barriers").run()
    described = dict(app.dataframe[0].value[["Column", "Description"]].itertuples(index=False))
    expected = "select column_name, comment from duckdb_columns() where table_name = 'mart_barriers'"
    assert described == dict(warehouse.execute(expected).fetchall())


def test_the_files_carry_release_and_statement(console, release_dir: Path) -> None:
    from smv_ai.releases.folder import current_release

    statement = "select 1 as n, 'a;\"b\"' as text, date '2025-01-02' as day\n-- æ"
    done = console.run(current_release(release_dir), statement)
    release_id = json.loads((release_dir / "current" / "release.json").read_text(encoding="utf-8"))["release_id"]
    [row] = pd.read_csv(io.BytesIO(console.csv(done))).to_dict("records")
    values = {"n": 1, "text": 'a;"b"', "day": "2025-01-02"}
    assert row == values | {"smv_ai_release": release_id, "smv_ai_statement": statement}
    file = pyarrow.parquet.read_table(io.BytesIO(console.parquet(done)))
    assert file.column("day").type == "date32"
    facts = {key.decode(): value.decode() for key, value in file.schema.metadata.items() if key != b"ARROW:schema"}
    assert facts == {"smv_ai_release": release_id, "smv_ai_statement": statement, "smv_ai_is_cut": "false"}


def test_when_all_places_are_taken_a_reader_waits_no_longer_than_a_statement(
    console, visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smv_ai.sql.sandbox import Limits

    monkeypatch.setattr(console, "LIMITS", Limits(seconds=0.2))
    places = console._places()
    taken = [places.acquire() for _ in range(console.AT_ONCE)]
    try:
        assert "Other queries are running" in ask(visit(lang="en"), "select 1").error[0].value
    finally:
        for _ in taken:
            places.release()
    assert not ask(visit(lang="en"), "select 1").error


def test_one_setting_turns_the_page_off(release_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMV_AI_SQL_PAGE", "off")
    app = open_page(release_dir, monkeypatch, "overview")
    from shared.navigation import PAGES, pages

    assert set(PAGES) - set(pages()) == {"sql"}
    assert "SQL" not in [link.label for link in app.get("navigation")], "no menu, no address"


def test_a_wrong_setting_is_said_clearly(release_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMV_AI_SQL_PAGE", "maybe")
    app = open_page(release_dir, monkeypatch, "overview")
    assert not app.exception
    assert "En indstilling af appen er forkert" in app.error[0].value
    assert "allowed: on, off" in app.code[0].value
