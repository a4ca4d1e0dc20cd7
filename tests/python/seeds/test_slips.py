"""Slips in rows and settings: each is named with file, place, value, rule and way out, and none is released.

The rows and settings are copies; what is asked are the checks that `smv-ai build` begins with, and a few times the
command itself.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.estimation_project import write_wave
from support.project import PROJECT, copy_project, run_build
from support.sixth_survey import SURVEY, WAVE, add_survey, answers

from smv_ai.build import audit
from smv_ai.build.project_check import check_project
from smv_ai.demo import write_responses
from smv_ai.environment import Kind
from smv_ai.errors import AuditError, BadInputError, ExitCode, SystemStateError
from smv_ai.releases import vanished
from smv_ai.seeds.check import Checker, Problem
from smv_ai.seeds.lock import LOCK_NAME
from smv_ai.settings import changed_settings, check_settings, statistical_settings
from smv_ai.survey.response_files import folder_faults

# Texts that name nothing: labels, words of a source, codes of other registers. A column not listed needs a rule.
FREE = {
    "answer_options": {"label_da", "label_en"},
    "base_populations": {"label_da", "label_en", "size_limits"},
    "comparability_groups": {"title_da", "title_en", "break_note_en"},
    "derivations": {"note_en"},
    "headline_facets": {"value_da", "value_en"},
    "headline_figures": {"label_da", "label_en", "absence_reason_en"},
    "indicators": {"label_da", "label_en", "definition_en"},
    "not_published": {"figure_label", "shows_da", "shows_en"},
    "publications": {
        "publisher", "title_da", "title_en", "authors", "published_date_note", "source_file", "licence_note",
        "citation",
    },
    "questions": {"wording_da", "wording_en", "asked_of"},
    "source_checks": {"explanation_da", "explanation_en"},
    "survey_waves": {"label_da", "label_en", "population_da", "population_en", "frame_en", "design_effect_basis"},
    "surveys": {"label_da", "label_en", "producer", "sampling_design_en"},
    "answer_categories": {"label_da", "label_en", "description_en"},
    "barriers": {"label_da", "label_en", "description_en"},
    "codes": {"code_id", "label_da", "label_en", "description_da", "description_en"},
    "constructs": {"label_da", "label_en"},
    "industries": {"label_da", "label_en", "classification_code", "nace_sections", "description_en"},
    "regions": {"label_da", "label_en", "area_rule_en"},
    "size_classes": {"label_da", "label_en"},
    "technologies": {"label_da", "label_en", "official_code", "description_en"},
    "units": {"label_da", "label_en", "symbol_da", "symbol_en"},
    "interview_codes": {"theme_da", "theme_en"},
    "official_figures": {"source_title", "source_address"},
    "series_breaks": {"what_changed_da", "what_changed_en", "break_source"},
    "bound_cases": {"label_da", "label_en", "target_event", "minus_event"},
    "bound_premises": {"event", "given_event", "premise_da", "premise_en", "premise_source"},
    "quality_rules": {"reason_da", "reason_en", "source"},
}  # fmt: skip
FREE_FIGURES = {"source_section", "printed_value", "candidate_labels", "note"}


@pytest.fixture(scope="module")
def checker() -> Checker:
    found = Checker(PROJECT / "seeds")
    assert found.run() == []
    return found


def misspelt(text: str) -> str:
    middle = len(text) // 2
    return text[:middle] + "x" + text[middle + 1 :] if len(text) > 2 else f"{text}x"


def problems_with(checker: Checker, seed: str, row: int, column: str, value: str) -> list[Problem]:
    """What the rules of a seed say of one changed cell."""
    [rules] = [rules for rules in checker.rules if rules.name == seed]
    cells = checker.rows[seed][row - 1]
    before, cells[column] = cells[column], value
    checker.problems, checker.found = [], set()
    checker.check_seed(rules, checker.tables())
    cells[column] = before
    return checker.problems


def reference_columns(checker: Checker) -> list[tuple[str, str]]:
    pairs = []
    for rules in checker.rules:
        free = FREE_FIGURES if rules.name.startswith("published_") else FREE.get(rules.name, set())
        pairs += [
            (rules.name, column)
            for column, kind in rules.types.items()
            if kind == "varchar" and column not in free and [column] not in rules.keys
        ]  # fmt: skip
    return pairs


def test_a_misspelt_name_is_found_in_every_column_that_names_something(checker):
    """A new column without a rule fails here, unless it is listed above as free text."""
    pairs = reference_columns(checker)
    assert len(pairs) > 100
    missed = []
    for seed, column in pairs:
        counts = Counter(row[column] for row in checker.rows[seed] if row[column])
        if not counts:
            continue
        value = counts.most_common(1)[0][0]
        row = next(number for number, cells in enumerate(checker.rows[seed], start=1) if cells[column] == value)
        found = problems_with(checker, seed, row, column, misspelt(value))
        if not any(problem.row == row and column in (problem.column or "").split(", ") for problem in found):
            missed.append(f"{seed}.{column}: {misspelt(value)}")
    assert missed == []


# seed, row, column, slip, what the message says
ROWS = [
    ("quality_rules", 1, "metric", "efective_sample_size", "did you mean 'effective_sample_size'?"),
    ("quality_rules", 1, "quality_grade", "do_not_publsh", "did you mean 'do_not_publish'?"),
    ("quality_rules", 1, "statistic", "shares", "did you mean 'share'?"),
    ("quality_rules", 1, "below", "", "is empty; a value is required"),
    ("quality_rules", 8, "below", "0.1", "0.1 is below at_least, which is 0.165"),
    ("partitions", 1, "member_id", "manufacturing_utilites", "did you mean 'manufacturing_utilities'?"),
    ("comparability_groups", 1, "comparability_group_id", "ai_use__caisa_sme", "did you mean 'ai_use__caisa_smes'?"),
    ("arithmetic_terms", 1, "figure_id", "caisa_0041_z", "did you mean 'caisa_0041_a'?"),
    ("arithmetic_terms", 1, "arithmetic_id", "caisa_response_rat", "did you mean 'caisa_response_rate'?"),
    ("headline_facets", 1, "facet", "populatoin", "did you mean 'population'?"),
    ("survey_waves", 1, "valid", "2200", "is below valid, which is 2200"),
    ("survey_waves", 1, "reference_period", "2024 Q4", "has not the right form; allowed: 2025, 2025-Q4"),
]  # fmt: skip


@pytest.mark.parametrize("slip", ROWS, ids=lambda slip: f"{slip[0]}-{slip[2]}-{slip[3][:12]}")
def test_a_slip_in_a_row_is_named_once_with_its_place(checker, slip):
    seed, row, column, value, expected = slip
    here = [problem for problem in problems_with(checker, seed, row, column, value) if problem.row == row]
    assert len(here) == 1, here
    assert expected in here[0].message
    assert f"{seed}.csv, row {row} (line {row + 1}), column " in str(here[0])


def settings_copy(folder: Path) -> Path:
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    (folder / "seeds").symlink_to(PROJECT / "seeds")
    return folder


SETTINGS = [
    ("disclosure_threshold: 5", "disclosure_threshold: five", "'five' (text) is not allowed; allowed: a whole number"),
    ("disclosure_threshold: 5", "disclosure_threshold: 0", "'0' is not allowed; allowed: a whole number from 3"),
    ("disclosure_threshold: 5", "disclosure_threshold: 2.5", "'2.5' is not allowed"),
    ("disclosure_threshold: 5", "disclosure_threshold: true", "'True' is not allowed"),
    ("disclosure_threshold: 5", 'disclosure_threshold: "5"', "'5' (text) is not allowed"),
    ("disclosure_threshold: 5", "disclosure_treshold: 5", "did you mean 'disclosure_threshold'?"),
    ("  disclosure_threshold: 5\n", "", "disclosure_threshold: is missing; allowed: a whole number from 3"),
    ("disclosure_threshold: 5", "disclosure_threshold: 5\n  disclosure_threshold: 3", "stands there twice"),
    ("dominance_share: 0.85", "dominance_share: 85", "'85' is not allowed; allowed: a number above 0 and below 1"),
    ("dominance_share: 0.85", "dominance_share: 0,85", "'0,85' (text) is not allowed"),
    ("dominance_share: 0.85", "dominance_share: .nan", "'nan' is not allowed"),
    ("response_checks: enforced", "response_checks: enforce", "did you mean enforced?"),
    ("demo: false", 'demo: "false"', "'false' (text) is not allowed; allowed: false; a demonstration is made by"),
    (
        "demo: false",
        "demo: true",
        "'True' is not allowed; allowed: false; a demonstration is made by `smv-ai build --demo`",
    ),
    ("confidence_level_z: 1.959963984540054", "confidence_level_z: 1.0", "'1.0' is not allowed"),
    ("confidence_level_z: 1.959963984540054", "confidence_level_z: 0.95", "'0.95' is not allowed"),
    ("responses_path: responses", "responses_path: ''", "'' (text) is not allowed; allowed: a folder"),
    ("weight_in_cell: auto", "weight_in_cell: automatic", "allowed: auto, always, never"),
    ("raking_rounds: 2000", "raking_rounds: 0", "'0' is not allowed; allowed: a whole number from 10"),
    ("not_asked: -1,", "not_asked: 1,", "reserved_codes.not_asked: '1' is not allowed"),
    ("no_answer: -2,", "no_answer: -1,", "two of the values are equal"),
    ("highest_reserved_number: -9000000000", "highest_reserved_number: -9000000002", "above all reserved_numbers"),
    ("[caisa_2025, dania_2025", "[caisa_2025, danai_2025", "did you mean 'dania_2025'?"),
    ("[caisa_2025, dania_2025", "[caisa_2025", "seeds/published/published_dania_2025.csv is not listed"),
    ("    - barrier_id\n", "", "barrier_id is missing; all dimensions stand there"),
    ("maturity_level_id, ai_use_group_id]", "maturity_level, ai_use_group_id]", "'maturity_level' is not in breakdown"),
    ("vars:\n", "vars: [\n", "is no well-formed YAML"),
]


@pytest.mark.parametrize("slip", SETTINGS, ids=lambda slip: slip[1].strip()[:40] or slip[0].strip())
def test_a_slip_in_a_setting_is_named(tmp_path, slip):
    old, new, expected = slip
    path = settings_copy(tmp_path) / "dbt_project.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        check_settings(tmp_path)
    assert expected in str(caught.value) and str(caught.value).count("dbt_project.yml") == 1


def test_settings_as_they_stand_are_accepted_and_a_change_is_told(tmp_path):
    check_settings(settings_copy(tmp_path))
    before = statistical_settings(tmp_path)
    assert changed_settings(before, before) == {} == changed_settings(None, before)
    assert changed_settings(before, before | {"disclosure_threshold": 10}) == {
        "disclosure_threshold": {"before": 5, "after": 10}
    }


def test_a_profile_of_another_database_and_a_misspelt_variable_are_named(tmp_path, monkeypatch):
    path = settings_copy(tmp_path) / "profiles.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("type: duckdb", "type: postgres"), encoding="utf-8")
    with pytest.raises(BadInputError, match="profiles.yml, type: 'postgres' is not allowed; allowed: duckdb"):
        check_settings(tmp_path)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SMV_AI_KEEPDAYS", "3")
    with pytest.raises(BadInputError, match="SMV_AI_KEEPDAYS: is no setting; did you mean SMV_AI_KEEP_DAYS?"):
        check_settings(tmp_path)
    monkeypatch.delenv("SMV_AI_KEEPDAYS")
    monkeypatch.setenv("SMV_AI_OVERDUE_HOURS", "２")
    with pytest.raises(SystemStateError, match="SMV_AI_OVERDUE_HOURS is '２'"):
        check_settings(tmp_path)


BROKEN = [
    ("minimum: 0", "minimun: 0", "seeds/responses/_responses.yml: cannot be read as rules of seeds"),
    ("in_range:", "in_rnge:", "no check of seed files is written for the test in_rnge"),
    ("    columns:\n", "    colums:\n", "cannot be read as rules of seeds"),
    ("seeds:\n", "seeds: [\n", "_responses.yml, line"),
]


@pytest.mark.parametrize("slip", BROKEN, ids=lambda slip: slip[1].strip())
def test_a_slip_in_a_property_file_is_named(tmp_path, slip):
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    path = seeds / "responses" / "_responses.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(slip[0], slip[1], 1), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        Checker(seeds)
    assert slip[2] in str(caught.value)


PLANS = [
    ("seed: 300", "seed: -300", "'-300' is not allowed; allowed: a whole number from 0"),
    ("[~, ~, 300]", "[~, ~, -300]", "'-300' is not allowed"),
    ("{1: 39, 2: 11", "{1: -39, 2: 11", "'-39' is not allowed; allowed: a number from 0"),
    ("barrier_data: 0.1", "barrier_data: 1.1", "'1.1' is not allowed; allowed: a share from 0 to 1"),
    ("answers:\n", "answer:\n", "unknown answer"),
    ("answers:\n", "answers: [\n", "demo/ti_2025.yml"),
]


def copied(folder: Path) -> Path:
    """A copy of the project without a lock of accepted rows: nothing but the rules finds a slip."""
    copy_project(folder)
    shutil.copytree(PROJECT / "demo", folder / "demo")
    (folder / "seeds" / LOCK_NAME).write_text("", encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied(tmp_path / "project")


@pytest.mark.parametrize("slip", PLANS, ids=lambda slip: slip[1].strip())
def test_a_slip_in_a_plan_is_named(project, slip):
    path = project / "demo" / "ti_2025.yml"
    text = path.read_text(encoding="utf-8")
    assert slip[0] in text
    path.write_text(text.replace(slip[0], slip[1], 1), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        check_project(project)
    assert "demo/ti_2025.yml" in str(caught.value) and slip[2] in str(caught.value)


def test_a_plan_that_would_not_be_read_and_one_with_an_unknown_code_are_named(project):
    plan = project / "demo" / "ti_2025.yml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("{10_49: 70,", "{10_45: 70,", 1), encoding="utf-8")
    with pytest.raises(
        BadInputError, match="demo/ti_2025.yml: '10_45' in column size_class_id is no code; did you mea"
    ):
        check_project(project)
    plan.rename(plan.with_suffix(".yaml"))
    with pytest.raises(BadInputError, match=r"demo/ti_2025.yaml: does not end in .yml"):
        check_project(project)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a survey of its own, whose responses are in order."""
    folder = copied(tmp_path_factory.mktemp("sound") / "project")
    add_survey(folder, answers())
    check_project(folder)
    return folder


@pytest.fixture
def survey(sound: Path, tmp_path: Path) -> Path:
    """A copy of that, to be damaged."""
    return shutil.copytree(sound, tmp_path / "project")


FOLDER = f"responses/survey_id={SURVEY}/survey_wave_id={WAVE}"


def move(old: str, new: str) -> Callable[[Path], object]:
    def rename(root: Path) -> None:
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / old).rename(root / new)

    return rename


def part_folder(root: Path) -> None:
    (root / FOLDER / "responses.parquet").rename(root / "part")
    (root / FOLDER / "responses.parquet").mkdir()
    (root / "part").rename(root / FOLDER / "responses.parquet" / "part-0.parquet")


def no_rows(root: Path) -> None:
    with duckdb.connect() as connection:
        path = root / FOLDER / "responses.parquet"
        connection.execute(f"create table t as from '{path}' limit 0")
        connection.execute(f"copy t to '{path}' (format parquet)")


FILES = {
    "ending in capitals": (move(f"{FOLDER}/responses.parquet", f"{FOLDER}/responses.PARQUET"), "does not end in .parq"),
    "another ending": (move(f"{FOLDER}/responses.parquet", f"{FOLDER}/responses.parquet.gz"), "name it responses.parq"),
    "folder of parts": (part_folder, "is a folder, so what is in it would not be read"),
    "dangling link": (lambda root: (root / FOLDER / "b.parquet").symlink_to(root / "gone"), "is a link to nothing"),
    "no survey folder": (move(f"responses/survey_id={SURVEY}", f"responses/{SURVEY}"), "is not a folder survey_id="),
    "no wave folder": (move(FOLDER, f"responses/survey_id={SURVEY}/{WAVE}"), "is not a folder survey_wave_id="),
    "no rows": (no_rows, "has no rows"),
    "zero bytes": (lambda root: (root / FOLDER / "b.parquet").touch(), "it is empty, 0 bytes"),
    "another survey": (move(FOLDER, f"responses/survey_id=ti/survey_wave_id={WAVE}"), "is of survey fjord, not 'ti'"),
    "unknown wave": (move(FOLDER, f"{FOLDER[:-4]}2025"), "did you mean 'fjord_2026'"),
    "wave twice": (
        lambda root: shutil.copytree(root / FOLDER, root / f"responses/survey_id=ti/survey_wave_id={WAVE}"),
        "lies in responses/survey_id=fjord",
    ),
    "file at the top": (lambda root: (root / "responses" / "a.parquet").touch(), "responses lie in"),
    "no file": (lambda root: (root / FOLDER / "responses.parquet").unlink(), "holds no file"),
    "hidden": (move(f"{FOLDER}/responses.parquet", f"{FOLDER}/.responses.parquet"), "is a hidden file"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_what_would_not_be_read_below_responses_is_named(survey, kind):
    damage, expected = FILES[kind]
    damage(survey)
    with pytest.raises(BadInputError) as caught:
        check_project(survey)
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    assert expected in str(caught.value) and "responses/" in str(caught.value)


def test_files_of_systems_are_passed_over_and_a_misspelt_path_is_named(survey):
    (survey / "responses" / ".DS_Store").touch()
    (survey / FOLDER / "README.md").touch()
    assert folder_faults(survey) == []
    path = survey / "dbt_project.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("responses_path: responses", "responses_path: respones", 1), encoding="utf-8")
    [fault] = folder_faults(survey)
    assert "there is no folder 'respones'" in fault


def test_a_code_of_no_list_and_a_value_of_no_file_are_named(survey):
    write_wave(survey / "responses", SURVEY, WAVE, [row | {"industry_id": "constuction"} for row in answers()])
    with pytest.raises(
        BadInputError, match=f"wave_id={WAVE}: 'constuction' in column industry_id is no code; did you m"
    ):
        check_project(survey)
    write_wave(survey / "responses", SURVEY, WAVE, [row | {"size": "small"} for row in answers()])
    path = survey / "surveys" / f"{WAVE}.yml"
    text = path.read_text("utf-8")
    path.write_text(f"{text}valid: size = smal\n", encoding="utf-8")
    line = len(text.splitlines()) + 1
    with pytest.raises(BadInputError, match=f"line {line}, valid: 'smal' is no value of size; did you mean 'small'"):
        check_project(survey)


@pytest.mark.slow
def test_a_demonstration_file_that_is_gone_or_changed_is_written_again(project, tmp_path):
    for plan in (project / "demo").glob("*.yml"):
        if plan.stem != "dania_2025":
            plan.unlink()
    target = tmp_path / "demo_responses"
    assert write_responses(project, target)
    [file] = target.rglob("*.parquet")
    content = file.read_bytes()
    assert not write_responses(project, target)
    damages = [
        file.unlink,
        lambda: file.write_bytes(content[:-1]),
        lambda: shutil.copy(file, file.with_name("b.parquet")),
    ]
    for damage in damages:
        damage()
        assert write_responses(project, target)
        assert [path.read_bytes() for path in target.rglob("*.parquet")] == [content]


def expectation(kind: str, **kwargs: object) -> dict:
    return {"type": kind, "kwargs": kwargs, "meta": {"why": "a test"}}


GOOD = expectation("expect_column_values_to_not_be_null", column="x")
SUITES = {
    "unknown type": (
        [GOOD, expectation("expect_column_values_to_not_be_nul", column="x")],
        "is no type of expectation",
    ),
    "unknown argument": (
        [GOOD, expectation("expect_table_row_count_to_be_between", minimum=3)],
        "expectation 2: expect_",
    ),
    "column that is not there": ([GOOD, expectation("expect_column_values_to_be_unique", column="y")], "not evaluated"),
    "unknown parameter": (
        [GOOD, expectation("expect_table_row_count_to_be_between", min_value={"$PARAMETER": "rows_befor * 0.9"})],
        "rows_befor",
    ),
    "not met": ([expectation("expect_table_row_count_to_be_between", min_value=3)], "found 2"),
    "empty": ([], "holds no expectation"),
}


@pytest.fixture
def suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of suites, and beside it a built file with one fact table."""
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.fct_x as select unnest([1, 2]) as x")
    folder = tmp_path / "expectations"
    folder.mkdir()
    monkeypatch.setattr(audit, "SUITES_DIR", folder)
    return folder


def write_suite(folder: Path, expectations: list[dict], name: str = "fct_x") -> None:
    (folder / f"{name}.json").write_text(json.dumps({"name": name, "expectations": expectations}), encoding="utf-8")


def refusal(suites: Path) -> str:
    with pytest.raises(AuditError) as caught:
        audit.audit(suites.parent / "build.duckdb", suites.parent / "docs")
    assert caught.value.exit_code == ExitCode.AUDIT_REFUSED
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SUITES)
def test_an_expectation_that_is_not_evaluated_refuses_the_build(suites, kind):
    write_suite(suites, SUITES[kind][0])
    assert SUITES[kind][1] in refusal(suites)


@pytest.mark.slow
def test_a_table_that_lost_a_tenth_of_its_rows_refuses_the_build(suites):
    write_suite(
        suites, [expectation("expect_table_row_count_to_be_between", min_value={"$PARAMETER": "rows_before * 0.9"})]
    )
    file, docs = suites.parent / "build.duckdb", suites.parent / "docs"
    with pytest.raises(AuditError, match="marts.fct_x: .*'min_value': 18.*; found 2"):
        audit.audit(file, docs, rows_before={"fct_x": 20})
    for before in (None, {}, {"fct_x": 2}, {"fct_x": 1}, {"fct_y": 10}):
        audit.audit(file, docs, rows_before=before)


@pytest.mark.slow
def test_suites_that_are_met_are_counted_and_those_of_no_table_or_none_refuse(suites):
    write_suite(suites, [GOOD])
    done = audit.audit(suites.parent / "build.duckdb", suites.parent / "docs")
    assert done == "audit: 1 expectations on 1 tables, all met"
    write_suite(suites, [GOOD], "fct_xx")
    assert "expectations/fct_xx.json: there is no table marts.fct_xx; did you mean 'fct_x'?" in refusal(suites)
    (suites / "fct_xx.json").unlink()
    (suites / "fct_x.json").rename(suites / "fct_x.jsn")
    assert "expectations/fct_x.jsn: does not end in .json" in refusal(suites)
    (suites / "fct_x.jsn").unlink()
    assert "holds no suite" in refusal(suites)
    (suites / "fct_x.json").write_text("{", encoding="utf-8")
    assert "expectations/fct_x.json: cannot be read as JSON" in refusal(suites)


@pytest.mark.slow
def test_a_table_without_a_suite_refuses(suites):
    write_suite(suites, [GOOD])
    with duckdb.connect(str(suites.parent / "build.duckdb")) as connection:
        connection.execute("create table marts.mart_y as select 1 as y; create table marts.dim_z as select 1 as z")
    assert "marts.mart_y: has no suite" in refusal(suites) and "dim_z" not in refusal(suites)


def test_what_vanished_since_the_release_before_is_named():
    before = vanished.Holding(
        {"fct_x": 5, "fct_y": 2, "dim": 1}, {("a", "estimated"), ("b", "synthetic"), ("c", "synthetic")}
    )
    after = vanished.Holding({"fct_x": 0, "dim": 1}, {("a", "synthetic"), ("b", "estimated")})
    assert vanished.vanished(before, after, Kind.DEMONSTRATION) == [
        "wave a: no rows with evidence_type 'estimated' any more",
        "wave b: no rows with evidence_type 'synthetic' any more",
        "wave c: no rows with evidence_type 'synthetic' any more",
        "table fct_x: no rows any more, 5 before",
        "table fct_y: gone",
    ]
    assert vanished.vanished(before, after, Kind.WAREHOUSE) == [
        "wave a: no rows with evidence_type 'estimated' any more",
        "table fct_x: no rows any more, 5 before",
        "table fct_y: gone",
    ]
    assert vanished.vanished(before, before, Kind.DEMONSTRATION) == []
    with pytest.raises(BadInputError, match="(?s)release r had .*table fct_y: gone.*--accept-missing"):
        vanished.refuse_vanished(["table fct_y: gone"], "r")


def slip_domain(project: Path) -> None:
    path = project / "surveys" / "caisa_2024.yml"
    path.write_text(
        path.read_text("utf-8").replace("where: ai_use_group_id", "where: ai_use_grup_id"), encoding="utf-8"
    )


def slip_threshold(project: Path) -> None:
    path = project / "dbt_project.yml"
    path.write_text(path.read_text("utf-8").replace("threshold: 5", "threshold: five"), encoding="utf-8")


def slip_suite(project: Path) -> None:
    write_suite(project / "expectations", [], "mart_adoption")


@pytest.mark.parametrize(
    ("slip", "code"),
    [(slip_domain, ExitCode.BAD_INPUT), (slip_threshold, ExitCode.BAD_INPUT), (slip_suite, ExitCode.AUDIT_REFUSED)],
)
def test_the_command_refuses_a_slip_and_releases_nothing(project, tmp_path, slip, code):
    slip(project)
    done = run_build(project, tmp_path / "releases")
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "releases" / "current").exists()
