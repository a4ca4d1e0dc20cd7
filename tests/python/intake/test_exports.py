"""The exports of the tools give the same canonical answers, cell by cell, and the certificate gives them back."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import intake_project
from support.survey_exports import WRITERS, answers, truth

from smv_ai.intake import certificate, store

# What a person decides in the draft where the tool has no definition: nothing else is edited.
EDITS = {
    "googleforms": {
        r"(?s)( q3:.*?items:\n).*?( *asked_if)": "\\1      1: {label: Tekst og e-mails}\n      2: {label: Kode}\n"
        '      3: {label: "Analyse, fx prognoser"}\n      4: {label: Andet, open: true}\n\\2',
    },
}
DESIGN = ("stratum_id", "design_weight", "stratum_population_size")


@pytest.mark.parametrize("tool", WRITERS)
def test_every_export_gives_the_answers_and_is_given_back(tool: str, tmp_path: Path):
    given = answers()
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, WRITERS[tool](tmp_path, given), edits=EDITS.get(tool))
    assert f"tool: {tool}\n" in text
    found = intake_project.prepared(project)
    load = intake_project.load(project)
    rows = intake_project.responses(project)
    assert [
        {name: row.get(name) for name in expected} for row, expected in zip(rows, truth(given), strict=True)
    ] == truth(given)
    assert not any("comment" in name or name == "q8" for name in rows[0])
    counts = load.said["counts"]
    assert counts["rows_in"] == counts["loaded"] + sum(counts["set_aside"].values())
    back = certificate.rebuilt(load.folder, store.responses_file(project, "fjord", intake_project.WAVE))
    raw = found.canonical.table
    at = {int(number): position for position, number in enumerate(raw.rows)}
    assert back and all(len(cells) == counts["loaded"] for cells in back.values())
    assert {
        (column, row) for column, cells in back.items() for row, text in cells.items()
        if raw.columns[column].text[at[row]].as_py() != text
    } == set()  # fmt: skip
    for column in load.said["columns"]:
        assert sum(meaning["cells"] for meaning in column["meanings"]) + column["other_cells"] == counts["loaded"]
