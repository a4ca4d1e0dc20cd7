"""The kept exports of five tools give the same responses, cell by cell, design columns of the frame and all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from support import intake_project

from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BadInputError
from smv_ai.intake import certificate, store

EXPORTS = PROJECT_DIR / "tests" / "exports"
SAMPLE = EXPORTS / "frame" / "sample.csv"
FILES = {
    "surveyxact": [f"surveyxact_csv/{part}_1636525.csv" for part in ("dataset", "structure", "labels", "variables")],
    "qualtrics_codes": ["qualtrics/numeric_split.csv", "qualtrics/survey.qsf"],
    "qualtrics_texts": ["qualtrics/choice_text_joined.csv", "qualtrics/survey.qsf"],
    "limesurvey_codes": ["limesurvey/results-survey123456_codes.csv", "limesurvey/limesurvey_survey_123456.lss"],
    "limesurvey_texts": ["limesurvey/results-survey123456_texts.csv", "limesurvey/limesurvey_survey_123456.lss"],
    "msforms": ["msforms/Fjordbarometer 2026(1-43).xlsx"],
    "spss": ["spss/fjordbarometer_2026.sav"],
}
TEXTS = ("respondent_id", "stratum_id", "industry_id", "size_class_id")


def truth() -> list[dict[str, object]]:
    """The expected responses: texts as they are, all else as numbers."""
    with (EXPORTS / "truth" / "canonical.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: value if name in TEXTS else float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize("case", FILES)
def test_the_export_gives_the_kept_responses(case: str, tmp_path: Path):
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, [EXPORTS / name for name in FILES[case]], frame=SAMPLE)
    assert f"tool: {case.partition('_')[0]}\n" in text and "DECIDE" in text
    load = intake_project.load(project)
    rows, expected = intake_project.responses(project), truth()
    assert len(expected) == 40
    assert [{name: row.get(name) for name in expected[0]} for row in rows] == expected
    assert not any("q8" in name or "mail" in name.lower() for name in rows[0])
    counts = load.said["counts"]
    assert counts["rows_in"] == counts["loaded"] + sum(counts["set_aside"].values()) and counts["loaded"] == 40
    back = certificate.rebuilt(load.folder, store.responses_file(project, "fjord", intake_project.WAVE))
    assert back and all(len(cells) == 40 for cells in back.values())


def sample_of(folder: Path, change) -> Path:
    """The kept sample with changed lines."""
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    path = folder / "sample.csv"
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines, lines[2]], r"sample\.csv: 'F0002' stands twice in firm_key"),
        (
            lambda lines: [lines[0], *(line.replace(";310;", ";mange;") for line in lines[1:])],
            r"sample\.csv: 'mange' in stratum_population_size of F0001 is no number above 0",
        ),
        (lambda lines: [lines[0], f"{lines[1]};7", *lines[2:]], r"sample\.csv: row 2 has 7 cells"),
        (
            lambda lines: [lines[0].replace("stratum_population_size", "firms_in_stratum"), *lines[1:]],
            r"sample\.csv: has no column 'stratum_population_size' \(frame\.population\)",
        ),
    ],
)
def test_a_frame_that_cannot_be_joined_is_refused(change, message: str, tmp_path: Path):
    project = intake_project.new_project(tmp_path / "project")
    intake_project.draft(project, [EXPORTS / name for name in FILES["qualtrics_codes"]], frame=SAMPLE)
    file = project / "surveys" / f"{intake_project.WAVE}.yml"
    text = file.read_text(encoding="utf-8").replace(str(SAMPLE), str(sample_of(tmp_path, change)))
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=message):
        intake_project.load(project)


def test_a_firm_that_is_not_in_the_frame_is_kept_apart(tmp_path: Path):
    import pyarrow.parquet as parquet

    project = intake_project.new_project(tmp_path / "project")
    sample = sample_of(tmp_path, lambda lines: [line for line in lines if not line.startswith("F0002;")])
    intake_project.draft(project, [EXPORTS / name for name in FILES["qualtrics_codes"]], frame=sample)
    load = intake_project.load(project)
    kept = parquet.read_table(load.folder / "kept_rows.parquet").to_pylist()
    assert [json.loads(row["content"]) for row in kept if "frame" in row["rule"]]
    rows = intake_project.responses(project)
    assert len(rows) == 39
    # one answer of the stratum fewer: the others stand for its firms
    weights = {row["stratum_id"]: row["design_weight"] * sum(
        other["stratum_id"] == row["stratum_id"] for other in rows) for row in rows}  # fmt: skip
    assert {row["stratum_id"]: row["stratum_population_size"] for row in rows} == pytest.approx(weights)
