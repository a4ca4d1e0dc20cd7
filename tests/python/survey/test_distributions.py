"""Student's t and beta, written in SQL, against scipy."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pytest
from scipy import special, stats

MACROS = Path(__file__).resolve().parents[3] / "macros" / "formulas"


def rendered(sql: str) -> str:
    """The query with the project's macros expanded; they need nothing of dbt."""
    names = [
        "exp_sinh_nodes",
        "log_one_plus",
        "exp_minus_one",
        "student_t_tail",
        "student_t_quantiles",
        "beta_quantiles",
    ]
    source = "".join((MACROS / f"{name}.sql").read_text(encoding="utf-8") for name in names)
    return jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(source + sql).render()


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def test_t_tail(connection) -> None:
    """Down to probabilities of 1e-100, from one degree of freedom to the normal distribution."""
    rows = [
        (t, df)
        for t in (0.0, 1e-8, 0.01, 0.5, 1.0, 1.96, 3.0, 6.0, 12.0, 30.0, 100.0)
        for df in (1, 2, 3, 7, 30, 113, 1000, 1537, np.inf)
    ]
    connection.execute("create table points (t double, df double)")
    connection.executemany("insert into points values (?, ?)", rows)
    for t, df, tail in connection.execute(
        rendered("select t, df, {{ student_t_tail('t', 'df') }} from points")
    ).fetchall():
        expected = (
            2 * stats.norm.sf(t)
            if np.isinf(df)
            else special.betainc(df / 2, 0.5, df / (df + t * t))
            if t > 0.1
            else 2 * stats.t.sf(t, df)
        )
        assert tail == pytest.approx(expected, rel=1e-8 if 0 < t < 0.1 else 1e-11, abs=1e-300), (t, df)


def test_t_quantiles(connection) -> None:
    rows = [
        (df, level) for df in (1, 2, 3, 5, 10, 79, 1537, 1e6, np.inf) for level in (0.5, 0.8, 0.9, 0.95, 0.99, 0.9999)
    ]
    connection.execute("create table wanted (degrees_of_freedom double, interval_level double)")
    connection.executemany("insert into wanted values (?, ?)", rows)
    found = connection.execute(rendered("{{ student_t_quantiles('wanted') }}")).fetchall()
    assert len(found) == len(rows)
    for df, level, quantile in found:
        expected = stats.norm.isf((1 - level) / 2) if np.isinf(df) else stats.t.isf((1 - level) / 2, df)
        assert quantile == pytest.approx(expected, rel=1e-13), (df, level)


def test_beta_quantiles(connection) -> None:
    rows = [
        (a, b, p)
        for a in (0.3, 1.0, 2.5, 30.0, 1000.0, 2e5)
        for b in (0.5, 1.1, 7.0, 100.0, 5000.0)
        for p in (0.005, 0.025, 0.05)
    ]
    connection.execute("create table wanted (first_shape double, second_shape double, probability double)")
    connection.executemany("insert into wanted values (?, ?, ?)", rows)
    found = connection.execute(rendered("{{ beta_quantiles('wanted') }}")).fetchall()
    assert len(found) == len(rows)
    for a, b, p, quantile in found:
        assert quantile == pytest.approx(stats.beta.ppf(p, a, b), rel=1e-11), (a, b, p)
