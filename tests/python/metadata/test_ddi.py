"""DDI documents have the order of the standard, and hold against its schema where that is at hand.

The schema is not part of the project. With `SMV_AI_DDI_SCHEMA=<folder>/codebook.xsd` (DDI Codebook 2.5 of the DDI
Alliance, with the files that it imports beside it) and lxml installed, each document is validated against it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.codebook_project import WAVE, codebook_project
from support.ddi_order import faults

from smv_ai.environment import PROJECT_DIR
from smv_ai.metadata.command import WRITERS, edition_of

SCHEMA = os.environ.get("SMV_AI_DDI_SCHEMA")
SURVEYS = sorted(path.stem for path in (PROJECT_DIR / "surveys").glob("*.yml"))


def document(project: Path, wave: str) -> bytes:
    return WRITERS["ddi"](edition_of(project, wave, "da", None))


@pytest.mark.skipif(SCHEMA is None, reason="SMV_AI_DDI_SCHEMA names no schema")
@pytest.mark.parametrize("wave", [*SURVEYS, WAVE])
def test_the_schema_accepts_the_document(wave: str, tmp_path: Path):
    etree = pytest.importorskip("lxml.etree")
    project = codebook_project(tmp_path / "project") if wave == WAVE else PROJECT_DIR
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.validate(etree.fromstring(document(project, wave)))
    assert [str(error) for error in schema.error_log] == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"<labl", b"<label", "is no element that is known"),
        (b' name="uses"', b' name=""', "var has name=''"),
        (b'missing="Y"', b'missing="yes"', "catgry has missing='yes'"),
        (b"<catValu>1</catValu>", b"", ""),
        (b'ID="V_often"', b'ID="V_uses"', "ID V_uses stands there twice"),
        (b'var="V_what_text', b'var="V_other', "varGrp refers to V_other, which is not there"),
    ],
)
def test_what_the_standard_does_not_allow_is_found(old: bytes, new: bytes, fault: str, tmp_path: Path):
    right = document(codebook_project(tmp_path / "project"), WAVE)
    wrong = right.replace(old, new).replace(b"</labl>", b"</label>" if new == b"<label" else b"</labl>")
    assert faults(right) == []
    assert any(fault in one for one in faults(wrong)) if fault else faults(wrong) == []


def test_an_element_in_the_wrong_place_is_found(tmp_path: Path):
    right = document(codebook_project(tmp_path / "project"), WAVE)
    wrong = right.replace(b'<varFormat type="numeric" schema="other" />\n  </var>', b"<labl>x</labl></var>")
    assert wrong != right and any(one.startswith("var holds") for one in faults(wrong))
