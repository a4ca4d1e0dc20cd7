"""The digest of all that a release depends on: it follows the content of every kind of file, and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.project import PROJECT, copy_project

from smv_ai.build import fingerprint as module
from smv_ai.build.fingerprint import Digests, fingerprint, inputs_of

# A file of each kind that a build reads, below the project, the package or the responses.
KINDS = [
    "dbt_project.yml", "profiles.yml", "seeds/published/published_ti_2025.csv", "seeds/catalogue/_catalogue.yml",
    "seeds/accepted.lock", "models/marts/core/fct_changes.sql", "models/columns.md",
    "macros/observations/value_text.sql", "tests/dbt/unit_tests.yml", "tests/dbt/generic/keys.sql",
    "expectations/fct_changes.json", "demo/ti_2025.yml", "smv_ai/cli.py",
    "panels/dst_register_2023.yml", "register/study_id=a/panel.parquet",
    "responses/survey_id=a/survey_wave_id=b/answers.parquet",
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all that counts, the package included, with a response file too large to be read each time."""
    target = copy_project(tmp_path / "project")
    shutil.copytree(PROJECT / "demo", target / "demo")
    shutil.copytree(PROJECT / "smv_ai", target / "smv_ai")
    for name in KINDS:
        if name.endswith(".parquet"):
            (target / name).parent.mkdir(parents=True)
            (target / name).write_bytes(b"x" * (module.LARGE_BYTES + 1))
    monkeypatch.setattr(module, "PACKAGE", target)
    return target


def digest(project: Path, **choices: object) -> str:
    return fingerprint(inputs_of(project, [project / "responses", project / "register"], choices))


@pytest.mark.parametrize("name", KINDS)
def test_a_change_of_content_is_seen(project: Path, name: str) -> None:
    before = digest(project)
    path = project / name
    state = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"\t")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # neither size nor time tells
    assert digest(project) != before


@pytest.mark.parametrize("name", KINDS)
def test_a_change_of_time_alone_is_not(project: Path, name: str) -> None:
    before = digest(project)
    os.utime(project / name, (1, 1))
    assert digest(project) == before


def test_files_that_come_go_or_move_are_seen(project: Path) -> None:
    found = [digest(project)]
    (project / "models" / "new.sql").write_text("select 1")
    found.append(digest(project))
    (project / "models" / "new.sql").rename(project / "models" / "newer.sql")
    found.append(digest(project))
    (project / "responses" / "dangling").symlink_to("nowhere")
    found.append(digest(project))
    assert len(set(found)) == len(found)


def test_choices_settings_and_installed_versions_are_seen(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [digest(project), digest(project, demo=True)]
    monkeypatch.setenv("DBT_TARGET", "other")
    found.append(digest(project))
    monkeypatch.setattr(module, "_installed", lambda: ["3.99"])
    found.append(digest(project))
    assert len(set(found)) == len(found)


def test_the_place_of_the_project_and_what_python_leaves_do_not_count(project: Path, monkeypatch) -> None:
    before = digest(project)
    (project / "smv_ai" / "__pycache__").mkdir(exist_ok=True)
    (project / "smv_ai" / "__pycache__" / "x.pyc").write_bytes(b"x")
    moved = project.rename(project.with_name("elsewhere"))
    monkeypatch.setattr(module, "PACKAGE", moved)
    assert digest(moved) == before


def test_a_large_file_is_read_again_only_where_it_may_have_changed(project: Path, monkeypatch) -> None:
    before = digest(project)
    read = []
    plain = module.hashlib.file_digest
    monkeypatch.setattr(module.hashlib, "file_digest", lambda *given: read.append(given) or plain(*given))
    assert digest(project) == before and not read
    os.utime(project / KINDS[-1], (1, 1))
    assert digest(project) == before and len(read) == 1


@pytest.mark.parametrize("content", ["", "[]", "null", '{"a": 1}', "[" * 100_000])
def test_a_damaged_list_of_digests_costs_time_only(project: Path, content: str) -> None:
    before = digest(project)
    (project / "target").mkdir(exist_ok=True)
    (project / "target" / "digests.json").write_text(content)
    assert digest(project) == before
    assert Digests(project / "target" / "digests.json").known
