"""Texts, names and numbers in SQL are read back as they were, whatever they hold."""

from __future__ import annotations

import duckdb
import pytest

from smv_ai.sql.quoting import double, identifier, portable_text


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    "text", ["", "plain", "it's", "''", "a\\b", "\\'", "line\nline", "tab\t", "Fyn og småøerne", "%s"]
)
def test_a_text_in_sql_is_the_text(session, text: str) -> None:
    assert session.execute(f"select {portable_text(text)}").fetchall() == [(text,)]
    # Spark reads a backslash as the start of an escape
    assert "\\" not in portable_text(text)


@pytest.mark.parametrize("name", ["group", "2024", 'say "so"', "a.b", "a;b", "Å"])
def test_a_name_in_sql_is_the_name(session, name: str) -> None:
    assert session.sql(f"select 1 as {identifier(name)}").columns == [name]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 2.0**500, 2.0**-500, -9000000001.0])
def test_a_number_in_sql_is_the_number_to_the_last_bit(session, value: float) -> None:
    assert session.execute(f"select {double(value)}").fetchall() == [(value,)]
    assert session.sql(f"select {double(value)} as n").types == ["DOUBLE"]
