"""Which seeds must be built: where nothing but rows of seeds changed, the rest of the build file stays.

A record beside the build file holds the digest of the file and of each input that it was built from. It is written when
a build has passed its tests and the audit, and removed before dbt touches the file again: a build that was killed or
failed leaves none, and the next one builds everything. docs/decisions/changed_rows.md says why that is sound.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from smv_ai.build.fingerprint import PROJECT_FILES, Inputs
from smv_ai.releases.write import sha256_of
from smv_ai.seeds.lock import LOCK_NAME

RECORD_NAME = "built_from.json"


def _survey_tables(project: Path) -> str:
    """The digest of all rows that follow from survey files: they may name what seeds list, which dbt does not know."""
    from smv_ai.survey.file.expansion import expanded_rows  # half a second that an unchanged build does without

    return hashlib.sha256(repr(expanded_rows(project)).encode()).hexdigest()


def _record(build_file: Path) -> Path:
    return build_file.parent / RECORD_NAME


def _spilled(build_file: Path) -> list[Path]:
    """What lies beside a build file that was not closed."""
    return [path for path in build_file.parent.glob(f"{build_file.name}*") if path != build_file]


def _read(build_file: Path) -> dict[str, Any] | None:
    """The record where it is one and the build file is the very same; None otherwise."""
    try:
        found = json.loads(_record(build_file).read_text(encoding="utf-8"))
        is_same = found["build_file"] == sha256_of(build_file) and not _spilled(build_file)
        return found if is_same and isinstance(found["inputs"], dict) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_row(name: str) -> bool:
    return name.startswith(f"{PROJECT_FILES}/seeds/") and name.endswith((".csv", f"/{LOCK_NAME}"))


def changed_seeds(project: Path, build_file: Path, inputs: Inputs) -> list[str] | None:
    """Names of the seeds that alone differ from what the build file was built from; None where all must be built."""
    known = _read(build_file)
    if known is None or known["inputs"].keys() != inputs.keys():
        return None
    changed = [name for name, digest in inputs.items() if known["inputs"][name] != digest]
    seeds = [Path(name).stem for name in changed if name.endswith(".csv")]
    if not seeds or not all(map(_is_row, changed)) or known["survey_tables"] != _survey_tables(project):
        return None
    return seeds


def forget(build_file: Path) -> None:
    """Before dbt writes into the build file: it is no longer what the record says."""
    _record(build_file).unlink(missing_ok=True)


def remember(project: Path, build_file: Path, inputs: Inputs) -> None:
    """After a build that passed tests and audit, on inputs that are still the same: keep what it was built from."""
    if _spilled(build_file):
        return
    found = {"build_file": sha256_of(build_file), "survey_tables": _survey_tables(project), "inputs": inputs}
    with contextlib.suppress(OSError):  # half a record is none: the next build is whole, which is no reason to fail
        _record(build_file).write_text(json.dumps(found), encoding="utf-8")
