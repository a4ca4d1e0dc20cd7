"""The scalar formulas of the estimation models (macros/formulas), each against the same in Python."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pytest

MACROS = Path(__file__).resolve().parents[3] / "macros" / "formulas"
# tested with the distributions (test_distributions.py) and the published figures
ELSEWHERE = {"beta_quantiles", "exp_sinh_nodes", "student_t_quantiles", "student_t_tail", "wilson_bound"}


def value(call: str, source: str = "") -> float | None:
    """What a call of a formula gives, in a row of the source."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.glob("*.sql")))
    sql = (
        jinja2.Environment(extensions=["jinja2.ext.do"])
        .from_string(text + "select {{ " + call + " }} " + source)
        .render()
    )
    with duckdb.connect() as connection:
        [(found,)] = connection.execute(sql).fetchall()
    return found


Y, D, X = np.array([3.0, 7.0, 8.0, 12.0]), np.array([1.0, 2.0, 2.0, 5.0]), np.array([2.0, 1.0, 4.0, 3.0])
A, B, F = 0.25, -0.125, 1.5
Z = F * D * (A * Y + B * X)
T = "1.96::double"
CASES = {
    "average_factor": [
        ("average_factor(\"'average'\", '5', '1')", 5 / 4),
        ("average_factor(\"'average'\", '4', '4')", None),
        ("average_factor(\"'adjust'\", '5', '1')", 1),
    ],
    "centred_product": [
        ("centred_product('266.0', '30.0', '30.0', n='4', rows='4')", ((Y - Y.mean()) ** 2).sum()),
        ("centred_product('9.0', '3.0', '3.0', n='1', rows='1')", 0),
        ("centred_product('1e16', '2e8', '2e8', n='4', rows='4')", 0),
    ],
    "design_effect": [
        ("design_effect('0.02', '30.0', '100.0', '10')", 0.02 / (10 / 9 * 30 / 100 * 90 / (100 * 10))),
    ],
    "exp_minus_one": [("exp_minus_one('1e-12::double')", math.expm1(1e-12)), ("exp_minus_one('-800::double')", -1)],
    "influence_squares": [
        (
            f"influence_squares('{F}', '{A}', '{B}', '{((D * Y - (D * Y).mean()) ** 2).sum()}::double',"
            f" '{((D * Y - (D * Y).mean()) * (D * X - (D * X).mean())).sum()}::double',"
            f" '{((D * X - (D * X).mean()) ** 2).sum()}::double')",
            ((Z - Z.mean()) ** 2).sum(),
        ),
        ("influence_squares('1.0', '1.0', '-1.0', '4.0', '4.0', '4.0')", 0),
    ],
    "influence_total": [
        (f"influence_total('{F}', '{A}', '{B}', '{(D * Y).sum()}::double', '{(D * X).sum()}::double')", Z.sum()),
    ],
    "kish_effective_n": [(f"kish_effective_n('{D.sum()}', '{(D**2).sum()}')", D.sum() ** 2 / (D**2).sum())],
    "log_one_plus": [("log_one_plus('1e-12::double')", math.log1p(1e-12)), ("log_one_plus('3.0')", math.log(4))],
    "ordered_sum": [
        ("ordered_sum('v')", 2, "from (values (1e16), (1.0), (-1e16), (1.0)) as listed (v)"),
        ("ordered_sum('v', 'p')", 3, "from (values (1.0, 1), (2.0, 1)) as listed (v, p) limit 1"),
    ],
    "sampling_fraction_left": [
        ("sampling_fraction_left('5', '20.0')", 0.75),
        ("sampling_fraction_left('5', 'null')", 1),
        ("sampling_fraction_left('99999999', '100000000.0')", 0),
    ],
    "sampling_units": [
        ("sampling_units('unit', 'rows')", 2, "from (values ('a', 4), ('b', 1), ('a', 2)) as listed (unit, rows)"),
        ("sampling_units('unit', 'rows')", 7, "from (values (null, 4), (null, 3)) as listed (unit, rows)"),
    ],
    "share_intervals": [
        (f"logit_bound('0.2', '0.05', '{T}', '-1')", 1 / (1 + math.exp(-(math.log(0.25) - 1.96 * 0.05 / 0.16)))),
        (f"arcsine_bound('0.2', '0.05', '{T}', '1')", math.sin(math.asin(0.2**0.5) + 1.96 * 0.05 / (2 * 0.4)) ** 2),
        (f"wilson_t_bound('1.0::double', '40.0::double', '{T}', '-1')", 40 / (40 + 1.96**2)),
        (f"wilson_t_bound('0.0::double', '40.0::double', '{T}', '-1')", 0),
        ("beta_effective_n('0.2', '0.0016', '2.0', '1.9')", 0.16 / 0.0016 * (2 / 1.9) ** 2),
    ],
    "stratum_scale": [
        ("stratum_scale('5', '20.0', \"'adjust'\")", 0.75 * 5 / 4),
        ("stratum_scale('1', '20.0', \"'adjust'\")", 0.95),
        ("stratum_scale('1', '20.0', \"'remove'\")", 0),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "expected", "source"), [(*case, "")[:3] for cases in CASES.values() for case in cases], ids=str
)
def test_a_formula_gives_what_python_gives(call: str, expected: float | None, source: str) -> None:
    found = value(call, source)
    if expected is None:
        assert found is None
    else:
        assert float(found or 0) == pytest.approx(expected, rel=1e-12, abs=1e-12 if expected == 0 else 0)


def test_a_matrix_is_inverted_and_a_dependent_column_left_out() -> None:
    matrix = "[[4.0, 2.0, 6.0], [2.0, 3.0, 5.0], [6.0, 5.0, 11.0]]"  # the third is the sum of the others
    source = f"from (values (1, {matrix}::double[][])) as matrices (id, matrix)"
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.glob("*.sql")))
    query = "{{ swept_matrices('(select * " + source + ")', ['id']) }}"
    with duckdb.connect() as connection:
        sql = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text + query).render()
        [(_, inverse)] = connection.execute(sql).fetchall()
    expected = np.zeros((3, 3))
    expected[:2, :2] = np.linalg.inv([[4, 2], [2, 3]])
    assert np.array(inverse) == pytest.approx(expected, abs=1e-14)


def test_every_formula_is_tested() -> None:
    assert {path.stem for path in MACROS.glob("*.sql")} == set(CASES) | ELSEWHERE | {"swept_matrices"}
