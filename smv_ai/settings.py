"""The settings of the project: types and ranges of all vars of dbt_project.yml, and the check that they are kept.

`smv-ai check` and `smv-ai build` ask `check_settings`. A plain `dbt build` asks the macro check_settings, which knows
the few that change released numbers without a test noticing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smv_ai import environment
from smv_ai.errors import BadInputError
from smv_ai.suggest import allowed_in_words, is_near_miss, nearest

PROJECT_FILE, PROFILES_FILE = "dbt_project.yml", "profiles.yml"
# What a reader must hear of when it changes from one release to the next: figures are computed or withheld by it.
STATISTICAL = (
    "disclosure_threshold", "dominance_share", "confidence_level_z", "response_checks", "raking_rounds",
    "reserved_codes", "reserved_numbers", "highest_reserved_number",
)  # fmt: skip
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Folder = Annotated[str, Field(pattern=r"""^[^'"*?\[\]{}\x00-\x1f]+$""")]
ELSEWHERE = "://"  # in a path that an engine may follow, s3://bucket/responses
Negative = Annotated[int, Field(lt=0, ge=-(2**53))]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Reserved(_Strict):
    """The values that stand for the three reasons of no answer."""

    not_asked: Negative = Field(description="a whole number below 0")
    no_answer: Negative = Field(description="a whole number below 0")
    dont_know: Negative = Field(description="a whole number below 0")


class Variables(_Strict):
    """The vars of dbt_project.yml; a description says what is allowed, as messages do."""

    published_reports: list[Name] = Field(min_length=1, description="ids of reports with a file in seeds/published/")
    breakdown_dimensions: list[Name] = Field(min_length=1, description="names of columns")
    group_dimensions: list[Name] = Field(min_length=1, description="names out of breakdown_dimensions")
    # the quantiles of 80 and 99.9 per cent
    confidence_level_z: float = Field(ge=1.2815, le=3.2906, description="a number from 1.2815 (80 %) to 3.2906")
    responses_path: Folder = Field(description="a folder, as text without quotes and wildcards")
    demo: bool = Field(description="false; a demonstration is made by `smv-ai build --demo`, apart from the releases")
    demo_responses_path: Folder = Field(description="a folder, as text without quotes and wildcards")
    register_path: Folder = Field(description="a folder, as text without quotes and wildcards")
    demo_register_path: Folder = Field(description="a folder, as text without quotes and wildcards")
    matching_path: Folder = Field(description="a folder, as text without quotes and wildcards")
    response_checks: Literal["enforced", "reported"] = Field(description="enforced, reported")
    disclosure_threshold: int = Field(ge=3, le=1_000_000, description="a whole number from 3")
    dominance_share: float = Field(gt=0, lt=1, description="a number above 0 and below 1, such as 0.85")
    weight_in_cell: Literal["auto", "always", "never"] = Field(description="auto, always, never")
    engine: Literal["duckdb", "spark"] = Field(description="duckdb, spark")
    raking_rounds: int = Field(ge=10, le=1_000_000, description="a whole number from 10 to 1000000")
    reserved_codes: Reserved = Field(description="not_asked, no_answer and dont_know, whole numbers below 0")
    reserved_numbers: Reserved = Field(description="not_asked, no_answer and dont_know, whole numbers below 0")
    highest_reserved_number: Negative = Field(description="a whole number below 0, above all reserved_numbers")

    @model_validator(mode="after")
    def _fits_together(self) -> Variables:
        for name in ("published_reports", "breakdown_dimensions", "group_dimensions"):
            values = getattr(self, name)
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ValueError(f"{name}: '{twice[0]}' stands there twice; each once")
        for value in self.group_dimensions:
            if value not in self.breakdown_dimensions:
                raise ValueError(f"group_dimensions: '{value}' is not in breakdown_dimensions")
        for name in ("reserved_codes", "reserved_numbers"):
            values = list(getattr(self, name).model_dump().values())
            if len(set(values)) < len(values):
                raise ValueError(f"{name}: two of the values are equal; each reason needs one of its own")
        if self.demo:
            raise ValueError("demo: 'True' is not allowed; allowed: " + str(Variables.model_fields["demo"].description))
        if max(self.reserved_numbers.model_dump().values()) >= self.highest_reserved_number:
            raise ValueError("highest_reserved_number: must be above all reserved_numbers")
        return self

    @model_validator(mode="after")
    def _can_be_reached(self) -> Variables:
        for name in ("demo_responses_path", "register_path", "demo_register_path", "matching_path"):
            if ELSEWHERE in getattr(self, name):
                raise ValueError(f"{name}: '{getattr(self, name)}' is no folder of this machine, as it must be")
        if ELSEWHERE in self.responses_path and self.engine != "spark":
            raise ValueError(
                f"responses_path: '{self.responses_path}' is no folder of this machine; with engine: spark its server"
                " reads it (docs/scale.md)"
            )
        return self


class _NoRepeats(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML where a key that stands twice is an error: the second would win in silence."""


def _mapping(loader: _NoRepeats, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"'{name}' stands there twice", key.start_mark)
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


_NoRepeats.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises BadInputError with file and line."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_NoRepeats)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path.name}: cannot be read ({error}); put the file back.") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it is nested too deeply or broken"
        raise BadInputError(f"{path.name}{line}: is no well-formed YAML: {reason}. Mend the line.") from error
    if not isinstance(found, dict):
        raise BadInputError(f"{path.name}: holds no settings; put the file back.")
    return found


def _line_of(path: Path, name: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if re.match(rf"\s+{re.escape(name)}\s*:", line)]
    return f", line {found[0]}" if found else ""


def _description(place: tuple[str | int, ...]) -> str:
    nested = Reserved if len(place) > 1 and str(place[0]).startswith("reserved") else Variables
    name = str(place[1] if nested is Reserved else place[0])
    return nested.model_fields[name].description or ""


def _fault(path: Path, error: dict[str, Any]) -> str:
    """One broken rule with file, line, setting, value and what is allowed."""
    place = error["loc"] or (str(error["msg"]).removeprefix("Value error, ").split(":")[0],)
    name = ".".join(str(part) for part in place)
    where = f"{path.name}{_line_of(path, str(place[-1] if isinstance(place[-1], str) else place[0]))}, vars, {name}"
    if error["type"] == "extra_forbidden":
        model = Reserved if len(place) > 1 else Variables
        return f"{where}: is no setting; {allowed_in_words(str(place[-1]), list(model.model_fields))}"
    if error["type"] == "missing":
        return f"{where}: is missing; allowed: {_description(place)}"
    if error["type"] == "value_error":
        return f"{where}: {str(error['msg']).split(': ', 1)[-1]}"
    value = error["input"]
    shown = f"'{value}' (text)" if isinstance(value, str) else f"'{value}'"
    near = nearest(value, _description(place).split(", ")) if isinstance(value, str) else None
    suggestion = f"did you mean {near}? " if near else ""
    return f"{where}: {shown} is not allowed; {suggestion}allowed: {_description(place)}"


def variables_of(project: Path) -> dict[str, Any]:
    """The vars of dbt_project.yml as they stand, none where the file is missing; checked by `check_settings`."""
    if not (project / PROJECT_FILE).exists():
        return {}
    found = read_yaml(project / PROJECT_FILE).get("vars")
    return found if isinstance(found, dict) else {}


def statistical_settings(project: Path) -> dict[str, Any]:
    """The settings by which figures are computed or withheld, for the facts of a release."""
    found = variables_of(project)
    return {name: found[name] for name in STATISTICAL if name in found}


def changed_settings(before: object, after: object) -> dict[str, dict[str, Any]]:
    """Settings that differ between two releases, each before and after; none where one of them kept no record."""
    if not isinstance(before, dict) or not isinstance(after, dict) or not before or not after:
        return {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: {"before": before.get(name), "after": after.get(name)} for name in names}


def reserved_codes(project: Path) -> tuple[str, ...]:
    """The codes that stand for no answer, as text; those of docs/responses.md where the folder has no settings."""
    found = variables_of(project).get("reserved_codes")
    return tuple(str(code) for code in found.values()) if isinstance(found, dict) else ("-1", "-2", "-3")


def _variable_faults(project: Path) -> list[str]:
    path = project / PROJECT_FILE
    found = read_yaml(path).get("vars")
    if not isinstance(found, dict):
        return [f"{path.name}: has no vars; put them back"]
    try:
        variables = Variables.model_validate(found)
    except ValidationError as error:
        faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors(include_url=False)]
        unknown = [str(fault["loc"][-1]) for fault in faults if fault["type"] == "extra_forbidden"]
        # a name misspelt is said once, where it stands
        meant = {nearest(name, [*Variables.model_fields, *Reserved.model_fields]) for name in unknown}
        return [
            _fault(path, fault) for fault in faults if not (fault["type"] == "missing" and fault["loc"][-1] in meant)
        ]
    return _fit_to_seeds(project, variables)


def _fit_to_seeds(project: Path, variables: Variables) -> list[str]:
    """Reports without a file and files without a report; dimensions that the seeds do not know."""
    path, faults = project / PROJECT_FILE, []
    files = {file.stem.removeprefix("published_") for file in (project / "seeds" / "published").glob("published_*.csv")}
    wrong = [report for report in variables.published_reports if report not in files]
    meant = {nearest(report, files) for report in wrong}
    for report in wrong:
        faults.append(f"'{report}' has no file in seeds/published/; {allowed_in_words(report, sorted(files))}")
    for report in sorted(files - set(variables.published_reports) - meant):
        faults.append(f"seeds/published/published_{report}.csv is not listed, so its figures would be left out; add it")
    where = f"{path.name}{_line_of(path, 'published_reports')}, vars, published_reports"
    faults = [f"{where}: {fault}" for fault in faults]
    known = _known_dimensions(project)
    wrong = [name for name in variables.breakdown_dimensions if name not in known]
    missing = [name for name in known if name not in variables.breakdown_dimensions]
    where = f"{path.name}{_line_of(path, 'breakdown_dimensions')}, vars, breakdown_dimensions"
    faults += [f"{where}: '{name}' is no dimension; {allowed_in_words(name, known)}" for name in wrong]
    if not wrong:
        faults += [f"{where}: {name} is missing; all dimensions stand there" for name in missing]
    return faults


def _known_dimensions(project: Path) -> list[str]:
    """The dimensions that a partition may be of, in the property file of the catalogue."""
    properties = read_yaml(project / "seeds" / "catalogue" / "_catalogue.yml")
    [partitions] = [seed for seed in properties["seeds"] if seed["name"] == "partitions"]
    [column] = [column for column in partitions["columns"] if column["name"] == "dimension"]
    [test] = [test for test in column["data_tests"] if isinstance(test, dict) and "accepted_values" in test]
    return list(test["accepted_values"]["arguments"]["values"])


def _profile_faults(project: Path) -> list[str]:
    found = read_yaml(project / PROFILES_FILE)
    profile = found.get("smv_ai")
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    target = profile.get("target") if isinstance(profile, dict) else None
    output = outputs.get(target) if isinstance(outputs, dict) else None
    if not isinstance(output, dict):
        return [f"{PROFILES_FILE}: smv_ai has no output '{target}'; put the file back as it was"]
    faults = []
    if output.get("type") != "duckdb":
        faults.append(f"{PROFILES_FILE}, type: '{output.get('type')}' is not allowed; allowed: duckdb")
    if "SMV_AI_BUILD_FILE" not in str(output.get("path")):
        faults.append(
            f"{PROFILES_FILE}, path: must be \"{{{{ env_var('SMV_AI_BUILD_FILE', …) }}}}\": the build is audited there"
        )
    return faults


def _environment_faults() -> list[str]:
    """Names that look like a setting misspelt; wrong values are told by `paths`, which reads them."""
    faults = []
    for name in sorted(os.environ):
        if name.upper().startswith("SMV_AI_") and name not in environment.ENVIRONMENT:
            known = [
                other for other in environment.ENVIRONMENT
                if name.upper().replace("_", "") == other.replace("_", "")
                or is_near_miss(name.removeprefix("SMV_AI_"), other.removeprefix("SMV_AI_"))
            ]  # fmt: skip
            faults += [f"environment, {name}: is no setting; did you mean {known[0]}?"] if known else []
    environment.check_environment()
    return faults


def check_settings(project: Path) -> str:
    """Raise BadInputError naming each setting that is wrong; returns a line about the good end."""
    faults = [*_variable_faults(project), *_profile_faults(project), *_environment_faults()]
    if faults:
        count = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
        raise BadInputError("\n".join([f"{count} in the settings; nothing was built, nothing released.", *faults]))
    return f"settings: {len(Variables.model_fields)} in their ranges"
