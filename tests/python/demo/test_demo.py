"""Demonstration responses: same bytes, valid as responses, and printed figures given back.

What the generator computes is computed here again in another way, from the written files alone.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from support.project import PROJECT

from smv_ai.demo import unmet_targets, write_responses
from smv_ai.errors import BadInputError
from smv_ai.survey.file.expansion import as_text, expanded_rows

# the responses of a whole survey are drawn and fitted
pytestmark = pytest.mark.slow

PLANS = sorted(path.stem for path in (PROJECT / "demo").glob("*.yml"))
DIMENSIONS = ("industry_id", "size_class_id", "region_id", "maturity_level_id", "ai_use_group_id")


@cache
def all_rows(seed: Path) -> list[dict[str, str]]:
    with seed.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows_of(seed: Path, **key: str) -> list[dict[str, str]]:
    return [row for row in all_rows(seed) if all(row[name] == value for name, value in key.items())]


@cache
def expanded() -> dict[str, list[dict[str, str]]]:
    return {table: as_text(rows) for table, rows in expanded_rows(PROJECT).items()}


def catalogue(table: str, **key: str) -> list[dict[str, str]]:
    """Rows that follow from the survey files."""
    return [row for row in expanded()[table] if all(row[name] == value for name, value in key.items())]


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("demo") / "responses"
    assert write_responses(PROJECT, target)
    return target


def with_derived(frame: pd.DataFrame, survey_wave_id: str) -> pd.DataFrame:
    """The derived columns, respondent by respondent: a second reading of the rules."""
    rules: dict[str, dict[int, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in catalogue("derived_columns", survey_wave_id=survey_wave_id):
        rules[row["column_name"]][int(row["rule_order"])].append(row)
    items = {row["column_name"] for row in catalogue("response_items", survey_wave_id=survey_wave_id)}

    def holds(row: dict[str, str], respondent: dict) -> bool:
        if not row["if_columns"]:
            return True
        values = row["if_values"].split(";")
        return sum(str(respondent[name]) in values for name in row["if_columns"].split(";")) >= int(row["at_least"])

    respondents = frame.to_dict("records")
    waiting = dict(rules)
    while waiting:
        column = next(
            name
            for name, by_order in waiting.items()
            if all(
                c in respondents[0] for rule in by_order.values() for r in rule for c in r["if_columns"].split(";") if c
            )
        )
        by_order = waiting.pop(column)
        for respondent in respondents:
            value = "-2" if column in items else None
            for order in sorted(by_order):
                if all(holds(row, respondent) for row in by_order[order]):
                    value = by_order[order][0]["value"]
                    break
            respondent[column] = int(value) if column in items else value
    return pd.DataFrame(respondents)


@pytest.fixture(scope="module")
def waves(written) -> dict[str, pd.DataFrame]:
    found = {}
    for path in written.glob("survey_id=*/survey_wave_id=*/responses.parquet"):
        survey_wave_id = path.parent.name.removeprefix("survey_wave_id=")
        found[survey_wave_id] = with_derived(pd.read_parquet(path), survey_wave_id)
    return found


@cache
def plan_of(survey_wave_id: str) -> dict:
    return yaml.load((PROJECT / "demo" / f"{survey_wave_id}.yml").read_text("utf-8"), Loader=yaml.BaseLoader)


def raked(frame: pd.DataFrame, margin_set_id: str) -> pd.Series:
    margins = defaultdict(dict)
    for row in catalogue("calibration_margins", margin_set_id=margin_set_id):
        margins[row["column_name"]][row["category"]] = float(row["population_count"])
    weights = frame["design_weight"].copy()
    for _ in range(60):
        for column, population in margins.items():
            weights *= frame[column].map(population) / weights.groupby(frame[column]).transform("sum")
    return weights


def estimate_of(measure: dict[str, str], frame: pd.DataFrame, weights: pd.Series, survey_wave_id: str) -> float:
    """The estimate of a measure by plain weighted sums."""
    key = {"measure_set_id": measure["measure_set_id"], "measure_id": measure["measure_id"]}
    admitted = pd.Series(True, index=frame.index)
    domain = defaultdict(list)
    for row in catalogue("estimation_domains", **key):
        domain[row["column_name"]].append(row["category"])
    for column, categories in domain.items():
        admitted &= frame[column].astype(str).isin(categories)
    if not measure["item_id"]:
        return weights[admitted].sum()
    [item] = catalogue("response_items", survey_wave_id=survey_wave_id, item_id=measure["item_id"])
    scores = {int(row["code"]): float(row["score"]) for row in catalogue("estimation_scores", **key)}
    score = frame[item["column_name"]].map(scores)
    admitted &= score.notna()
    total = (weights * score)[admitted].sum()
    return total if measure["statistic"] == "total" else total / weights[admitted].sum()


def test_every_plan_has_a_file_and_the_rows_that_its_strata_say(waves):
    assert sorted(waves) == PLANS != []
    for survey_wave_id, frame in waves.items():
        plan = plan_of(survey_wave_id)
        assert len(frame) == sum(int(row[-1]) for row in plan["strata"]["rows"]), survey_wave_id


def test_another_process_on_a_plainer_processor_writes_the_same_bytes(written, tmp_path):
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # as an older processor would do it
    settings = {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1", "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    code = "import pathlib, sys; from smv_ai.demo import write_responses as w; w(*map(pathlib.Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(PROJECT), str(tmp_path / "again")]
    subprocess.run(command, check=True, cwd=PROJECT, env=os.environ | settings)
    first, second = files_below(written), files_below(tmp_path / "again")
    assert len(first) == len(PLANS) + 2
    assert first == second


def test_ids_are_marked_and_unique(waves):
    for survey_wave_id, frame in waves.items():
        assert frame["respondent_id"].str.startswith("demo_").all(), survey_wave_id
        assert frame["respondent_id"].is_unique, survey_wave_id
        assert frame["respondent_id"].is_monotonic_increasing, survey_wave_id
        if "psu_id" in frame:
            assert frame["psu_id"].str.startswith("demo_").all(), survey_wave_id


def test_weights_undo_unit_non_response_within_each_stratum(waves):
    seen = 0
    for survey_wave_id, frame in waves.items():
        for *values, population, invited, responding in plan_of(survey_wave_id)["strata"]["rows"]:
            stratum = frame[frame["stratum_id"] == ("|".join(values) or "all")]
            assert len(stratum) == int(responding)
            if invited != "~":
                assert int(invited) >= int(responding)
            if population != "~":
                seen += 1
                assert stratum["design_weight"].sum() == pytest.approx(float(population), rel=1e-12)
                assert (stratum["stratum_population_size"] == float(population)).all()
            else:
                assert (stratum["design_weight"] == 1).all()
                assert stratum["stratum_population_size"].isna().all()
    assert seen


def test_who_is_asked_and_only_who_is_asked_has_an_answer(waves):
    for survey_wave_id, frame in waves.items():
        for item in catalogue("response_items", survey_wave_id=survey_wave_id):
            not_asked = frame[item["column_name"]] == -1
            if item["asked_if_column"]:
                asked = frame[item["asked_if_column"]].astype(str).isin(item["asked_if_values"].split(";"))
                assert (not_asked == ~asked).all(), (survey_wave_id, item["item_id"])


def test_answers_are_options_or_reserved_codes_and_some_are_missing(waves):
    with_missing = [name for name in waves if "no_answer" in (PROJECT / "demo" / f"{name}.yml").read_text("utf-8")]
    assert len(with_missing) > 2
    for survey_wave_id, frame in waves.items():
        missing = 0
        for item in catalogue("response_items", survey_wave_id=survey_wave_id):
            options = catalogue("response_options", survey_wave_id=survey_wave_id, item_id=item["item_id"])
            values = frame[item["column_name"]]
            assert values.isin([int(option["code"]) for option in options] + [-1, -2, -3]).all(), item["item_id"]
            if item["column_name"] in plan_of(survey_wave_id)["answers"]:
                missing += int((values == -2).sum())
        assert (missing > 0) == (survey_wave_id in with_missing), survey_wave_id


def test_groups_keep_to_what_may_be_ticked(waves):
    for survey_wave_id, frame in waves.items():
        for group in plan_of(survey_wave_id).get("groups", []):
            if "at_most" in group:
                assert (frame[group["columns"]] == 1).sum(axis=1).max() <= int(group["at_most"]), survey_wave_id


def test_firms_of_the_panel_are_the_same_firms_and_remember(waves):
    spring, autumn = waves["deb_2025_spring"], waves["deb_2025_autumn"]
    both = spring.merge(autumn, on="psu_id", suffixes=("_before", "_after"))
    assert len(both) == int(plan_of("deb_2025_autumn")["panel"]["firms"])
    for column in ("stratum_id", "industry_id", "firm_age_group"):
        assert (both[f"{column}_before"] == both[f"{column}_after"]).all()
    for column in ("ai_stage", "turnover_direction", "employees_direction"):
        answered = both[(both[f"{column}_before"] > 0) & (both[f"{column}_after"] > 0)]
        before, after = answered[f"{column}_before"], answered[f"{column}_after"]
        by_chance = sum((before == code).mean() * (after == code).mean() for code in before.unique())
        assert (before == after).mean() > by_chance + 0.1, column


def test_answers_per_question_are_as_many_as_printed(waves):
    autumn = waves["deb_2025_autumn"]
    assert (autumn["productivity_change"] > 0).sum() == 4039
    assert (autumn["ai_stage"] > 0).sum() == 4009
    assert (waves["deb_2025_spring"]["productivity_change"] > 0).sum() == 5349
    assert len(waves["dst_micro_2023"]) == 1521


def printed_figures() -> list[dict[str, str]]:
    figures = []
    for seed in sorted((PROJECT / "seeds" / "published").glob("published_*.csv")):
        figures += rows_of(seed, value_form="digits", value_qualifier="=", value_direction="exact")
    return figures


def half_width(figure: dict[str, str]) -> float:
    if figure["unit_of_measure"] == "firms":
        return 1e-6
    decimals = re.search(r"\d,(\d+)", figure["printed_value"])
    return 0.5 * 10 ** -len(decimals.group(1) if decimals else "") + 1e-9


def reproduced(waves: dict[str, pd.DataFrame]) -> dict[str, bool]:
    """For each exact printed figure that a codebook covers: whether the responses give it back."""
    found = {}
    figures = printed_figures()
    for design in catalogue("estimation_designs", change_column=""):
        survey_wave_id = design["survey_wave_id"]
        if survey_wave_id not in waves:
            continue
        frame = waves[survey_wave_id]
        weights = raked(frame, design["margin_set_id"]) if design["calibration_method"] else frame["design_weight"]
        breakdowns = [
            set(filter(None, row["breakdown_columns"].split(";")))
            for row in catalogue("estimation_breakdowns", breakdown_set_id=design["breakdown_set_id"])
        ]
        items = {row["item_id"] for row in catalogue("response_items", survey_wave_id=survey_wave_id)}
        for measure in catalogue("estimation_measures", measure_set_id=design["measure_set_id"]):
            if measure["item_id"] and measure["item_id"] not in items:
                continue
            same = ("indicator_id", "base_population_id", "unit_of_measure")
            of_item = ("technology_id", "barrier_id", "answer_category_id")
            for figure in figures:
                segment = {name: figure[name] for name in DIMENSIONS if figure[name] != "total"}
                if (
                    figure["survey_wave_id"] == survey_wave_id
                    and all(figure[name] == measure[name] for name in same)
                    and all(figure[name] == (measure[name] or "total") for name in of_item)
                    and set(segment) in breakdowns
                ):
                    rows = pd.Series(True, index=frame.index)
                    for name, value in segment.items():
                        rows &= frame[name] == value
                    estimate = estimate_of(measure, frame[rows], weights[rows], survey_wave_id)
                    estimate *= 100 if figure["unit_of_measure"] == "percent" else 1
                    is_met = abs(estimate - float(figure["observation_value"])) <= half_width(figure)
                    found[figure["figure_id"]] = is_met or found.get(figure["figure_id"], False)
    return found


def test_printed_figures_are_given_back_and_the_others_are_named(waves, written):
    found = reproduced(waves)
    named = " ".join(unmet_targets(written))
    assert len(found) > 90
    assert sum(found.values()) >= 0.95 * len(found)
    assert [figure_id for figure_id, is_met in found.items() if not is_met and figure_id not in named] == []
    headline = ["deb_0013_a", *(f"deb_0{line}_{wave}" for line in range(375, 394, 3) for wave in "ab")]
    assert [figure_id for figure_id in headline if not found[figure_id]] == []


# --- a small project of its own


FICTION = """\
survey: fiction
base: dst_micro_firms
tabulate: named
groups:
  is_user: {rules: {yes: uses_ai = 1}}
questions:
  uses_ai: {options: yes_no}
  stage: {options: {1: first, 2: second, 3: third}}
  barrier_cost: {options: ticked}
  barrier_data: {options: ticked, asked_if: is_user = yes}
  barrier_skills: {options: ticked}
"""


def readme_plan() -> str:
    return re.search(r"```yaml\n(survey_wave_id: .*?)```", (PROJECT / "demo" / "README.md").read_text("utf-8"), re.S)[1]


def describe(folder: Path, more: str = "") -> None:
    (folder / "surveys" / "fiction_2025.yml").write_text(FICTION + more, encoding="utf-8")


@pytest.fixture
def fiction(tmp_path) -> Path:
    """A copy of what the generator reads, with the plan of demo/README.md and a codebook that routes by a construct."""
    folder = tmp_path / "project"
    for name in ("models", "macros", "seeds"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    (folder / "demo").mkdir()
    (folder / "demo" / "fiction_2025.yml").write_text(readme_plan(), encoding="utf-8")
    (folder / "surveys").mkdir()
    describe(folder)
    return folder


def responses_of(project: Path, target: Path) -> pd.DataFrame:
    assert write_responses(project, target)
    return pd.read_parquet(target / "survey_id=fiction" / "survey_wave_id=fiction_2025" / "responses.parquet")


def test_the_plan_of_the_readme_does_what_it_says(fiction, tmp_path):
    frame = responses_of(fiction, tmp_path / "out")
    assert frame["stratum_id"].value_counts().to_dict() == {"manufacturing": 30, "construction": 20}
    assert set(frame["size_class_id"]) == {"10_49"}
    assert (frame["region_id"] == "region_midtjylland").sum() == 40
    assert (frame["uses_ai"] == 1).sum() == 15
    assert set(frame.loc[frame["uses_ai"] == 0, "stage"]) <= {1, -2}
    assert ((frame["barrier_data"] == -1) == (frame["uses_ai"] != 1)).all()
    ticked = (frame[["barrier_cost", "barrier_data", "barrier_skills"]] == 1).sum(axis=1)
    assert ticked.max() == 2


def test_nothing_is_written_until_a_plan_changes(fiction, tmp_path):
    target = tmp_path / "out"
    assert write_responses(fiction, target)
    before = files_below(target)
    assert not write_responses(fiction, target)
    assert files_below(target) == before
    plan = fiction / "demo" / "fiction_2025.yml"
    plan.write_text(plan.read_text("utf-8").replace("seed: 1 ", "seed: 2 "), encoding="utf-8")
    assert write_responses(fiction, target)
    assert files_below(target) != before
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("seed: 1 ", "sede: 1 ", "sede"),
        ("uses_ai: 0.3", "uses_api: 0.3", "uses_ai"),
        ("{1: 50, 2: 30, 3: 20}", "{1: 50, 4: 50}", "stage"),
        ("900, 60, 30", "900, 60, 70", "manufacturing"),
        ("shares: {1: 50, 2: 30, 3: 20}", "cases: [{if: {uses_ai: 1}, shares: {2: 1}}]\n  #", "stage"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_and_the_old_responses_stay(fiction, tmp_path, old, new, named):
    target = tmp_path / "out"
    assert write_responses(fiction, target)
    before = files_below(target)
    plan = fiction / "demo" / "fiction_2025.yml"
    text = plan.read_text("utf-8")
    assert old in text
    plan.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInputError, match=named):
        write_responses(fiction, target)
    assert files_below(target) == before


MEASURED = """\
tables: [{{one: {columns}}}]
estimates:
  figure: {{of: {item}, share: 1, indicator: ai_use}}
"""


def with_figures(fiction: Path, *printed: str, item: str = "uses_ai", **segment: str) -> None:
    """Printed percentages of one segment, and a measure that estimates them."""
    seed = fiction / "seeds" / "published" / "published_dst_2023.csv"
    [like] = rows_of(PROJECT / "seeds" / "published" / "published_dst_2023.csv", figure_id="dst_0079_a")
    like = like | {"survey_wave_id": "fiction_2025", "industry_id": "total", "size_class_id": "total"} | segment
    with seed.open("a", encoding="utf-8", newline="") as file:
        for letter, value in zip("abc", printed, strict=False):
            own = {
                "figure_id": f"fiction_{letter}",
                "printed_value": value,
                "observation_value": value.replace(",", "."),
            }
            csv.DictWriter(file, list(like), lineterminator="\n").writerow(like | own)
    describe(fiction, MEASURED.format(columns=" × ".join(segment) or "total", item=item))


@pytest.mark.parametrize("printed", ["65", "10"])
def test_answers_are_changed_until_the_figure_is_met_and_routing_follows(fiction, tmp_path, printed):
    with_figures(fiction, printed, industry_id="construction")
    frame = responses_of(fiction, tmp_path / "out")
    construction = frame[frame["industry_id"] == "construction"]
    assert construction["uses_ai"].mean() == pytest.approx(int(printed) / 100)
    assert unmet_targets(tmp_path / "out") == []
    assert ((frame["barrier_data"] == -1) == (frame["uses_ai"] != 1)).all()
    assert set(frame.loc[frame["uses_ai"] == 0, "stage"]) <= {1, -2}


def test_two_answers_are_changed_where_one_cannot_take_the_step(fiction, tmp_path):
    plan = fiction / "demo" / "fiction_2025.yml"
    plan.write_text(plan.read_text("utf-8").replace("construction, 600,", "construction, 613,"), encoding="utf-8")
    with_figures(fiction, "40,3", region_id="region_midtjylland")
    frame = responses_of(fiction, tmp_path / "out")
    region = frame[frame["region_id"] == "region_midtjylland"]
    estimate = 100 * (region["uses_ai"] * region["design_weight"]).sum() / region["design_weight"].sum()
    assert unmet_targets(tmp_path / "out") == []
    assert abs(estimate - 40.3) <= 0.05
    assert 100 * region["design_weight"].min() / region["design_weight"].sum() > 1


def test_answers_are_not_changed_beyond_what_may_be_ticked(fiction, tmp_path):
    with_figures(fiction, "100", item="barrier_cost", industry_id="manufacturing")
    frame = responses_of(fiction, tmp_path / "out")
    ticked = (frame[["barrier_cost", "barrier_data", "barrier_skills"]] == 1).sum(axis=1)
    assert ticked.max() == 2
    full = (frame["barrier_data"] == 1) & (frame["barrier_skills"] == 1) & (frame["industry_id"] == "manufacturing")
    assert full.any()
    assert len(unmet_targets(tmp_path / "out")) == 1


def test_a_figure_that_cannot_be_met_is_named_and_the_others_written(fiction, tmp_path):
    with_figures(fiction, "63", industry_id="construction")  # 20 firms of equal weight: 60 or 65
    frame = responses_of(fiction, tmp_path / "out")
    assert len(frame) == 50
    [line] = unmet_targets(tmp_path / "out")
    assert "fiction_a" in line
    assert "printed 62.5 to 63.5" in line


def test_figures_that_contradict_each_other_are_named(fiction, tmp_path):
    with_figures(fiction, "65", "40", industry_id="construction")
    responses_of(fiction, tmp_path / "out")
    [line] = unmet_targets(tmp_path / "out")
    assert line.endswith("fiction_b contradicts fiction_a")


def test_of_measures_that_contradict_each_other_one_is_met(fiction, tmp_path):
    with_figures(fiction, "65", industry_id="construction")
    seed = fiction / "seeds" / "published" / "published_dst_2023.csv"
    row = next(line for line in seed.read_text("utf-8").splitlines() if line.startswith("fiction_a"))
    row = row.replace("fiction_a", "fiction_b").replace("ai_use", "ai_not_used").replace("65", "50")
    seed.write_text(seed.read_text("utf-8") + row + "\n", encoding="utf-8")
    measured = MEASURED.format(columns="industry_id", item="uses_ai")
    describe(fiction, f"{measured}  complement: {{of: uses_ai, share: 0, indicator: ai_not_used}}\n")
    frame = responses_of(fiction, tmp_path / "out")
    assert frame.loc[frame["industry_id"] == "construction", "uses_ai"].mean() in (0.5, 0.65)
    assert len(unmet_targets(tmp_path / "out")) == 1
