"""Columns derived from answers give what they give when they stand in the file; a wrong rule stops the build."""

from __future__ import annotations

import pytest
from support.estimation_project import MEASURE, build, frame, plain_catalogue, respondents

from smv_ai.errors import BuildError

TECHNOLOGIES = ["vision", "text", "speech"]


def answers() -> list[dict]:
    """Respondents with three technologies (1 none, 2 some, 3 much, -2 no answer), and a question that needs one."""
    rows = respondents({"a": 60, "b": 60})
    for number, row in enumerate(rows):
        row |= {
            name: [1, 2, 3, 1, -2][(number * 7 + place * place * number) % 5] for place, name in enumerate(TECHNOLOGIES)
        }
        row["asked_all"] = number % 7 > 0
    return rows


def stored(row: dict) -> dict:
    """The derived columns worked out in Python, apart from the project's SQL."""
    used = [row[name] in (2, 3) for name in TECHNOLOGIES]
    seen = any(row[name] > 0 for name in TECHNOLOGIES)
    any_use = -1 if not row["asked_all"] else 1 if any(used) else 0 if seen else -2
    depth = (
        "deep"
        if sum(used) >= 2 and row["vision"] == 3
        else "some"
        if any_use == 1
        else "none"
        if any_use == 0
        else None
    )
    return row | {"any_use": any_use, "depth": depth, "is_deep": "yes" if depth == "deep" else "no"}


def rule(column: str, order: int, value: object, at_least: object = "", columns: str = "", values: str = "") -> dict:
    return {
        "survey_wave_id": "derived",
        "column_name": column,
        "rule_order": order,
        "value": value,
        "at_least": at_least,
        "if_columns": columns,
        "if_values": values,
    }


RULES = [
    rule("is_deep", 1, "yes", 1, "depth", "deep"),
    rule("is_deep", 2, "no"),
    rule("depth", 1, "deep", 2, ";".join(TECHNOLOGIES), "2;3"),
    rule("depth", 1, "deep", 1, "vision", "3"),
    rule("depth", 2, "some", 1, "any_use", "1"),
    rule("depth", 3, "none", 1, "any_use", "0"),
    rule("any_use", 1, -1, 1, "asked_all", "false"),
    rule("any_use", 2, 1, 1, ";".join(TECHNOLOGIES), "2;3"),
    rule("any_use", 3, 0, 1, ";".join(TECHNOLOGIES), "1"),
]


def catalogue() -> dict[str, list[dict]]:
    """The same item, breakdown and domain in both waves; only `derived` has rules for them."""
    rows = plain_catalogue(["stored", "derived"])
    for item in rows["response_items"]:
        item["column_name"] = "any_use"
    rows["estimation_breakdowns"] += [
        {"breakdown_set_id": "plain", "breakdown_id": "depth", "breakdown_columns": "depth"}
    ]
    rows["estimation_measures"].append({**MEASURE, "measure_set_id": "plain", "measure_id": "deep", "item_id": "q1"})
    rows["estimation_domains"] = [
        {"measure_set_id": "plain", "measure_id": "deep", "column_name": "is_deep", "category": "yes"}
    ]
    rows["estimation_measures"].append(
        {**MEASURE, "measure_set_id": "plain", "measure_id": "firms", "item_id": "", "statistic": "population"}
    )
    return rows | {"derived_columns": RULES}


@pytest.mark.parametrize("weight_in_cell", ["always", "never"])
def test_a_derived_column_is_used_like_a_column_of_the_file(tmp_path, weight_in_cell) -> None:
    """The stored wave holds one of the columns as text: a wave is read in the types of its own files."""
    file = [stored(row) for row in answers()]
    waves = {("test", "stored"): [row | {"vision": "text here"} for row in file], ("test", "derived"): answers()}
    database = build(tmp_path / "project", catalogue(), waves, "+int_estimates", {"weight_in_cell": weight_in_cell})
    query = (
        "select * exclude (design_id, estimate_number) from intermediate.int_estimates where design_id = '{}'"
        " order by measure_id, breakdown_id, segment"
    )
    from_file, derived = frame(database, query.format("stored")), frame(database, query.format("derived"))
    assert derived.equals(from_file)
    assert set(derived.loc[derived["breakdown_id"] == "depth", "segment"]) == {"deep", "some", "none"}
    found = derived.set_index(["measure_id", "breakdown_id", "segment"])["respondents"]
    assert found["use", "total", ""] == sum(row["any_use"] in (0, 1) for row in file)
    assert found["deep", "total", ""] == sum(row["is_deep"] == "yes" and row["any_use"] in (0, 1) for row in file)
    assert found["firms", "depth", "none"] == sum(row["depth"] == "none" for row in file)


WRONG = {
    "derived_has_columns": (
        [rule("depth", 4, "odd", 1, "nowhere", "1")],
        ["derived column depth looks at nowhere", "derived column is_deep looks at depth"],
    ),
    "circle": ([rule("any_use", 4, 0, 1, "is_deep", "yes")], ["any_use looks at is_deep", "[derived_has_columns]"]),
    "derived_in_catalogue": ([rule("any_use", 4, 7)], ["derived column any_use gives 7, which is neither an option"]),
    "derived_is_new": ([rule("sector", 1, "all")], ["derived column sector is a column of the response file as well"]),
    "derived_rule_complete": (
        [
            rule("depth", 2, "other", 1, "vision", "1"),
            rule("depth", 5, "few", 4, ";".join(TECHNOLOGIES), "1"),
            rule("depth", 6, "few", 1, "vision"),
        ],
        [
            "rule 2 of derived column depth gives the values other and some",
            "rule 5 of derived column depth must name",
            "rule 6 of derived column depth must name",
        ],
    ),
    "condition_has_type": (
        [rule("depth", 4, "odd", 1, "vision", "much"), rule("depth", 5, "odd", 1, "amount", "100")],
        ["depth looks for 'much' in column vision", "depth looks at column amount of type DOUBLE"],
    ),
}


@pytest.fixture(scope="module")
def message(tmp_path_factory) -> str:
    """A wave for each wrong rule, all in one build: every problem is named at once."""
    rows = catalogue()
    for name, (wrong, _) in WRONG.items():
        for seed in ("response_items", "response_options", "estimation_designs"):
            rows[seed] += [{**row, "survey_wave_id": name} for row in rows[seed] if row["survey_wave_id"] == "stored"]
        rows["estimation_designs"][-1]["design_id"] = name
        rows["derived_columns"] = rows["derived_columns"] + [row | {"survey_wave_id": name} for row in [*RULES, *wrong]]
    waves = {("test", name): answers() for name in WRONG}
    with pytest.raises(BuildError) as error:
        build(tmp_path_factory.mktemp("wrong") / "project", rows, waves, "+int_response_problems")
    return str(error.value)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_stops_the_build(message: str, name: str) -> None:
    lines = [line for line in message.splitlines() if f"Survey test, wave {name}: " in line]
    assert [part for part in WRONG[name][1] if not any(part in line for line in lines)] == []
    assert {line.rsplit("[", 1)[1] for line in lines} == {"derived_has_columns]" if name == "circle" else f"{name}]"}
