"""The two largest contributors to an amount: firms, not rows, and what each moves, whatever its sign."""

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
    waves = {("test", name): rows for name, (rows, *_) in WAVES.items()}
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
