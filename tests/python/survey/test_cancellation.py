"""Numbers that lie close together, far from 0 (years, dates, money): estimates and errors keep what tells them apart.

Each wave is estimated as it stands and with all numbers moved to 0; nothing but the estimates may move. One build.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.estimation_project import build, frame, plain_catalogue, respondents

# By wave: how far the numbers of small and of large firms are moved.
APART = {
    "tiny": (0.0, 1e9),
    "giants": (0.0, 1e12),
    "both": (1e9, 1e12),
    "sign": (-1e9, 1e12),
    "power": (0.0, 2.0**40),
    "years": (2019.0, 2025.0),
}
AWAY = {"money": 10_000_000.0, "debt": -10_000_000.0, "date": 20_240_101.0, "large": 1e12}
DESIGNS: dict[str, dict] = {
    "rows": {},
    "units": {"has_psu": "true"},
    "raked": {"calibration_method": "raking", "residual_weights": "base", "margin_set_id": "m"},
    "linear": {"calibration_method": "linear", "residual_weights": "calibrated", "margin_set_id": "m"},
    "averaged": {"lonely_stratum": "average", "has_population_correction": "false"},
}
# Waves of which each respondent is a cell, as replicate weights need it.
SINGLE = {"single_near": (0.0, 0.0), "single_both": APART["both"]}
SINGLE_DESIGNS = {
    "rows": {},
    "raked": DESIGNS["raked"],
    "replicated": {"has_psu": "true", "replicate_set_id": "jack"},
}
COUNTS = [("size", "small", 2100), ("size", "large", 1900), ("sector", "trade", 1700), ("sector", "build", 2300)]
COMPARED = ["standard_error", "design_effect", "effective_sample_size", "degrees_of_freedom", "respondents"]


def answers(away: float) -> list[dict]:
    """Differences of a quarter; every number is exact in floating point."""
    rows = []
    for number, row in enumerate(respondents({"a": 61, "b": 40, "c": 30, "d": 1})):
        weight = 10.0 + ord(row["stratum_id"]) % 3
        near = (number * 7 % 11) / 4 + (1 if row["size"] == "small" else 0)
        unit = f"{row['stratum_id']}{number // 3}"
        rows.append(row | {"psu_id": unit, "amount": away + near, "design_weight": weight})
    return rows


def apart(small: float, large: float) -> list[dict]:
    """The same numbers with those of small firms at one level and those of large firms at another."""
    return [row | {"amount": row["amount"] + (small if row["size"] == "small" else large)} for row in answers(0.0)]


def catalogue() -> dict[str, list[dict]]:
    waves = [*(f"{name}_{place}" for name in AWAY for place in ("far", "near")), *APART, *SINGLE]
    rows = plain_catalogue(waves)
    levels = rows.pop("estimation_designs")
    rows["response_items"] += [
        {**item, "item_id": "amount", "column_name": "amount", "value_kind": "number"}
        for item in rows["response_items"]
    ]
    rows["estimation_measures"] += [
        {
            "measure_set_id": "plain", "measure_id": "average", "item_id": "amount", "statistic": "mean",
            "interval_method": "wald", "is_amount": "false", "base_population_id": "caisa_smes",
        }
    ]  # fmt: skip
    rows["estimation_designs"] = [
        {**level, **design, "design_id": f"{level['design_id']}_{name}"}
        for level in levels
        for name, design in (SINGLE_DESIGNS if level["survey_wave_id"] in SINGLE else DESIGNS).items()
    ]
    changes = [("change", "date", "money"), ("change", "money", "large")]
    rows["estimation_designs"] += [
        {
            **levels[0], "design_id": f"{later}_{place}_{name}", "survey_wave_id": f"{later}_{place}",
            "earlier_survey_wave_id": f"{earlier}_{place}", "change_column": "survey_wave_id",
            "change_from": f"{earlier}_{place}", "change_to": f"{later}_{place}", "stratum_scope": "wave",
        }
        for place in ("far", "near")
        for name, earlier, later in changes
    ]  # fmt: skip
    rows["replicate_sets"] = [{"replicate_set_id": "jack", "source": "jackknife", "is_mse": "true"}]
    rows["calibration_margins"] = [
        {"margin_set_id": "m", "column_name": column, "category": category, "population_count": count}
        for column, category, count in COUNTS
    ]
    return rows


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    waves = {
        ("test", f"{name}_{place}"): answers(away if place == "far" else 0.0)
        for name, away in AWAY.items()
        for place in ("far", "near")
    }
    waves |= {("test", name): apart(*levels) for name, levels in (APART | SINGLE).items()}
    folder = tmp_path_factory.mktemp("far") / "project"
    return build(folder, catalogue(), waves, "+int_estimates +int_group_differences")


@pytest.fixture(scope="module")
def estimates(database: Path) -> pd.DataFrame:
    return frame(database, "select * from intermediate.int_estimates where measure_id = 'average'")


@pytest.fixture(scope="module")
def by_design(estimates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {key: found.set_index("segment") for key, found in estimates.groupby("design_id")}


@pytest.fixture(scope="module")
def differences(database: Path) -> dict[str, dict]:
    """The difference of large and small firms, by design."""
    query = (
        "select * from intermediate.int_group_differences where measure_id = 'average'"
        " and segment_a = 'large' and segment_b = 'small'"
    )
    rows = frame(database, query).to_dict("records")
    found = {row["design_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("design", [*DESIGNS, "change"])
@pytest.mark.parametrize("name", AWAY)
def test_only_the_estimate_moves_with_the_numbers(estimates: pd.DataFrame, name: str, design: str) -> None:
    sides = [
        estimates[estimates["design_id"] == f"{name}_{place}_{design}"].sort_values("segment")
        for place in ("far", "near")
    ]
    far, near = (side.reset_index(drop=True) for side in sides)
    if design == "change" and name not in ("money", "large"):
        assert far.empty
        return
    earlier = {"money": "date", "large": "money"}[name] if design == "change" else None
    away = AWAY[name] - (AWAY[earlier] if earlier else 0.0)
    assert len(far) == len(near) == 5
    assert (near["standard_error"] > 0.04).all()
    for column in COMPARED:
        assert far[column].to_list() == pytest.approx(near[column].to_list(), rel=1e-9, nan_ok=True), column
    assert far["estimate"].to_list() == pytest.approx((near["estimate"] + away).to_list(), rel=1e-15)
    for bound in ("ci_lower", "ci_upper"):
        width = (far[bound] - far["estimate"]).to_list()
        assert width == pytest.approx((near[bound] - near["estimate"]).to_list(), rel=1e-3 if name == "large" else 1e-8)


@pytest.mark.parametrize(
    ("name", "at_zero", "design"),
    [
        *((name, "money_near", design) for name in APART for design in DESIGNS),
        *(("single_both", "single_near", design) for design in SINGLE_DESIGNS),
    ],
)
def test_groups_at_very_different_levels_keep_what_tells_their_numbers_apart(
    by_design: dict[str, pd.DataFrame], name: str, at_zero: str, design: str
) -> None:
    """Small firms near 0 and large ones near 1e12: each group has the errors that it has alone."""
    moved, near = by_design[f"{name}_{design}"], by_design[f"{at_zero}_{design}"]
    for segment, away in zip(("small", "large"), (APART | SINGLE)[name], strict=True):
        for column in COMPARED:
            assert moved.loc[segment, column] == pytest.approx(near.loc[segment, column], rel=1e-9), column
        assert moved.loc[segment, "estimate"] == pytest.approx(near.loc[segment, "estimate"] + away, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "at_zero", "design"),
    [
        *((name, "money_near", design) for name in APART for design in DESIGNS),
        *(("single_both", "single_near", design) for design in SINGLE_DESIGNS),
    ],
)
def test_the_difference_of_groups_at_very_different_levels_has_its_own_error(
    differences: dict[str, dict], name: str, at_zero: str, design: str
) -> None:
    """The difference moves as far as its groups, its error not at all."""
    near, moved = (differences[f"{wave}_{design}"] for wave in (at_zero, name))
    small, large = (APART | SINGLE)[name]
    assert moved["difference"] == pytest.approx(near["difference"] + large - small, rel=1e-15)
    for column in ("standard_error", "degrees_of_freedom"):
        assert moved[column] == pytest.approx(near[column], rel=1e-9), column
