"""A study: which firms of a register panel are compared, on what, and how; the file panels/<study>.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from smv_ai.errors import BadInputError
from smv_ai.matching.terms import Term, read_term

Kind = Literal["level", "difference", "percent_growth", "log_growth"]
Column = Annotated[Term, BeforeValidator(lambda value: read_term(value) if isinstance(value, str) else value)]
Share = Annotated[float, Field(ge=0, le=1)]
# A number of the answer codes or texts of a survey, or values of a column: one or several.
Values = Annotated[list[Any], BeforeValidator(lambda value: value if isinstance(value, list) else [value])]


class Part(BaseModel):
    """A part of a study file: what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Trim(Part):
    """Quantiles of the outcome outside of which firms are left out; null: no limit on that side."""

    lower: Share | None = None
    upper: Share | None = None


class SurveyTreatment(Part):
    """Treatment as an answer in a survey wave of the warehouse: `respondent_id` there is `firm_id` here."""

    survey_wave_id: str
    column: str
    treated: Values = [1]
    untreated: Values = [0]


class Label(Part):
    """What a reader sees for a column or a term."""

    da: str
    en: str


class Outcome(Part):
    """An outcome: a term, and how its values in the years become one number a firm."""

    column: Column
    kind: Kind = "percent_growth"
    outcome_id: str = ""
    label_da: str = ""
    label_en: str = ""
    indicator_id: str | None = None
    trim: Trim | None = None


class Study(Part):
    """A study; the fields are documented in docs/matching.md. `study_id` is the name of its file."""

    study_id: str
    label_da: str
    label_en: str
    base_population_id: str | None = None
    publication_id: str | None = None
    survey_wave_id: str | None = None
    evidence_type: Literal["estimated", "synthetic"] = "estimated"
    note_da: str = ""
    note_en: str = ""
    base_year: int
    end_year: int
    earlier_year: int | None = None
    where: dict[str, Values] = {}
    treatment: str | SurveyTreatment = "treatment"
    exact: list[str] = []
    match_on: Annotated[list[Column], Field(min_length=1, max_length=20)]
    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    sample: Literal["each", "common"] = "each"
    by: str | None = None
    distance: Literal["mahalanobis", "inverse_variance"] = "mahalanobis"
    neighbours: Annotated[int, Field(ge=1)] = 3
    ties: Literal["all", "smallest_id"] = "all"
    caliper: Annotated[float, Field(gt=0)] | None = None
    variance_neighbours: Annotated[int, Field(ge=0)] = 1
    bias_adjust: bool = True
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    trim: Trim | None = None
    balance: list[Column] = []
    labels: dict[str, Label] = {}

    @model_validator(mode="after")
    def _years_in_order(self) -> Study:
        if self.end_year < self.base_year:
            raise ValueError(f"end_year {self.end_year} lies before base_year {self.base_year}")
        if self.earlier_year is not None and self.earlier_year >= self.base_year:
            raise ValueError(f"earlier_year {self.earlier_year} must lie before base_year {self.base_year}")
        return self

    @model_validator(mode="after")
    def _labels_are_used(self) -> Study:
        known = [*self.exact, *(str(term) for term in [*self.match_on, *self.balance])]
        unknown = [name for name in self.labels if name not in known]
        if unknown:
            raise ValueError(f"labels: {', '.join(unknown)} is in none of exact, match_on, balance: {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _outcomes_once(self) -> Study:
        ids = [outcome_id(outcome) for outcome in self.outcomes]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"outcomes: {', '.join(repeated)} more than once; give each an outcome_id of its own")
        return self


def outcome_id(outcome: Outcome) -> str:
    """Name of the outcome in the study: the one given, or its columns."""
    return outcome.outcome_id or "_per_".join(outcome.column.columns)


def read_study(path: Path) -> Study:
    """The study of a file. Raises BadInputError naming file, field, value, rule and the way out."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"panels/{path.name}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise BadInputError(f"panels/{path.name}: must be a list of fields; they are described in docs/matching.md")
    document["outcomes"] = [
        {"column": item} if isinstance(item, str) else item for item in document.get("outcomes") or []
    ]
    try:
        return Study(study_id=path.stem, **document)
    except (ValidationError, TypeError) as error:
        raise BadInputError(_message(path, error)) from error


def _message(path: Path, error: ValidationError | TypeError) -> str:
    """One line a finding: file, field, value, rule."""
    if isinstance(error, TypeError):
        return f"panels/{path.name}: {error}; fields: docs/matching.md"
    lines = []
    for found in error.errors():
        field = ".".join(str(part) for part in found["loc"]) or "the file"
        value = "" if found["type"] == "missing" or not found["loc"] else f" is {found['input']!r}"
        lines.append(f"panels/{path.name}: {field}{value}: {found['msg'].removeprefix('Value error, ')}")
    return "\n".join([*lines, "Mend the file; its fields are described in docs/matching.md."])


def read_studies(folder: Path) -> list[Study]:
    """All studies of a folder, by name; none where there is no folder. Raises BadInputError with every fault."""
    studies, faults = [], []
    for path in sorted(folder.glob("*.yml")):
        try:
            studies.append(read_study(path))
        except BadInputError as error:
            faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(faults))
    return studies
