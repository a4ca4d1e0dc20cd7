"""Texts of survey files: what nobody sees, or what draws nothing, is named with its line before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.project import PROJECT

from smv_ai.build.project_check import check_survey_texts
from smv_ai.errors import BadInputError

LABELS = {
    "a control, as an escape": ('"A\\u0007B"', "U+0007"),
    "a direction": ("A\u202eB", "U+202E"),
    "a line separator": ('"A\\u2028B"', "U+2028"),
    "a noncharacter": ('"A\\uFDD0B"', "U+FDD0"),
}


def project_with(folder: Path, label: str) -> Path:
    (folder / "surveys").mkdir()
    text = f"survey: {{id: quay, label: Kajen}}\nquestions:\n  trust:\n    label: {label}\n    options: yes_no\n"
    (folder / "surveys" / "quay_2026.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", LABELS)
def test_a_character_that_nobody_sees_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    label, named = LABELS[kind]
    with pytest.raises(BadInputError, match=r"surveys/quay_2026.yml, line 4: the text holds") as caught:
        check_survey_texts(project_with(tmp_path, label))
    assert named in str(caught.value) and "as character 2" in str(caught.value)


def test_plain_texts_pass(tmp_path: Path) -> None:
    check_survey_texts(project_with(tmp_path, "Stoler I på AI? | Do you trust AI – “really”?"))
    check_survey_texts(PROJECT)
