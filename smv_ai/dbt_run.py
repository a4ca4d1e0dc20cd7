"""Run dbt in this process: its import takes seconds, so there is one import and one invocation a build."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from smv_ai.errors import BuildError
from smv_ai.paths import PROJECT_DIR

MOST_SHOWN = 10
# The seed files have just been checked by the same rules (seed_check); unit tests try the logic, not the data.
NOT_AGAIN = ["--exclude", "path:seeds,resource_type:test", "resource_type:unit_test"]


def _arguments(command: str, build_file: Path, extra: list[str]) -> list[str]:
    os.environ["SMV_AI_BUILD_FILE"] = str(build_file)
    os.environ["DO_NOT_TRACK"] = "1"
    folders = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    return ["--quiet", "--log-level", "none", "--no-write-json", command, *folders, *extra]


def _failures(result: Iterable[Any]) -> list[str]:
    failed = [run for run in result if run.status in ("error", "fail", "runtime error")]
    return [
        f"{run.node.resource_type} {run.node.name} ({run.node.original_file_path}): {run.message or run.status}".strip()
        for run in failed
    ]


def build(build_file: Path, tell: Callable[[str], None]) -> None:
    """Seed, run and test the whole project into `build_file`.

    `tell` gets one line about what was done. Raises BuildError naming each model or test that failed.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(_arguments("build", build_file, NOT_AGAIN))
    # dbt keeps its connection for the life of the process; the audit must open the file for itself
    DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise BuildError(f"dbt stopped; nothing was released.\n{outcome.exception}")
    failures = _failures(outcome.result)
    if failures:
        more = [f"... and {len(failures) - MOST_SHOWN} more"] if len(failures) > MOST_SHOWN else []
        raise BuildError(
            "\n".join([f"{len(failures)} models or tests failed; nothing was released.", *failures[:MOST_SHOWN], *more])
        )
    if not outcome.success:
        raise BuildError("dbt did not finish; nothing was released. See logs/dbt.log.")
    kinds = [node.node.resource_type for node in outcome.result]
    counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in ("seed", "model", "test"))
    tell(f"dbt: {counts}, all passed")
