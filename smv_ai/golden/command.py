"""The command: run a folder of cases and say which are within tolerance."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BuildError
from smv_ai.golden.build import estimates_of, remove
from smv_ai.golden.cases import Case, read_cases
from smv_ai.golden.comparison import largest_difference


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
        cases = read_cases(folder)
    except (OSError, ValueError) as error:
        print(f"golden: no cases can be read from {folder}: {error}", file=sys.stderr)
        return 2
    within = 0
    results = run_cases(cases)
    for case in cases:
        within += _report(case, results[case.case_id])
    print(f"{within} of {len(cases)} cases within tolerance")
    return 0 if cases and within == len(cases) else 1


def run_cases(cases: list[Case], variables: dict[str, str] | None = None) -> dict[str, list[dict] | BuildError]:
    """Estimates (or the BuildError) of each case by its id.

    All cases are built together; where a build fails, its halves are built apart, so that one case that cannot be built
    does not take the others with it.
    """
    workspace = Path(tempfile.mkdtemp(prefix="smv_ai_golden_"))
    found: dict[str, list[dict] | BuildError] = {}
    try:
        _run_or_split(cases, workspace, found, variables)
    finally:
        remove(workspace)
    return found


def _run_or_split(cases: list[Case], workspace: Path, found: dict, variables: dict[str, str] | None) -> None:
    if not cases:
        return
    folder = Path(tempfile.mkdtemp(dir=workspace)) / "project"
    try:
        found.update(estimates_of(cases, folder, variables))
    except Exception as error:  # noqa: BLE001 - whatever stops a case is the case's result
        if len(cases) == 1:
            found[cases[0].case_id] = (
                error if isinstance(error, BuildError) else BuildError(f"{type(error).__name__}: {error}")
            )
            return
        middle = len(cases) // 2
        _run_or_split(cases[:middle], workspace, found, variables)
        _run_or_split(cases[middle:], workspace, found, variables)
    finally:
        remove(folder.parent)


def _report(case: Case, estimates: list[dict] | BuildError) -> bool:
    if isinstance(estimates, BuildError):
        print(f"FAIL {case.case_id}: {estimates}")
        return False
    difference, where = largest_difference(case, estimates)
    is_within = difference <= case.tolerance
    print(f"{'ok  ' if is_within else 'FAIL'} {case.case_id} {difference:.2e}{'' if is_within else f' at {where}'}")
    return is_within
