"""Everything of a project that can be checked before it is built: what `smv-ai check` says and a build begins with."""

from __future__ import annotations

from pathlib import Path

from smv_ai.build import audit
from smv_ai.errors import BadInputError
from smv_ai.matching.prepare import check_register
from smv_ai.seeds.check import check_seeds, verdict
from smv_ai.settings import PROFILES_FILE, PROJECT_FILE, check_settings
from smv_ai.survey import response_files


def check_plans(project: Path) -> None:
    """Raise BadInputError naming each file below demo/ that is no plan of a wave, or would not be read."""
    from smv_ai.survey.plan import read_plan

    folder, faults = project / "demo", []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name in response_files.PASSED_OVER:
            continue
        if path.suffix != ".yml":
            faults.append(f"demo/{path.name}: does not end in .yml, so it would not be read; rename or remove it")
            continue
        try:
            read_plan(path)
        except BadInputError as error:
            faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(["the demonstration plans cannot be used; nothing was released.", *faults]))


def check_project(project: Path) -> str:
    """Check settings, suites, plans, response files, register panels and seeds; returns the good end in words.

    Raises BadInputError, AuditError for suites, or SystemStateError for the environment: the first of these that is
    wrong, with all its problems. Settings come first, as the rest reads them. A folder with seeds alone is no project:
    its seeds are checked.
    """
    if not any((project / name).exists() for name in (PROJECT_FILE, PROFILES_FILE)):
        return verdict(check_seeds(project / "seeds"))
    check_settings(project)
    audit.read_suites(project / audit.SUITES_DIR.name)
    check_plans(project)
    response_files.check_files(project)
    check_register(project)
    return verdict(check_seeds(project / "seeds"))
