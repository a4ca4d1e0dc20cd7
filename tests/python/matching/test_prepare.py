"""The register before a build: what lies there is read or named; a panel of the demonstration says that it is one."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import matching_project
from support.commands import smv_ai
from support.project import copy_project

from smv_ai.errors import BadInputError
from smv_ai.matching.prepare import check_register, prepare

STUDY = """
label_da: Vækst
label_en: Growth
base_year: 2021
end_year: 2023
match_on: [a]
outcomes: [turnover]
"""


def write(folder: Path, rows: pd.DataFrame, study: str = "one") -> Path:
    """A panel below the folder of a register; returns its file."""
    matching_project.write_panel(folder, study, rows)
    written = folder / "panels" / f"study_id={study}"
    shutil.move(written, folder / written.name)
    (folder / "panels").rmdir()
    return folder / written.name / "panel.parquet"


def rows() -> pd.DataFrame:
    return matching_project.panel(matching_project.firms(np.random.default_rng(3), 60, 15))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "panels").mkdir()
    for name in ("one", "two"):
        (tmp_path / "panels" / f"{name}.yml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def evidence(project: Path) -> dict[str, str]:
    lines = (project / "target" / "matching" / "matchings.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["study_id"]: row["evidence_type"] for row in map(json.loads, lines)}


def test_real_panels_and_those_of_the_demonstration_are_never_read_together(project: Path) -> None:
    write(project / "register", rows())
    for study in ("one", "two"):
        write(project / "target" / "demo_register", rows(), study)
    prepare(project)
    assert evidence(project) == {"one": "estimated"}
    prepare(project, demo=True)
    assert evidence(project) == {"one": "synthetic", "two": "synthetic"}


def test_all_in_the_folder_of_the_register_is_read_or_named(project: Path) -> None:
    panel = write(project / "register", rows())
    check_register(project)
    shutil.copytree(panel.parent, project / "register" / "study_id=tow")
    shutil.copy(panel, project / "register" / "panel.parquet")
    (panel.parent / "panel.csv").write_text("firm_id", encoding="utf-8")
    (project / "register" / "study_id=two").mkdir()
    with pytest.raises(BadInputError) as refused:
        check_register(project)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(": ")[0] for line in lines] == [
        "register/panel.parquet", "register/study_id=one/panel.csv", "register/study_id=tow", "register/study_id=two",
    ]  # fmt: skip
    assert "did you mean 'two'?" in lines[2]
    assert "holds no file" in lines[3]


def test_the_command_stops_at_a_bad_panel_with_its_message(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    spoilt = rows().assign(
        industry="10", full_time_equivalents=1.0, exports=0.0, payroll=1.0, value_added=1.0, treatment=7.0
    )
    write(project / "register", spoilt, "dst_register_2023")
    environment = os.environ | {"SMV_AI_PROJECT_DIR": str(project), "SMV_AI_RELEASE_DIR": str(tmp_path / "release")}
    for command in ("check", "build"):
        done = smv_ai(environment, command)
        assert done.returncode == 2
        assert "study dst_register_2023: treatment is neither 0 nor 1 in 2021 (values: 7.0); firms: 60" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "release" / "current").exists()
