"""Everything of a project that can be checked before it is built: what `smv-ai check` says and a build begins with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from smv_ai.build import audit
from smv_ai.demo.register_plan import FOLDER as REGISTER_PLANS
from smv_ai.demo.register_plan import read_register_plans
from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.matching.prepare import check_register
from smv_ai.matching.study import read_studies
from smv_ai.official.described import described_figures
from smv_ai.seeds.characters import finding
from smv_ai.seeds.check import check_seeds, verdict
from smv_ai.settings import PROFILES_FILE, PROJECT_FILE, check_settings, variables_of
from smv_ai.suggest import allowed_in_words
from smv_ai.survey import engines, response_files


def _register_plan_faults(project: Path) -> list[str]:
    folder = project / REGISTER_PLANS
    found = [path for path in sorted(folder.glob("*")) if path.name not in response_files.PASSED_OVER]
    faults = [
        f"{REGISTER_PLANS.as_posix()}/{path.name}: does not end in .yml, so it would not be read; rename or remove it"
        for path in found
        if path.suffix != ".yml"
    ]
    try:
        studies = [study.study_id for study in read_studies(project / "panels")]
        plans = read_register_plans(project)
    except BadInputError as error:
        return [*faults, str(error)]
    return faults + [
        f"{REGISTER_PLANS.as_posix()}/{plan.study_id}.yml: there is no panels/{plan.study_id}.yml; "
        + allowed_in_words(plan.study_id, studies)
        for plan in plans
        if plan.study_id not in studies
    ]


def check_plans(project: Path) -> None:
    """Raise BadInputError naming each file below demo/ that is no plan of a wave, or would not be read."""
    from smv_ai.survey.plan import read_plan

    folder, faults = project / "demo", []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name in response_files.PASSED_OVER or path == project / REGISTER_PLANS:
            continue
        if path.suffix != ".yml":
            faults.append(f"demo/{path.name}: does not end in .yml, so it would not be read; rename or remove it")
            continue
        try:
            read_plan(path)
        except BadInputError as error:
            faults.append(str(error))
    faults += _register_plan_faults(project)
    if faults:
        raise BadInputError("\n".join(["the demonstration plans cannot be used; nothing was released.", *faults]))


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """All texts of a YAML document, keys too."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from _scalars(part)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _scalars(part)


def check_survey_texts(project: Path) -> None:
    """Raise BadInputError naming each text of a survey file with a character that nobody sees, or that draws nothing.

    A file that is no YAML is named by what reads it.
    """
    faults = []
    for path in sorted((project / "surveys").glob("*.yml")):
        try:
            texts = list(_scalars(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        for text in texts:
            # a text over several lines is layout, not a character of its own
            if (found := finding(text.value.replace("\n", " "))) is not None:
                faults.append(f"surveys/{path.name}, line {text.start_mark.line + 1}: the text {found}")
    if faults:
        raise BadInputError("\n".join(["the survey files cannot be used; nothing was released.", *faults]))


def check_project(project: Path, *, reads_responses: bool = True) -> str:
    """Check settings, suites, plans, responses, register panels, official tables, seeds and survey files.

    Returns the good end in words. Raises BadInputError, AuditError for suites, or SystemStateError for the environment:
    the first of these that is wrong, with all its problems. Settings come first, as the rest reads them. A folder with
    seeds alone is no project: its seeds are checked.
    """
    if not any((project / name).exists() for name in (PROJECT_FILE, PROFILES_FILE)):
        if not (project / "seeds").is_dir():
            raise SystemStateError(
                f"There is no project at {project}: neither {PROJECT_FILE} nor seeds/. Mend SMV_AI_PROJECT_DIR."
            )
        return verdict(check_seeds(project / "seeds"))
    check_settings(project)
    engines.remote_of(variables_of(project)["engine"])
    audit.read_suites(project / audit.SUITES_DIR.name)
    check_plans(project)
    check_survey_texts(project)
    if reads_responses:  # a demonstration reads none of them
        response_files.check_files(project)
    check_register(project)
    described_figures(project)
    return f"{verdict(check_seeds(project / 'seeds'))}\n{response_files.check_survey_files(project)}"
