"""Before dbt: check the panels of all studies and write the plan that the models read."""

from __future__ import annotations

from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.matching.panel import has_panel, open_panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.study import read_studies

STUDIES = "panels"
PANELS_PATH = "register"
PLAN_PATH = Path("target") / "matching"


def prepare(project: Path, panels_path: str = PANELS_PATH, responses_path: str = "responses") -> str:
    """Read the studies of the project, check the panels that are there and write the plan into target/matching.

    Returns a line about it. A study without a panel is skipped, as a survey wave without responses is, and the line
    names it. Raises BadInputError with the faults of every study and panel; no plan is written then.
    """
    studies = read_studies(project / STUDIES)
    present = [study for study in studies if has_panel(study, panels_path, project)]
    panels, faults = [], []
    for study in present:
        try:
            panels.append(open_panel(study, panels_path, responses_path, project))
        except BadInputError as error:
            faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(faults))
    write_plan(panels, project / PLAN_PATH)
    skipped = [study.study_id for study in studies if study not in present]
    without = f"; without a panel, so left out: {', '.join(skipped)}" if skipped else ""
    return f"matched comparisons: {len(panels)} studies{without}"
