"""What survey files say and what follows from it: the schema, the examples of the guide, and rules one by one."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pyarrow
import pytest
import yaml
from dbt.adapters.duckdb.utils import SourceConfig
from support import sixth_survey, smallest_survey
from support.project import PROJECT

from smv_ai.errors import BadInputError
from smv_ai.survey import dbt_plugin
from smv_ai.survey.file import schema
from smv_ai.survey.file.conditions import rule_from
from smv_ai.survey.file.expansion import expanded_rows, read_surveys
from smv_ai.survey.response_files import check_survey_files

GUIDE = (PROJECT / "docs" / "survey_file.md").read_text(encoding="utf-8")
EXAMPLES = dict(
    zip(re.findall(r"`surveys/(\w+)\.yml`", GUIDE), re.findall(r"```yaml\n(.*?)```", GUIDE, re.S), strict=False)
)
OWN = {"smallest": smallest_survey.FILE, "sixth": sixth_survey.FILE, **EXAMPLES}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seeds").symlink_to(PROJECT / "seeds")
    (tmp_path / "surveys").mkdir()
    (tmp_path / "dbt_project.yml").symlink_to(PROJECT / "dbt_project.yml")
    return tmp_path


def rows_of(project: Path, text: str, wave: str = "harbour_2026") -> dict[str, list[dict]]:
    (project / "surveys" / f"{wave}.yml").write_text(text, encoding="utf-8")
    check_survey_files(project)
    return expanded_rows(project)


def test_the_schema_beside_the_files_is_the_one_of_the_models():
    assert (PROJECT / "surveys" / schema.NAME).read_text(encoding="utf-8") == schema.text(), (
        "write it anew: python -m smv_ai.survey.file.schema"
    )


@pytest.mark.parametrize("path", sorted((PROJECT / "surveys").glob("*.yml")), ids=lambda path: path.stem)
def test_the_schema_accepts_every_survey_file(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={schema.NAME}\n")
    jsonschema.validate(_as_json(yaml.safe_load(text)), schema.schema())


@pytest.mark.parametrize("name", OWN)
def test_the_schema_accepts_every_example_and_refuses_a_key_that_does_not_exist(name):
    content = _as_json(yaml.safe_load(OWN[name]))
    jsonschema.validate(content, schema.schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"tabels": []}, schema.schema())


def _as_json(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _as_json(part) for key, part in value.items()}
    return [_as_json(part) for part in value] if isinstance(value, list) else value


def test_the_guide_shows_the_smallest_and_a_full_file(project):
    assert list(EXAMPLES) == ["quay_2026", "harbour_2027"]
    assert len(EXAMPLES["quay_2026"].splitlines()) <= 12
    for wave, text in EXAMPLES.items():
        rows_of(project, text, wave)


def test_a_condition_is_read_as_it_is_written():
    rule = rule_from("at least 2 of a, b, c in (1, 2) and d = x or all of e_* = 0")
    assert [[(c.columns, c.values, c.needed()) for c in part] for part in rule.alternatives] == [
        [(("a", "b", "c"), ("1", "2"), 2), (("d",), ("x",), 1)],
        [(("e_*",), ("0",), 1)],
    ]
    assert rule.among(["e_1", "e_2", "f"]).alternatives[1][0].needed() == 2
    assert rule_from({"a": "1", "b": ["2", "3"]}).alternatives == rule_from("a in (1) and b in (2, 3)").alternatives
    for wrong in ("", "a", "a = ", "a, b = 1", "at least 3 of a, b = 1", "a = 1 and", "a in 1, 2", None, ["a"]):
        with pytest.raises(ValueError, match="write 'column = value'|from 1 to 2|begin with 'any of'"):
            rule_from(wrong)


def test_routing_by_several_questions_is_a_column_that_is_made(project):
    text = smallest_survey.FILE.replace("trust in (1, 2)", "trust = 1 and size = small or trust = 2")
    rows = rows_of(project, text)
    [pays] = [row for row in rows["response_items"] if row["item_id"] == "pays"]
    made_name = pays["asked_if_column"]
    assert made_name.startswith("asked_if__") and pays["asked_if_values"] == "yes"
    made = [row for row in rows["derived_columns"] if row["column_name"] == made_name]
    assert [(row["rule_order"], row["if_columns"], row["if_values"]) for row in made] == [
        (1, "trust", "1"), (1, "size", "small"), (2, "trust", "2")
    ]  # fmt: skip


def test_a_question_that_is_not_asked_of_all_has_a_base_of_its_own(project):
    """A share is of those who were asked, and says so."""
    rows = rows_of(project, smallest_survey.FILE, "quay_2026")
    bases = {row["base_population_id"]: row["label_en"] for row in rows["base_populations"]}
    assert bases == {
        "quay_all": "Firms – The quay",
        "quay_pays__asked": "Firms – The quay (Do you trust AI?: Yes/Maybe)",
    }
    assert {row["base_population_id"] for row in rows["estimation_measures"]} == set(bases)
    assert {row["base_population_id"] for row in rows["comparability_groups"]} == set(bases)


@pytest.mark.parametrize("base", ["dst_micro_firms", "no_base"])
def test_a_base_of_the_catalogue_gives_its_name_to_those_who_are_asked(project, base):
    """Also where it is of another survey or does not exist, which is for the check to say."""
    text = smallest_survey.FILE + f"base: {base}\n"
    (project / "surveys" / "quay_2026.yml").write_text(text, encoding="utf-8")
    [asked] = [row for row in expanded_rows(project)["base_populations"] if "__asked" in row["base_population_id"]]
    assert asked["label_en"].endswith(" (Do you trust AI?: Yes/Maybe)")
    assert asked["label_en"].startswith("Micro firms") == (base == "dst_micro_firms")


def test_a_breakdown_by_a_question_leaves_out_who_gave_no_answer(project):
    rows = rows_of(project, smallest_survey.FILE)
    columns = [row["breakdown_columns"] for row in rows["estimation_breakdowns"]]
    assert columns == [None, "size", "trust__group"]
    groups = [row for row in rows["derived_columns"] if row["column_name"] == "trust__group"]
    assert [(row["value"], row["if_values"]) for row in groups] == [("1", "1"), ("2", "2"), ("3", "3")]
    assert {row["label_en"] for row in rows["group_labels"]} >= {"Size: Small", "Do you trust AI?: Maybe"}


def test_a_wave_takes_over_what_it_does_not_say(project):
    rows_of(project, smallest_survey.FILE, "quay_2026")
    later = "survey: quay\nwave: {continues: quay_2026}\nquestions:\n  pays:\n  age: {options: {1: Ung, 2: Gammel}}\n"
    rows = rows_of(project, later, "quay_2027")
    items = [row["item_id"] for row in rows["response_items"] if row["survey_wave_id"] == "quay_2027"]
    assert items == ["trust", "age"]
    [wave] = [row for row in rows["survey_waves"] if row["survey_wave_id"] == "quay_2027"]
    assert wave["previous_survey_wave_id"] == "quay_2026"


def test_waves_with_other_margins_are_calibrated_each_to_its_own(project):
    first = smallest_survey.FILE + "calibrate: {margins: {size: {small: 900, large: 100}}}\n"
    rows_of(project, first, "quay_2026")
    later = (
        "survey: quay\nwave: {continues: quay_2026}\nchange: {since: quay_2026, panel: true}\n"
        "calibrate: {margins: {size: {small: 950, large: 110}}}\n"
    )
    rows = rows_of(project, later, "quay_2027")
    margins = [row for row in rows["calibration_margins"] if row["margin_set_id"] == "quay_2027_change"]
    assert [(row["within_category"], row["population_count"]) for row in margins] == [
        ("quay_2026", 900), ("quay_2026", 100), ("quay_2027", 950), ("quay_2027", 110)
    ]  # fmt: skip
    designs = {row["design_id"]: row for row in rows["estimation_designs"]}
    change = designs["quay_2027_change"]
    assert (change["has_psu"], change["stratum_scope"], change["calibration_within_column"]) == (
        True, "shared", "survey_wave_id"
    )  # fmt: skip
    assert change["measure_set_id"] == "quay_2027"
    assert all(row["has_change"] is None for row in rows["estimation_measures"])


def test_a_change_is_estimated_of_what_both_waves_define_alike(project):
    """A question that is new, has other answers, or is asked by another rule has none; a label may change."""
    first = """\
survey: {id: quay, label: Kajen | The quay}
tables: [total, size]
bases: {all: Alle | All, users: {label: Brugere | Users, where: uses_ai = 1}}
groups: {size: {rules: {small: staff = 1, large: else}}}
questions:
  uses_ai: {label: Bruger I AI?, options: yes_no}
  staff: {options: {1: Få, 2: Mange}}
  trust: {options: {1: Ja, 2: Nej}}
  pays: {options: yes_no, asked_if: "trust in (1, 2)"}
  plans: {options: yes_no, base: users}
  daily: {options: yes_no, asked_if: trust = 1 and staff = 2}
  often: {options: yes_no, rules: {1: daily = 1, 0: else}}
  money: {number: true, mean: kroner}
units: {kroner: Kroner, dage: Dage}
"""
    rows_of(project, first, "quay_2026")
    later = """\
survey: quay
wave: {continues: quay_2026}
change: {since: quay_2026}
questions:
  uses_ai: {label: Bruger virksomheden AI?, options: yes_no}
  trust: {options: {1: Ja, 2: Måske, 3: Nej}}
  money: {number: true, mean: dage}
  age: {options: {1: Ung, 2: Gammel}}
"""
    rows = rows_of(project, later, "quay_2027")
    found = {row["measure_id"]: row["has_change"] for row in rows["estimation_measures"]
             if row["measure_set_id"] == "quay_2027"}  # fmt: skip
    changed = {name for name, has_change in found.items() if has_change is None}
    assert changed == {"uses_ai", "staff_1", "staff_2", "plans"}
    assert {name for name, has_change in found.items() if has_change is False} >= {
        "trust_1", "trust_2", "trust_3", "pays", "daily", "often", "money_mean", "age_1"
    }  # fmt: skip


def test_a_file_is_read_again_when_it_changes(project):
    before = rows_of(project, smallest_survey.FILE)
    assert read_surveys(project) is read_surveys(project)
    after = rows_of(project, smallest_survey.FILE.replace("3: Nej", "4: Nej"))
    assert [row["code"] for row in before["response_options"]][2] == 3
    assert [row["code"] for row in after["response_options"]][2] == 4


def test_dbt_is_given_the_tables_of_the_project_that_it_runs_wherever_it_was_started(project, tmp_path, monkeypatch):
    (project / "surveys" / "quay_2026.yml").write_text(smallest_survey.FILE, encoding="utf-8")
    monkeypatch.chdir("/")
    monkeypatch.setattr(dbt_plugin, "get_flags", lambda: SimpleNamespace(PROJECT_DIR=str(project)))

    def loaded(table: str, **meta: str) -> pyarrow.Table:
        source = SourceConfig(name=table, identifier=table, schema="surveys", database=None, meta=meta, tags=[])
        return dbt_plugin.Plugin("dbt_plugin", {}).load(source)

    items = loaded("response_items")
    assert items.column("item_id").to_pylist() == ["trust", "pays"]
    # a column without a value has its type all the same
    assert items.schema.field("asked_if_column").type == pyarrow.string()
    assert loaded("calibration_margins").schema.field("population_count").type == pyarrow.float64()
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "estimation_scores.csv").write_text("measure_set_id,code,score\na,3,0.5\n", encoding="utf-8")
    [score] = loaded("estimation_scores", tables_path=str(tmp_path / "tables")).to_pylist()
    assert score == {"measure_set_id": "a", "measure_id": None, "code": 3, "score": 0.5}


def test_a_change_needs_something_alike_and_groups_made_alike(project):
    first = smallest_survey.FILE.replace("  size: {", "  size: {rules: {small: trust = 3, large: else}, ")
    rows_of(project, first, "quay_2026")
    start = "survey: quay\nwave: {continues: quay_2026}\nchange: {since: quay_2026}\n"
    other_groups = start + "groups: {size: {rules: {small: trust = 1, large: else}}}\n"
    with pytest.raises(BadInputError) as caught:
        rows_of(project, other_groups, "quay_2027")
    assert "line 3, change.since: 'size' is not made alike in quay_2026; leave it out of the tables" in str(
        caught.value
    )
    assert rows_of(
        project, other_groups.replace("quay_2026}\ngroups", "quay_2026, tables: [total]}\ngroups"), "quay_2027"
    )
    other_questions = start + "questions:\n  trust: {options: {1: Ja, 2: Nej}}\n  pays:\ntables: [total]\n"
    with pytest.raises(BadInputError, match="line 3, change: no estimate is defined alike in both waves"):
        rows_of(project, other_questions, "quay_2027")


OTHERWISE = [
    ("calibrate: {margins: {size: {small: 9, large: 1}}}\n", "", "quay_2026 is calibrated otherwise"),
    ("", "calibrate: {margins: {size: {small: 9, large: 1}}}\n", "quay_2026 is calibrated otherwise"),
    ("trim: {upper: 9}\n", "trim: {upper: 8}\n", "quay_2026 has weights trimmed otherwise"),
    ("replicates: {columns: [a, b], method: BRR}\n", "replicates:\n", "those of quay_2026 are of one sample"),
    ("", "replicates: {columns: [a, b], method: BRR}\n", "a change is not estimated with replicate weights"),
    ("calibrate: {method: linear, firms: 9, totals: {a: 9}}\n", "", "totals: those of quay_2026 are of one sample"),
]


@pytest.mark.parametrize("case", OTHERWISE, ids=lambda case: case[2])
def test_a_change_of_waves_that_are_weighted_otherwise_is_refused(project, case):
    earlier, later, expected = case
    rows_of(project, f"{smallest_survey.FILE}{earlier}", "quay_2026")
    text = f"survey: quay\nwave: {{continues: quay_2026}}\nchange: {{since: quay_2026}}\n{later}"
    if not later:
        text += "calibrate:\n"
    with pytest.raises(BadInputError) as caught:
        rows_of(project, text, "quay_2027")
    assert re.search(rf"quay_2027.yml, line 3, change: .*{re.escape(expected)}", str(caught.value))
