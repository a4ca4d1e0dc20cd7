"""Before dbt: check the panels of all studies and write the plan that the models read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.matching.panel import FOLDER, Panel, has_panel, open_panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.study import Study, read_studies
from smv_ai.settings import PROJECT_FILE, variables_of
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.response_files import PASSED_OVER, file_fault

STUDIES = "panels"
DEFAULTS = {
    "register_path": "register", "demo_register_path": "target/demo_register", "responses_path": "responses",
    "demo_responses_path": "target/demo_responses", "matching_path": "target/matching",
}  # fmt: skip
# By evidence type, the settings that say where panels and the responses that may be joined to them lie.
REGISTERS = {
    "estimated": ("register_path", "responses_path"),
    "synthetic": ("demo_register_path", "demo_responses_path"),
}


def prepare(project: Path, plan_path: Path | None = None, *, demo: bool = False) -> str:
    """Read the studies of the project, check their panels and write the plan to `plan_path` (or `matching_path`).

    `demo`: the panels are those of the demonstration, and their evidence is synthetic. Returns a line about it. A study
    without a panel is skipped, as a survey wave without responses is, and the line names it. Raises BadInputError with
    the faults of every study and panel; no plan is written then.
    """
    studies = read_studies(project / STUDIES)
    panels = _opened(project, studies, demo=demo)
    write_plan(panels, plan_path or project / _paths(project)["matching_path"])
    present = {panel.study.study_id for panel in panels}
    skipped = [study.study_id for study in studies if study.study_id not in present]
    without = f"; without a panel, so left out: {', '.join(skipped)}" if skipped else ""
    return f"matched comparisons: {len(panels)} {'study' if len(panels) == 1 else 'studies'}{without}"


def check_register(project: Path) -> None:
    """Raise BadInputError naming each study, file and panel of the register that cannot be used."""
    studies = read_studies(project / STUDIES)
    if faults := list(_file_faults(project, studies)):
        raise BadInputError("\n".join(["the register panels cannot be used; nothing was released.", *faults]))
    _opened(project, studies, demo=False)


def _paths(project: Path) -> dict[str, str]:
    return DEFAULTS | {name: value for name, value in variables_of(project).items() if name in DEFAULTS}


def _opened(project: Path, studies: list[Study], *, demo: bool) -> list[Panel]:
    evidence_type = "synthetic" if demo else "estimated"
    register, responses = (_paths(project)[name] for name in REGISTERS[evidence_type])
    panels, faults = [], []
    for study in studies:
        if has_panel(study, register, project):
            try:
                evidenced = study.model_copy(update={"evidence_type": evidence_type})
                panels.append(open_panel(evidenced, register, responses, project))
            except BadInputError as error:
                faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(["the register panels cannot be used; nothing was released.", *faults]))
    return panels


def _file_faults(project: Path, studies: list[Study]) -> Iterator[str]:
    """All in the folder of the register that would not be read."""
    path = _paths(project)["register_path"]
    root, known = project / path, [study.study_id for study in studies]
    if not root.is_dir():
        if path != DEFAULTS["register_path"] or root.exists() or root.is_symlink():
            yield f"{PROJECT_FILE}, vars, register_path: there is no folder '{path}'; make it or correct the path"
        return
    for folder in sorted(entry for entry in root.iterdir() if entry.name not in PASSED_OVER):
        shown, study = f"{path}/{folder.name}", folder.name.removeprefix(FOLDER.format(""))
        if study == folder.name or not folder.is_dir():
            yield f"{shown}: is not a folder study_id=<study>, so it would not be read; layout: docs/matching.md"
        elif study not in known:
            yield f"{shown}: there is no panels/{study}.yml; {allowed_in_words(study, known)}"
        else:
            files = sorted(entry for entry in folder.iterdir() if entry.name not in PASSED_OVER)
            yield from (f"{shown}/{file.name}: {fault}" for file in files if (fault := file_fault(file)))
            if not files:
                yield f"{shown}: holds no file; load the panel or remove the folder"
