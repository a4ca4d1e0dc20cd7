"""The plan of a made-up register, `demo/registers/<study>.yml`: its firms before they are fitted; demo/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smv_ai.errors import BadInputError
from smv_ai.settings import read_yaml

FOLDER = Path("demo") / "registers"
Positive = Annotated[float, Field(gt=0)]


class Part(BaseModel):
    """A part of a plan: what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Lognormal(Part):
    """Median (beyond `least`) and standard deviation of the logarithm; of the logit for a share."""

    median: Positive
    spread: Positive
    least: float = 0.0


class Growth(Part):
    """Growth in per cent: standard deviations, tails (Student's t), and the share of variance that demand gives."""

    degrees_of_freedom: Annotated[int, Field(ge=3)]
    shared: Annotated[float, Field(ge=0, le=1)]
    spread: dict[str, Positive]


class RegisterPlan(Part):
    """The firms of a made-up register as drawn; `study_id` names the study whose design they are for."""

    study_id: str
    seed: Annotated[int, Field(ge=0)]
    industries: Annotated[dict[str, Positive], Field(min_length=1)]
    full_time_equivalents: Lognormal
    turnover_per_full_time_equivalent: Lognormal
    payroll_per_full_time_equivalent: Lognormal
    value_added_per_full_time_equivalent: Lognormal
    exports_share: Lognormal
    treatment_by_size: float
    growth: Growth

    def amounts(self) -> dict[str, Lognormal]:
        """The amounts that are drawn per full-time equivalent."""
        return {
            name: getattr(self, f"{name}_per_full_time_equivalent") for name in ("turnover", "payroll", "value_added")
        }


def read_register_plan(path: Path) -> RegisterPlan:
    """The plan in a file. Raises BadInputError naming file, field, value and rule."""
    document = read_yaml(path)
    where = f"{FOLDER.as_posix()}/{path.name}"
    try:
        plan = RegisterPlan(**document)
    except (ValidationError, TypeError) as error:
        found = error.errors() if isinstance(error, ValidationError) else [{"loc": (), "msg": str(error)}]
        lines = [f"{where}: {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in found]
        raise BadInputError("\n".join(lines)) from error
    if plan.study_id != path.stem:
        raise BadInputError(f"{where}: study_id is '{plan.study_id}'; it is the name of the file, '{path.stem}'")
    return plan


def read_register_plans(project: Path) -> list[RegisterPlan]:
    """All plans of made-up registers, by name. Raises BadInputError with every fault."""
    plans, faults = [], []
    for path in sorted((project / FOLDER).glob("*.yml")):
        try:
            plans.append(read_register_plan(path))
        except BadInputError as error:
            faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(faults))
    return plans
