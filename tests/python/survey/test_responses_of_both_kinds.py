"""Real and demonstration responses: never both are read, how they are told apart, and what stops the build."""

from __future__ import annotations

import pytest
from support.estimation_project import build, frame, plain_catalogue, respondents, write_wave

from smv_ai.errors import BuildError
from smv_ai.golden.build import DEMO_RESPONSES

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
    write_wave(folder / DEMO_RESPONSES, "test", "both", MADE_UP)
    write_wave(folder / DEMO_RESPONSES, "test", "demo_only", MADE_UP)
    waves = {("test", "both"): REAL, ("test", "real_only"): REAL}
    database = build(folder, catalogue(), waves, "+int_estimates_described", {"demo": demo})
    designs = "select distinct design_id, evidence_type, source_file from intermediate.int_estimates_described"
    return {
        "designs": frame(database, designs).set_index("design_id"),
        "estimates": frame(database, "select * from intermediate.int_estimates_protected"),
    }


@pytest.mark.parametrize(
    ("demo", "evidence_type", "waves", "folder", "share"),
    [
        (True, "synthetic", {"both", "demo_only", "change_demo_only"}, "demo_responses", 1),
        (False, "estimated", {"both", "real_only", "change_real_only"}, "responses", pytest.approx(0.375, abs=0.2)),
    ],
)
def test_responses_of_one_kind_alone_are_read(tmp_path, demo, evidence_type, waves, folder, share) -> None:
    """A change between real and made-up answers is none; a wave that has both gives those of the build."""
    found = built(tmp_path, demo=demo)
    assert found["designs"]["evidence_type"].to_dict() == dict.fromkeys(waves, evidence_type)
    assert found["designs"].loc["both", "source_file"] == f"{folder}/survey_id=test/survey_wave_id=both"
    estimates = found["estimates"]
    assert set(estimates["design_id"]) == waves
    totals = estimates[estimates["segment"] == ""].set_index("design_id")["estimate"]
    assert totals["both"] == share


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
    waves = {("test", "mixed"): [*REAL[:-1], MADE_UP[-1]], ("test", "margins"): REAL}
    lines = []
    for demo in (False, True):
        folder = tmp_path / f"project_{demo}"
        write_wave(folder / DEMO_RESPONSES, "test", "unmarked", [*MADE_UP[:-1], REAL[-1]])
        with pytest.raises(BuildError) as error:
            build(folder, rows, waves, "+int_estimates", {"demo": demo})
        lines += [line.strip() for line in str(error.value).splitlines() if "Survey test, wave" in line]
    assert lines == [
        "Survey test, wave margins: design margins calibrates real responses to margin set made_up, of which 2 rows "
        "are made up for the demonstration [margins_are_real]",
        "Survey test, wave mixed: respondents of the demonstration (demo_…) stand among real responses; they belong "
        "into the folder of the demonstration, rows: 1 (respondents demo_b-0039) [real_not_demonstration]",
        "Survey test, wave unmarked: respondent ids of the demonstration do not begin with demo_; real responses "
        "belong into the folder of the responses, rows: 1 (respondents b-0039) [demonstration_is_marked]",
    ]
