"""What the project is made of: every locked package with its hashes in the bill, under a licence that is allowed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from support.small_release import small_release

from tools.sbom import LICENCES, LOCK, bill, locked, main, wrong_licences

RULES = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
UNSHARE = shutil.which("unshare")


def test_the_bill_names_every_locked_package_with_its_hashes() -> None:
    text = LOCK.read_text(encoding="utf-8")
    found = bill(text)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert found == bill(text)
    pins = [line.partition("==")[0].partition("[")[0] for line in text.splitlines() if "==" in line]
    assert len(found["components"]) == len(pins) > 100
    references = [reference for part in found["components"] for reference in part["externalReferences"]]
    assert sum(len(reference["hashes"]) for reference in references) == text.count("--hash=sha256:")
    assert all(hashes for _, hashes in locked(text).values())
    duckdb = next(part for part in found["components"] if part["name"] == "duckdb")
    assert duckdb["purl"] == f"pkg:pypi/duckdb@{duckdb['version']}" and duckdb["licenses"]


def test_the_bill_keeps_the_schema_of_cyclonedx() -> None:
    keeps = JsonStrictValidator(SchemaVersion.V1_6).validate_str
    found = bill(LOCK.read_text(encoding="utf-8"))
    assert keeps(json.dumps(found)) is None
    assert keeps(json.dumps(found | {"serialNumber": "urn:uuid:one"})) is not None
    assert keeps(json.dumps(found | {"invented": 1})) is not None


def test_every_locked_package_has_an_allowed_licence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sbom", "--check"])
    assert main() == 0, capsys.readouterr().out


def test_a_licence_that_is_not_allowed_is_named() -> None:
    found = {"a": "MIT", "b": "AGPL-3.0-only", "c": "MIT OR AGPL-3.0-only", "d": "MIT AND AGPL-3.0-only", "e": None}
    assert [line.partition(":")[0] for line in wrong_licences(found, RULES)] == ["b", "d", "e"]


@pytest.mark.skipif(UNSHARE is None, reason="there is no unshare")
def test_commands_need_no_network(tmp_path: Path) -> None:
    if subprocess.run([str(UNSHARE), "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make a network namespace")
    releases = tmp_path / "release"
    small_release(releases, "20260101T000000Z")
    (releases / "current").symlink_to("20260101T000000Z")
    for command in (["status"], ["verify"], ["sql", "from mart_adoption"]):
        done = subprocess.run(
            [str(UNSHARE), "-n", sys.executable, "-m", "smv_ai.cli", *command], capture_output=True, text=True,
            check=False, env=os.environ | {"SMV_AI_RELEASE_DIR": str(releases)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
