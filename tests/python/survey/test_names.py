"""A column of a response file may be called anything of the documented form: words of SQL, names that the engine makes.

Each name is a copy of the column `size`; its estimates are those of `size`. One build.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.estimation_project import build, frame, plain_catalogue, respondents

NAMES = [
    "group", "order", "end", "select", "from", "2024_size", "SIZE_2", "k0", "n0", "s0", "l0", "c0", "cell_id",
    "counts", "sums", "largest", "attributes", "answers", "scanned", "turn_0", "code", "score", "segment", "value",
    "key", "stratum", "weights_present", "lowest_weight", "survey_id", "filename", "rowid", "category", "column_name",
    "shift_y", "estimate_number", "unnest", "true", "null", "_", "én_størrelse",
]  # fmt: skip


@pytest.fixture(scope="module")
def estimates(tmp_path_factory) -> pd.DataFrame:
    rows = [row | {name: row["size"] for name in NAMES} for row in respondents({"a": 40, "b": 30})]
    catalogue = plain_catalogue(["one"])
    catalogue["estimation_breakdowns"] = [
        {"breakdown_set_id": "plain", "breakdown_id": f"by {name}", "breakdown_columns": name}
        for name in ["size", *NAMES]
    ]
    # an item, too, and its own breakdown
    for seed in ("response_items", "response_options"):
        catalogue[seed] += [row | {"item_id": "where", "column_name": "where"} for row in catalogue[seed]]
    catalogue["response_options"] = [
        {key: value for key, value in row.items() if key != "column_name"} for row in catalogue["response_options"]
    ]
    catalogue["estimation_measures"].append(
        {**catalogue["estimation_measures"][0], "measure_id": "where", "item_id": "where"}
    )
    catalogue["estimation_scores"] += [row | {"measure_id": "where"} for row in catalogue["estimation_scores"]]
    rows = [row | {"where": row["q1"]} for row in rows]
    database: Path = build(
        tmp_path_factory.mktemp("names") / "project", catalogue, {("test", "one"): rows}, "+int_estimates"
    )
    return frame(database, "select * from intermediate.int_estimates")


@pytest.mark.parametrize("name", NAMES)
def test_a_breakdown_may_have_any_name(estimates: pd.DataFrame, name: str) -> None:
    columns = ["segment", "measure_id", "estimate", "standard_error", "respondents"]
    found, size = (
        estimates[estimates["breakdown_id"] == f"by {one}"]
        .sort_values(["measure_id", "segment"])[columns]
        .to_dict("list")
        for one in (name, "size")
    )
    assert len(size["segment"]) == 4
    assert found == size


def test_an_item_may_have_any_name(estimates: pd.DataFrame) -> None:
    where, use = (
        estimates[estimates["measure_id"] == one].sort_values(["breakdown_id", "segment"]) for one in ("where", "use")
    )
    assert where["estimate"].to_list() == use["estimate"].to_list()
