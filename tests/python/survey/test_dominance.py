"""Firms, not rows: the two largest contributors to an amount, whatever its sign, and those who gave a rare answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.estimation_project import MEASURE, build, frame, plain_catalogue, respondents

FIRMS = respondents({"a": 180}, population=180, weight=1.0)


def amounts(values: list[float]) -> list[dict]:
    return [row | {"amount": values[number] if number < len(values) else 5.0} for number, row in enumerate(FIRMS)]


def of_units() -> list[dict]:
    """Thirty firms with a row of 10 each, and one with six rows of 1,000."""
    rows = respondents({"a": 36}, population=100)
    return [
        row | {"psu_id": f"f{number}" if number < 30 else "big", "amount": 10.0 if number < 30 else 1000.0}
        for number, row in enumerate(rows)
    ]


def netted() -> list[dict]:
    """A firm whose rows cancel moves nothing."""
    return [row | {"amount": row["amount"] * (-1) ** number} for number, row in enumerate(of_units())]


# By wave: rows, whether units are sampled, and the share of the two largest in the total.
WAVES: dict[str, tuple[list[dict], bool, float]] = {
    "loss": (amounts([-750_000.0] + [-6.0] * 179), False, 750_006 / (750_000 + 6 * 179)),
    "gain": (amounts([750_000.0] + [6.0] * 179), False, 750_006 / (750_000 + 6 * 179)),
    "both": (amounts([1_000_000.0, -999_999.0]), False, 1_999_999 / (1_999_999 + 5 * 178)),
    "even": (amounts([100.0] * 180), False, 2 / 180),
    "far": (amounts([10_000_000.0 + number for number in range(180)]), False, 20_000_357 / (180 * 1e7 + 179 * 90)),
    "firm": (of_units(), True, 6010 / 6300),
    "netted": (netted(), True, 20 / 300),
}


# Twenty firms with four rows each. Two say yes in all of their rows; one once; or six once each.
YES = {
    "often": {(firm, row) for firm in range(2) for row in range(4)},
    "once": {(0, 0)},
    "several": {(firm, 0) for firm in range(6)},
}


def answers_of_units(yes: set[tuple[int, int]]) -> list[dict]:
    rows = respondents({"a": 80}, population=400)
    return [row | {"psu_id": f"f{n // 4}", "q1": int((n // 4, n % 4) in yes)} for n, row in enumerate(rows)]


ANSWERS = {name: (answers_of_units(yes), True, 0.0) for name, yes in YES.items()}
# Rows that say so, and firms: fewer than five of these are rare.
COUNTS = {"often": (8, 2), "once": (1, 1), "several": (6, 6)}


def _add_answers(catalogue: dict[str, list[dict]]) -> None:
    """The three waves of answers, with a share."""
    answered = plain_catalogue(list(ANSWERS), has_psu="true")
    for table, rows in answered.items():
        renamed = [row | {"measure_set_id": "answers"} if "measure_set_id" in row else row for row in rows]
        catalogue[table] = [*catalogue[table], *renamed] if table != "estimation_breakdowns" else catalogue[table]


@pytest.fixture(scope="module")
def estimates(tmp_path_factory) -> pd.DataFrame:
    catalogue = plain_catalogue(list(WAVES))
    for design in catalogue["estimation_designs"]:
        design["has_psu"] = str(WAVES[design["design_id"]][1]).lower()
    catalogue["response_items"] = [
        {**row, "item_id": "amount", "column_name": "amount", "value_kind": "number"}
        for row in catalogue["response_items"]
    ]
    catalogue["response_options"] = []
    catalogue["estimation_scores"] = []
    catalogue["estimation_measures"] = [
        {
            **MEASURE, "measure_set_id": "plain", "measure_id": statistic, "item_id": "amount", "statistic": statistic,
            "interval_method": "wald", "is_amount": "true",
        }
        for statistic in ("total", "mean")
    ]  # fmt: skip
    _add_answers(catalogue)
    waves = {("test", name): rows for name, (rows, *_) in (WAVES | ANSWERS).items()}
    database: Path = build(
        tmp_path_factory.mktemp("dominance") / "project", catalogue, waves, "+int_estimates_protected"
    )
    return frame(
        database,
        """
        select truth.*, released.is_suppressed
        from intermediate.int_estimates as truth
        inner join intermediate.int_estimates_protected as released using (estimate_number)
        """,
    )


@pytest.mark.parametrize("statistic", ["total", "mean"])
@pytest.mark.parametrize("name", WAVES)
def test_the_largest_contributors_are_firms_without_their_sign(
    estimates: pd.DataFrame, name: str, statistic: str
) -> None:
    _, _, share = WAVES[name]
    found = estimates[(estimates["design_id"] == name) & (estimates["measure_id"] == statistic)].set_index("segment")
    assert found.loc["", "two_largest_share"] == pytest.approx(share, rel=1e-12)
    # a sensitive total takes all its breakdowns with it
    assert found.loc["", "is_suppressed"] == (share > 0.85)
    assert found["is_suppressed"].all() or share < 0.85


@pytest.mark.parametrize("name", COUNTS)
def test_a_rare_answer_is_one_of_few_firms_however_often_they_gave_it(estimates: pd.DataFrame, name: str) -> None:
    found = estimates[(estimates["design_id"] == name) & (estimates["segment"] == "")].iloc[0]
    rows, firms = COUNTS[name]
    assert round(found["estimate"] * 80) == rows
    assert found["is_suppressed"] == (firms < 5)
