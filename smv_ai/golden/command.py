"""The command: run a folder of cases and say which are within tolerance."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BuildError
from smv_ai.golden.build import remove, values_of
from smv_ai.golden.cases import SETS, Case, read_cases
from smv_ai.golden.comparison import largest_difference
from smv_ai.golden.matching import matching_cases, results_of
from smv_ai.golden.results import Values


def main(argv: list[str] | None = None) -> int:
    """Run the cases of the folder given, of GOLDEN_DIR or of tests/golden.

    Prints a line a case with the largest relative difference and last `N of M cases within tolerance`. Exit code 0 only
    if all are, 2 where the folder cannot be read.
    """
    arguments = sys.argv[1:] if argv is None else argv
    folder = Path(
        arguments[0] if arguments else os.environ.get("GOLDEN_DIR") or PROJECT_DIR / "tests" / "golden"
    ).resolve()
    try:
        matching = matching_cases(folder)
        # a folder may hold one kind of cases only
        cases = read_cases(folder) if any((folder / name).exists() for name in SETS) or not matching else []
    except (OSError, ValueError) as error:
        print(f"golden: no cases can be read from {folder}: {error}", file=sys.stderr)
        return 2
    within = 0
    estimates = run_cases(cases)
    for case in cases:
        within += _report(case, estimates[case.case_id])
    effects = run_matching_cases(matching)
    for case in matching:
        within += _report(case, effects[case.case_id])
    count = len(cases) + len(matching)
    print(f"{within} of {count} cases within tolerance")
    return 0 if count and within == count else 1


def run_cases(cases: list[Case], variables: dict[str, str] | None = None) -> dict[str, Values | BuildError]:
    """Values by (variable, level, segment, stat), or the BuildError, of each case by its id.

    All cases are built together; where a build fails, its halves are built apart, so that one case that cannot be built
    does not take the others with it.
    """
    return _run(cases, lambda part, folder: values_of(part, folder, variables))


def run_matching_cases(cases: list[Case]) -> dict[str, Values | BuildError]:
    """As run_cases, for cases of matched comparisons."""
    return _run(cases, results_of)


def _run(cases: list[Case], build: Callable[[list[Case], Path], dict[str, Any]]) -> dict[str, Any]:
    workspace = Path(tempfile.mkdtemp(prefix="smv_ai_golden_"))
    found: dict[str, Any] = {}
    try:
        _run_or_split(cases, workspace, found, build)
    finally:
        remove(workspace)
    return found


def _run_or_split(
    cases: list[Case], workspace: Path, found: dict[str, Any], build: Callable[[list[Case], Path], dict[str, Any]]
) -> None:
    if not cases:
        return
    folder = Path(tempfile.mkdtemp(dir=workspace)) / "project"
    try:
        found.update(build(cases, folder))
    except Exception as error:  # noqa: BLE001 - whatever stops a case is the case's result
        if len(cases) == 1:
            found[cases[0].case_id] = (
                error if isinstance(error, BuildError) else BuildError(f"{type(error).__name__}: {error}")
            )
            return
        middle = len(cases) // 2
        _run_or_split(cases[:middle], workspace, found, build)
        _run_or_split(cases[middle:], workspace, found, build)
    finally:
        remove(folder.parent)


def _report(case: Case, found: Values | BuildError) -> bool:
    if isinstance(found, BuildError):
        print(f"FAIL {case.case_id}: {found}")
        return False
    difference, where = largest_difference(case, found)
    is_within = difference <= case.tolerance
    print(f"{'ok  ' if is_within else 'FAIL'} {case.case_id} {difference:.2e}{'' if is_within else f' at {where}'}")
    return is_within
