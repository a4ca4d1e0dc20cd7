"""What a description and the heads of the files say against each other, and texts in SQL."""

from __future__ import annotations

import duckdb
import pytest
from support.survey_waves import RESERVED, cells_query, design, problems, scan, wave_of, write

from smv_ai.survey.catalogue import waves
from smv_ai.survey.conditions import condition_sql, named_respondents
from smv_ai.survey.description import Condition, DerivedColumn, Item, Ratio, Rule

PLAIN = [design(n) | {"q": n % 2, "size": "small", "spent": 1.5 * n} for n in range(12)]


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


def rule(value: str, *columns: str, values: tuple[str, ...] = ("1",), order: int = 1) -> Rule:
    return Rule(order, value, (Condition(1, columns, values),) if columns else ())


Q = Item("q", "q", "code", (0, 1))
WRONG = {
    "column_present": ({"items": (Item("lost", "lost", "code", (1,)),)}, "no column lost for item lost"),
    "column_has_type": ({"items": (Item("size", "size", "code", (1,)),)}, "column size must hold whole-number codes"),
    "item_has_options": ({"items": (Item("q", "q", "code"),)}, "item q has no answer option"),
    "wave_in_catalogue": ({"has_design": False}, "no survey file describes the wave"),
    "derived_is_new": ({"items": (Q,), "derived": (DerivedColumn("size", (rule("x"),)),)}, "derived column size is a"),
    "derived_has_columns": (
        {"items": (Q,), "derived": (DerivedColumn("new", (rule("x", "nowhere"),)),)},
        "derived column new looks at nowhere",
    ),
    "derived_in_catalogue": (
        {"items": (Item("new", "new", "code", (1,)),), "derived": (DerivedColumn("new", (rule("7"),)),)},
        "derived column new gives 7",
    ),
    "condition_has_type": (
        {"items": (Q,), "derived": (DerivedColumn("new", (rule("x", "spent"),)),)},
        "looks at column spent of type DOUBLE",
    ),
    "routing_has_column": ({"items": (Item("q", "q", "code", (0, 1), "nowhere", ("1",)),)}, "asked by column nowhere"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_contradiction_is_named_once_and_no_other(tmp_path, session, name: str) -> None:
    description, text = WRONG[name]
    [found] = problems(session, wave_of(write(tmp_path, PLAIN), **description))
    assert found.rule == name and text in found.finding


def test_nothing_is_wrong_with_a_wave_that_fits(tmp_path, session) -> None:
    derived = (
        DerivedColumn("big", (rule("yes", "level"), rule("no", order=2))),
        DerivedColumn("level", (rule("1", "q"),)),
    )
    wave = wave_of(write(tmp_path, PLAIN), items=(Q,), derived=derived, attributes=("size", "big"))
    assert problems(session, wave) == []
    cells = session.sql(cells_query(scan(session, wave))).project("attributes").fetchall()
    assert {cell["big"] for (cell,) in cells} == {"yes", "no"}


PLAIN_WEIGHTS = dict.fromkeys(["trim_lower", "trim_upper", "trim_is_strict", "replicate_set_id"])
CATALOGUE = {
    "waves": [{"survey_id": "s", "survey_wave_id": "w", "evidence_type": "estimated", "files": "f"}],
    "items": [
        {"survey_wave_id": wave, "item_id": item, "column_name": item, "value_kind": kind, "asked_if_column": asked,
         "asked_if_values": "1;2" if asked else None}
        for wave, item, kind, asked in [("w", "q", "code", None), ("w", "y", "number", "q"), ("w", "x", "number", None),
                                        ("other", "z", "code", None)]
    ],
    "options": [{"survey_wave_id": "w", "item_id": "q", "code": code} for code in (2, 1)],
    "derived_columns": [
        {"survey_wave_id": "w", "column_name": "d", "rule_order": order, "value": value, "at_least": least,
         "if_columns": columns, "if_values": values}
        for order, value, least, columns, values in [(2, "no", None, None, None), (1, "yes", 1, "q;x", "1;2"),
                                                     (1, "yes", 1, "q", "1")]
    ],
    "designs": [
        {"survey_wave_id": "w", "earlier_survey_wave_id": None, "measure_set_id": "m", "breakdown_set_id": "b",
         "margin_set_id": "g", "calibration_within_column": None, "change_column": "survey_wave_id", "has_psu": False,
         **PLAIN_WEIGHTS},
        {"survey_wave_id": "later", "earlier_survey_wave_id": "w", "measure_set_id": "other", "breakdown_set_id": "",
         "margin_set_id": None, "calibration_within_column": "within", "change_column": None, "has_psu": True,
         **PLAIN_WEIGHTS},
    ],
    "measures": [
        {"measure_set_id": set_id, "measure_id": measure, "item_id": item, "denominator_item_id": per,
         "is_amount": amount, "has_change": has_change}
        for set_id, measure, item, per, amount, has_change in [
            ("m", "a", "y", "x", True, False), ("m", "b", "y", "lost", False, True),
            ("unused", "c", "x", "y", False, True),
            ("other", "d", "q", None, False, True), ("other", "e", "x", "y", False, False),
        ]
    ],
    # of the design that compares the wave with a later one, what only the later one has is not read
    "domains": [
        {"measure_set_id": set_id, "measure_id": measure, "column_name": column}
        for set_id, measure, column in [("m", "a", "only"), ("other", "d", "both"), ("other", "e", "later_alone")]
    ],
    "breakdowns": [{"breakdown_set_id": "b", "breakdown_columns": columns} for columns in ("", "size", "size;sector")],
    "margins": [{"margin_set_id": "g", "column_name": "region"}, {"margin_set_id": "h", "column_name": "unused"}],
    "totals": [{"margin_set_id": "h", "column_name": "employees"}],
    "replicates": [{"replicate_set_id": "r", "column_name": "weight_1"}],
}  # fmt: skip


def test_the_rows_of_the_catalogue_describe_a_wave() -> None:
    [wave] = waves(CATALOGUE)
    assert wave.problems == ()
    assert [item.item_id for item in wave.items] == ["q", "x", "y"]
    assert wave.item("q").codes == (1, 2) and wave.item("y").asked_if_values == ("1", "2")
    assert wave.ratios == (Ratio("y", "x"),) and wave.amounts == {"y"}
    assert wave.attributes == ("both", "only", "region", "sector", "size", "within")
    assert wave.by_unit == (False, True)
    [derived] = wave.derived
    assert [(one.order, one.value, len(one.conditions)) for one in derived.rules] == [(1, "yes", 2), (2, "no", 0)]
    assert set(derived.reads) == {"q", "x"}


@pytest.mark.parametrize(
    "changed", [{"value": "maybe"}, {"at_least": 3}, {"if_values": ""}], ids=["two values", "too many", "half"]
)
def test_a_derived_rule_that_contradicts_itself_is_named(changed: dict) -> None:
    rows = [*CATALOGUE["derived_columns"][:2], CATALOGUE["derived_columns"][2] | changed]
    [wave] = waves(CATALOGUE | {"derived_columns": rows})
    assert [problem.rule for problem in wave.problems] == ["derived_rule_complete"]


@pytest.mark.parametrize(
    ("finding", "ids"),
    [
        ({"condition": "missing", "subject": "size"}, ["r00001"]),
        ({"condition": "empty", "subject": "size"}, ["r00001", "r00002"]),
        ({"condition": "negative", "subject": "design_weight"}, ["r00003"]),
        ({"condition": "not_finite", "subject": "spent"}, ["r00004"]),
        ({"condition": "equal", "subject": "size", "category": "it's\\"}, ["r00005"]),
        ({"condition": "equal", "subject": "size", "category": ""}, ["r00001"]),
        ({"condition": "made_up", "subject": "respondent_id"}, ["demo_6"]),
    ],
)
def test_the_respondents_behind_a_finding_are_found(tmp_path, session, finding: dict, ids: list[str]) -> None:
    rows = [dict(row) for row in PLAIN[:6]] + [PLAIN[6] | {"respondent_id": "demo_6"}]
    rows[1]["size"], rows[2]["size"], rows[5]["size"] = None, " ", "it's\\"
    rows[3]["design_weight"], rows[4]["spent"] = -1.0, float("inf")
    files = write(tmp_path, rows)
    names = {name: f"c{place}" for place, name in enumerate(rows[0])}
    columns = ", ".join(f"{name} as {ours}" for name, ours in names.items())
    texts = {name: f"cast({ours} as string)" for name, ours in names.items()}
    planned = {"rows_query": f"select {columns} from '{files}'", "column_names": names, "column_texts": texts}
    named = named_respondents(session, planned, condition_sql({"category": None} | finding, planned))
    assert named == f", rows: {len(ids)} (respondents {', '.join(ids)})"


def test_the_reserved_numbers_of_the_tests_are_those_of_the_project(project) -> None:
    import yaml

    variables = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert (RESERVED.codes, RESERVED.numbers) == (variables["reserved_codes"], variables["reserved_numbers"])
    assert RESERVED.highest == variables["highest_reserved_number"]
