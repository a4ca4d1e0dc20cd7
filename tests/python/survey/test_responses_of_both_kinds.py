"""Real and demonstration responses: which are read, how they are told apart, and what stops the build."""

from __future__ import annotations

import pytest
from support.estimation_project import build, frame, plain_catalogue, respondents, write_wave

from smv_ai.errors import BuildError

REAL = respondents({"a": 40, "b": 40})
MADE_UP = [row | {"respondent_id": f"demo_{row['respondent_id']}", "q1": 1} for row in REAL]
FOLDERS = {"both": "responses", "demo_only": "demo_responses", "real_only": "responses"}


def catalogue() -> dict[str, list[dict]]:
    """Three waves and the changes between them."""
    rows = plain_catalogue(list(FOLDERS))
    level = rows["estimation_designs"][0]
    rows["estimation_designs"] += [
        {
            **level,
            "design_id": f"change_{earlier}",
            "survey_wave_id": "both",
            "earlier_survey_wave_id": earlier,
            "change_column": "survey_wave_id",
            "change_from": earlier,
            "change_to": "both",
        }
        for earlier in ("demo_only", "real_only")
    ]
    return rows


def built(folder, demo: bool) -> dict:
    """Rows of the models that tell the evidence, from real and demonstration files of the three waves."""
    write_wave(folder / "demonstration", "test", "both", MADE_UP)
    write_wave(folder / "demonstration", "test", "demo_only", MADE_UP)
    variables = {"demo": demo, "demo_responses_path": str(folder / "demonstration")}
    waves = {("test", "both"): REAL, ("test", "real_only"): REAL}
    database = build(folder / "project", catalogue(), waves, "+int_estimates_described", variables)
    designs = "select distinct design_id, evidence_type, source_file from intermediate.int_estimates_described"
    return {
        "designs": frame(database, designs).set_index("design_id"),
        "estimates": frame(database, "select * from intermediate.int_estimates_protected"),
    }


def test_real_responses_come_before_made_up_ones(tmp_path) -> None:
    found = built(tmp_path, demo=True)
    evidence = {
        "both": "estimated",
        "demo_only": "synthetic",
        "real_only": "estimated",
        "change_real_only": "estimated",
    }
    assert found["designs"]["evidence_type"].to_dict() == evidence
    assert found["designs"].loc["demo_only", "source_file"] == (
        "demo_responses/survey_id=test/survey_wave_id=demo_only"
    )
    assert found["designs"].loc["change_real_only", "source_file"] == ("responses/survey_id=test/survey_wave_id=both")
    estimates = found["estimates"]
    assert set(estimates["design_id"]) == set(evidence), "a change between real and made-up answers is none"
    totals = estimates[estimates["segment"] == ""].set_index("design_id")["estimate"]
    assert totals["demo_only"] == 1
    assert totals["both"] == totals["real_only"] < 1


def test_without_the_demonstration_only_real_responses_are_read(tmp_path) -> None:
    found = built(tmp_path, demo=False)
    assert set(found["designs"].index) == {"both", "real_only", "change_real_only"}
    assert set(found["estimates"]["design_id"]) == set(found["designs"].index)


def test_responses_in_the_wrong_folder_stop_the_build(tmp_path) -> None:
    """Made-up respondents among real ones and the other way round, and made-up margins for real answers."""
    rows = plain_catalogue(["mixed", "unmarked", "margins"])
    rows["estimation_designs"][2] |= {
        "calibration_method": "raking", "residual_weights": "base", "margin_set_id": "made_up",
    }  # fmt: skip
    rows["calibration_margins"] = [
        {
            "margin_set_id": "made_up",
            "column_name": "size",
            "category": size,
            "population_count": 1000,
            "is_demonstration": "true",
        }
        for size in ("small", "large")
    ]
    write_wave(tmp_path / "demonstration", "test", "unmarked", [*MADE_UP[:-1], REAL[-1]])
    waves = {("test", "mixed"): [*REAL[:-1], MADE_UP[-1]], ("test", "margins"): REAL}
    with pytest.raises(BuildError) as error:
        build(
            tmp_path / "project", rows, waves, "+int_estimates",
            {"demo_responses_path": str(tmp_path / "demonstration")},
        )  # fmt: skip
    lines = [line.strip() for line in str(error.value).splitlines() if "Survey test, wave" in line]
    assert lines == [
        "Survey test, wave margins: design margins calibrates real responses to margin set made_up, of which 2 rows "
        "are made up for the demonstration [margins_are_real]",
        "Survey test, wave mixed: respondents of the demonstration (demo_…) stand among real responses; they belong "
        "into the folder of the demonstration, rows: 1 (respondents demo_b-0039) [real_not_demonstration]",
        "Survey test, wave unmarked: respondent ids of the demonstration do not begin with demo_; real responses "
        "belong into the folder of the responses, rows: 1 (respondents b-0039) [demonstration_is_marked]",
    ]
