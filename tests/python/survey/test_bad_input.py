"""Responses that cannot be used stop the build with a message that names survey, wave, rows and rule."""

from __future__ import annotations

import copy

import duckdb
import pytest
from support.estimation_project import MEASURE, build, plain_catalogue, respondents

from smv_ai.errors import BuildError

NOT_ASKED = -9000000001.0
MARGIN = [("size", "small", 600), ("size", "large", 600)]


def spoil(rows: list[dict], which: dict[int, dict]) -> list[dict]:
    rows = copy.deepcopy(rows)
    for number, change in which.items():
        rows[number].update(change)
    return rows


PLAIN = respondents({"a": 12, "b": 12})
ROW_CASES = {
    "negative": (
        spoil(PLAIN, {3: {"design_weight": -1.0}}),
        ["design_weight is negative, rows: 1 (respondents a-0003)", "weight_not_negative"],
    ),
    "missing_weight": (
        spoil(PLAIN, {4: {"design_weight": None}, 5: {"design_weight": None}}),
        ["design_weight is missing", "rows: 2 (respondents a-0004, a-0005)", "weight_present"],
    ),
    "zero_stratum": (
        spoil(PLAIN, {n: {"design_weight": 0.0} for n in range(12, 24)}),
        ["all design weights of stratum b are 0", "rows: 12 (respondents b-0000", "…"],
    ),
    "no_stratum": (
        spoil(PLAIN, {7: {"stratum_id": None}}),
        ["stratum_id is missing, rows: 1 (respondents a-0007)", "stratum_present"],
    ),
    "unknown_code": (
        spoil(PLAIN, {1: {"q1": 7}, 20: {"q1": 7}}),
        [
            "item q1 has 2 answers that are neither an option",
            "rows: 2 (respondents a-0001, b-0008)",
            "answer_in_catalogue",
        ],
    ),
    "twice": (
        spoil(PLAIN, {9: {"respondent_id": "a-0002"}}),
        ["1 respondents are not in the file exactly once, rows: a-0002 × 2", "respondent_once"],
    ),
    "small_population": (
        respondents({"a": 12}, population=9),
        ["stratum a has 12 respondents of a population of 9", "population_covers_respondents"],
    ),
    "two_populations": (
        spoil(PLAIN, {2: {"stratum_population_size": 900.0}}),
        ["stratum_population_size of stratum a has 2 values", "rows: 12", "population_constant"],
    ),
    "no_population": (
        spoil(PLAIN, {n: {"stratum_population_size": None} for n in range(12)}),
        ["stratum_population_size is missing, but design no_population corrects", "population_present"],
    ),
    "infinite_weight": (
        spoil(PLAIN, {3: {"design_weight": float("inf")}}),
        [
            "column design_weight holds values that are not finite numbers, rows: 1 (respondents a-0003)",
            "number_finite",
        ],
    ),
    "no_unit": (
        spoil(PLAIN, {6: {"psu_id": None}}),
        ["psu_id is missing, but design no_unit samples units, rows: 1 (respondents a-0006)", "psu_present"],
    ),
}


@pytest.fixture(scope="module")
def messages(tmp_path_factory) -> str:
    """All broken waves in one build: every problem is named at once."""
    waves = {("test", name): rows for name, (rows, _) in ROW_CASES.items()}
    names = list(ROW_CASES)
    catalogue = plain_catalogue(names)
    catalogue["estimation_designs"][names.index("no_unit")]["has_psu"] = "true"
    for name, margins in MARGIN_CASES.items():
        waves["test", name] = PLAIN
        for seed in ("response_items", "response_options"):
            catalogue[seed] += [
                {**row, "survey_wave_id": name} for row in catalogue[seed] if row["survey_wave_id"] == names[0]
            ]
        design = {**catalogue["estimation_designs"][0], "design_id": name, "survey_wave_id": name}
        catalogue["estimation_designs"].append(
            {**design, "calibration_method": "raking", "residual_weights": "base", "margin_set_id": name}
        )
        catalogue.setdefault("calibration_margins", []).extend(
            {"margin_set_id": name, "column_name": c, "category": v, "population_count": n} for c, v, n in margins[0]
        )
    _add_replicates(catalogue, waves)
    _add_catalogue_cases(catalogue, waves)
    _add_routing_cases(catalogue, waves)
    with pytest.raises(BuildError) as error:
        build(tmp_path_factory.mktemp("bad") / "project", catalogue, waves, "+int_estimates")
    return str(error.value)


MARGIN_CASES = {
    "margins_contradict": (
        [*MARGIN, ("sector", "trade", 500), ("sector", "build", 500)],
        ["contradict each other", "size adds up to 1200", "sector adds up to 1000", "margins_agree"],
    ),
    "margin_empty": (
        [*MARGIN, ("size", "huge", 10)],
        ["margin size = huge has a population of 10", "no respondent", "margin_has_respondents"],
    ),
    "margin_unknown": (
        MARGIN[:1],
        ["12 respondents have size = large, which has no population count", "rows: 12", "respondent_in_margin"],
    ),
}


def _add_replicates(catalogue: dict, waves: dict) -> None:
    """Replicate weights as text, one of which is no number."""
    waves["test", "replicates"] = [
        {**row, "rep_1": "n/a" if place == 2 else "1.5", "rep_2": "1.5"} for place, row in enumerate(PLAIN)
    ]
    for seed in ("response_items", "response_options"):
        catalogue[seed] += [
            {**row, "survey_wave_id": "replicates"} for row in catalogue[seed] if row["survey_wave_id"] == "negative"
        ]
    catalogue["estimation_designs"].append(
        {**catalogue["estimation_designs"][0], "design_id": "replicates", "survey_wave_id": "replicates",
         "replicate_set_id": "replicates"}
    )  # fmt: skip
    catalogue["replicate_sets"] = [
        {"replicate_set_id": "replicates", "source": "columns", "scale": 1.0, "is_combined": True, "is_mse": True}
    ]
    catalogue["replicate_weights"] = [
        {"replicate_set_id": "replicates", "column_name": f"rep_{number}", "rscale": 1.0} for number in (1, 2)
    ]


def _add_catalogue_cases(catalogue: dict, waves: dict) -> None:
    waves["test", "base"] = PLAIN
    for seed in ("response_items", "response_options"):
        catalogue[seed] += [
            {**row, "survey_wave_id": "base"} for row in catalogue[seed] if row["survey_wave_id"] == "negative"
        ]
    catalogue["response_items"][-1]["base_population_id"] = "firms_on_the_moon"
    design = {
        **catalogue["estimation_designs"][0],
        "design_id": "base",
        "survey_wave_id": "base",
        "measure_set_id": "base",
    }
    catalogue["estimation_designs"].append(design)
    catalogue["estimation_measures"] += [
        {**MEASURE, "measure_set_id": "base", "measure_id": "lost", "item_id": "q99"},
        {**MEASURE, "measure_set_id": "base", "measure_id": "scored", "item_id": "q1"},
    ]
    catalogue["estimation_scores"].append({"measure_set_id": "base", "measure_id": "scored", "code": 5, "score": 1})


ROUTED = [
    row | {"q2": -1 if row["q1"] != 1 else n % 2, "spent": 5.0 if row["q1"] == 1 else NOT_ASKED}
    for n, row in enumerate(PLAIN)
]
ROUTING_CASES = {
    "routed": (ROUTED, None),
    "asked_too_many": (
        spoil(ROUTED, {0: {"q2": 1}, 3: {"q2": -2}}),
        ["item q2 is asked where q1 is 1; 2 respondents answered without", "rows: 2 (respondents a-0000, a-0003)"],
    ),
    "asked_too_few": (
        spoil(ROUTED, {1: {"q2": -1, "spent": NOT_ASKED}, 4: {"spent": NOT_ASKED}}),
        [
            "item q2 is asked where q1 is 1; 1 respondents",
            "item spent is asked where trier is tried or keen; 2 respondents",
        ],
    ),
    "asked_everybody": (
        spoil(ROUTED, {6: {"q1": -1}}),
        ["item q1 is asked of everybody; 1 respondents", "were not asked (-1)", "rows: 1 (respondents a-0006)"],
    ),
}


def _add_routing_cases(catalogue: dict, waves: dict) -> None:
    """q2 is asked by a column of the file, the number `spent` by a derived one, q1 of everybody."""
    for name, (rows, _) in ROUTING_CASES.items():
        waves["test", name] = rows
        item = {**catalogue["response_items"][0], "survey_wave_id": name}
        routed = {"item_id": "q2", "column_name": "q2", "asked_if_column": "q1", "asked_if_values": "1"}
        number = {"item_id": "spent", "column_name": "spent", "value_kind": "number"}
        by_derived = {"asked_if_column": "trier", "asked_if_values": "tried;keen"}
        catalogue["response_items"] += [item, item | routed, item | number | by_derived]
        catalogue["response_options"] += [
            {"survey_wave_id": name, "item_id": item_id, "code": code, "label_da": code, "label_en": code}
            for item_id in ("q1", "q2")
            for code in (0, 1)
        ]
        tried = {"survey_wave_id": name, "column_name": "trier", "rule_order": 1, "value": "tried"}
        catalogue.setdefault("derived_columns", []).append(
            tried | {"at_least": 1, "if_columns": "q1", "if_values": "1"}
        )
        catalogue["estimation_designs"].append(
            {**catalogue["estimation_designs"][0], "design_id": name, "survey_wave_id": name}
        )


CATALOGUE_CASES = [
    "wave base: item q1 is asked of base population firms_on_the_moon, which base_populations.csv does not have",
    "wave base: measure lost reads item q99, which the survey file does not have",
    "wave base: measure scored scores code 5 of item q1, which is not an option",
]


@pytest.mark.parametrize("name", [*ROW_CASES, *MARGIN_CASES])
def test_problem_is_named(messages: str, name: str) -> None:
    expected = (ROW_CASES | MARGIN_CASES)[name][1]
    lines = [line for line in messages.splitlines() if f"Survey test, wave {name}: " in line]
    assert any(all(part in line for part in expected) for line in lines), (expected, lines)


@pytest.mark.parametrize("name", [name for name, case in ROUTING_CASES.items() if case[1]])
def test_broken_routing_is_named(messages: str, name: str) -> None:
    lines = "\n".join(line for line in messages.splitlines() if f"Survey test, wave {name}: " in line)
    assert [part for part in [*ROUTING_CASES[name][1], "[routing_followed]"] if part not in lines] == []


def test_a_replicate_weight_that_is_no_number_is_named(messages: str) -> None:
    [line] = [line for line in messages.splitlines() if "Survey test, wave replicates: " in line]
    assert "column rep_1 is a replicate weight, but holds what is no number" in line
    assert "rows: 1 (respondents a-0002)" in line


@pytest.mark.parametrize("expected", CATALOGUE_CASES)
def test_catalogue_problem_is_named(messages: str, expected: str) -> None:
    assert f"Survey test, {expected}" in messages


def test_no_problem_is_invented(messages: str) -> None:
    """Each broken wave breaks the rules it was made for and no other."""
    found = {
        (line.split("wave ")[1].split(":")[0], line.rsplit("[", 1)[1].rstrip("]"))
        for line in messages.splitlines()
        if "Survey test, wave" in line
    }
    wanted = {(name, case[1][-1]) for name, case in (ROW_CASES | MARGIN_CASES).items() if name != "zero_stratum"}
    # margins that contradict each other cannot be met either
    wanted |= {
        ("margins_contradict", "calibration_converges"),
        ("zero_stratum", "stratum_has_weight"),
        ("replicates", "column_holds_numbers"),
        ("base", "item_has_base"),
        ("base", "measure_has_item"),
        ("base", "score_in_catalogue"),
        *((name, "routing_followed") for name, case in ROUTING_CASES.items() if case[1]),
    }
    assert found == wanted


@pytest.mark.long
def test_rules_that_are_reported_let_the_build_go_on(tmp_path) -> None:
    waves = {("test", "one"): ROW_CASES["small_population"][0]}
    variables = {"response_checks": "reported"}
    database = build(tmp_path / "project", plain_catalogue(["one"]), waves, "+int_estimates", variables)
    with duckdb.connect(str(database), read_only=True) as connection:
        [(problem,)] = connection.execute("select message from intermediate.int_response_problems").fetchall()
        [(estimates,)] = connection.execute("select count(estimate) from intermediate.int_estimates").fetchall()
    assert problem.endswith("[population_covers_respondents]") and estimates > 0


def test_column_missing_from_the_file(tmp_path) -> None:
    rows = [{name: value for name, value in row.items() if name != "q1"} for row in PLAIN]
    with pytest.raises(BuildError, match="Survey test, wave one: the response file has no column q1 for item q1"):
        build(tmp_path / "project", plain_catalogue(["one"]), {("test", "one"): rows}, "+int_estimates")


def test_number_that_is_not_finite(tmp_path) -> None:
    """An infinite amount has no sum: the build stops before the scan."""
    rows = spoil(PLAIN, {3: {"amount": float("-inf")}})
    catalogue = plain_catalogue(["one"])
    catalogue["response_items"].append(
        {**catalogue["response_items"][0], "item_id": "amount", "column_name": "amount", "value_kind": "number"}
    )
    with pytest.raises(
        BuildError,
        match=r"Survey test, wave one: column amount holds .* not finite .*respondents a-0003\) \[number_finite\]",
    ):
        build(tmp_path / "project", catalogue, {("test", "one"): rows}, "+int_estimates")


def test_weight_of_a_row_that_is_not_finite(tmp_path) -> None:
    """The same for weights that are summed row by row."""
    rows = spoil(PLAIN, {3: {"design_weight": float("inf")}})
    with pytest.raises(BuildError, match=r"column design_weight holds .* not finite .*\[number_finite\]"):
        build(
            tmp_path / "project",
            plain_catalogue(["one"]),
            {("test", "one"): rows},
            "+int_estimates",
            {"weight_in_cell": "never"},
        )


@pytest.mark.parametrize("weight", [float("inf"), float("-inf")])
def test_weight_that_is_not_finite_and_would_be_trimmed(tmp_path, weight: float) -> None:
    """Nobody can trim it: it is named like any other."""
    rows = spoil(PLAIN, {3: {"design_weight": weight}})
    catalogue = plain_catalogue(["one"], trim_upper=15, trim_is_strict="false")
    with pytest.raises(BuildError, match=r"column design_weight holds .* not finite .*\[number_finite\]"):
        build(tmp_path / "project", catalogue, {("test", "one"): rows}, "+int_estimates")


def test_routing_by_a_column_that_is_not_there(tmp_path) -> None:
    catalogue = plain_catalogue(["one"])
    catalogue["response_items"][0] |= {"asked_if_column": "user", "asked_if_values": "1"}
    with pytest.raises(
        BuildError, match=r"Survey test, wave one: item q1 is asked by column user, .*routing_has_column"
    ):
        build(tmp_path / "project", catalogue, {("test", "one"): PLAIN}, "+int_response_problems")


def test_margins_that_cannot_be_met(tmp_path) -> None:
    """Each margin has respondents, but none of them can give both totals: raking does not converge and says so."""
    rows = [{**row, "sector": "trade" if row["size"] == "small" else "build"} for row in PLAIN]
    catalogue = plain_catalogue(["one"], calibration_method="raking", residual_weights="base", margin_set_id="m")
    catalogue["calibration_margins"] = [
        {"margin_set_id": "m", "column_name": c, "category": v, "population_count": n}
        for c, v, n in [
            ("size", "small", 700),
            ("size", "large", 500),
            ("sector", "trade", 600),
            ("sector", "build", 600),
        ]
    ]
    with pytest.raises(
        BuildError,
        match=r"Survey test, wave one: the weights of design one \(raking\) miss a margin by .*calibration_converges",
    ):
        build(tmp_path / "project", catalogue, {("test", "one"): rows}, "+int_estimates")


def test_respondents_may_stand_in_any_order(tmp_path) -> None:
    """Ids that do not rise are looked at more closely, no more: estimates and problems are those of the sorted file."""
    waves = {("test", "sorted"): PLAIN, ("test", "backwards"): PLAIN[::-1]}
    database = build(tmp_path / "project", plain_catalogue(["sorted", "backwards"]), waves, "+int_estimates")
    with duckdb.connect(str(database), read_only=True) as connection:
        suspects = connection.execute(
            "select survey_wave_id, answer_status, respondents from intermediate.int_response_moments "
            "where variable_id = 'respondent_id'"
        ).fetchall()
        estimates = connection.execute(
            "select count(*), count(distinct (estimate, standard_error)) from intermediate.int_estimates "
            "group by measure_id, segment"
        ).fetchall()
        problems = connection.execute("select * from intermediate.int_response_problems").fetchall()
    assert suspects == [("backwards", "unordered", len(PLAIN) - 1)]
    assert estimates and set(estimates) == {(2, 1)}
    assert problems == []
