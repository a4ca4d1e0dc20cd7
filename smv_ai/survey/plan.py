"""The plan of one survey wave, `demo/<survey_wave_id>.yml`: who answered and what answers are plausible.

The format is described in demo/README.md. Everything is read as text; numbers are converted where a number is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from smv_ai.errors import BadInputError

STRATUM_FACTS = ("population", "invited", "responding")
PLAN_KEYS = {"survey_wave_id", "seed", "panel", "strata", "columns", "answers", "groups"}


@dataclass(frozen=True)
class Case:
    """Shares of values that hold where each column has one of the values; without conditions for everybody else."""

    conditions: dict[str, tuple[str, ...]]
    shares: dict[str, float]


@dataclass(frozen=True)
class Draw:
    """How a column is drawn: the first case that fits counts."""

    column: str
    cases: tuple[Case, ...]
    no_answer: float | int = 0


@dataclass(frozen=True)
class Stratum:
    """A stratum of the sampling plan; the population is None where it is not known."""

    columns: dict[str, str]
    population: float | None
    invited: int | None
    responding: int

    @property
    def stratum_id(self) -> str:
        """The values of its columns."""
        return "|".join(self.columns.values()) or "all"


@dataclass(frozen=True)
class Group:
    """Items of which a respondent ticks at most so many, or leaves all unanswered."""

    columns: tuple[str, ...]
    at_most: int
    no_answer: float | int


@dataclass(frozen=True)
class Panel:
    """How many firms of an earlier wave answer again, and how often they repeat an answer."""

    earlier: str
    firms: int
    same_answer: float
    same_answer_by_column: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """One wave as drawn."""

    survey_wave_id: str
    seed: int
    strata: tuple[Stratum, ...]
    columns: tuple[Draw, ...]
    answers: tuple[Draw, ...]
    groups: tuple[Group, ...]
    panel: Panel | None


def _number(text: str) -> float:
    """A number from 0, in digits and at most a point."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"'{text}' is not allowed; allowed: a number from 0, such as 0.25")
    return float(text)


def _whole(text: str) -> int:
    """A whole number from 0, in digits."""
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError(f"'{text}' is not allowed; allowed: a whole number from 0")
    return int(text)


def _share(text: str) -> float:
    """A share: a number from 0 to 1."""
    if (share := _number(text)) > 1:
        raise ValueError(f"'{text}' is not allowed; allowed: a share from 0 to 1")
    return share


def _share_or_count(text: str) -> float | int:
    return _share(text) if "." in text else _whole(text)


def _shares(value: str | dict[str, str], *, is_answer: bool) -> dict[str, float]:
    if isinstance(value, dict):
        return {name: _number(share) for name, share in value.items()}
    # one number is the share of the code 1 in an item with 1 and 0; one word is the value of a column
    return {"1": _share(value), "0": 1 - _share(value)} if is_answer else {value: 1.0}


def _values(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _draw(column: str, body: Any, *, is_answer: bool) -> Draw:
    if isinstance(body, str):
        body = {"shares": body}
    if extra := set(body) - {"shares", "cases", "no_answer"}:
        raise ValueError(f"{column}: unknown {', '.join(sorted(extra))}")
    cases = [
        Case(
            {name: _values(values) for name, values in case["if"].items()}, _shares(case["shares"], is_answer=is_answer)
        )
        for case in body.get("cases", [])
    ]
    if "shares" in body:
        cases.append(Case({}, _shares(body["shares"], is_answer=is_answer)))
    return Draw(column, tuple(cases), _share_or_count(body.get("no_answer", "0")))


def _strata(body: dict[str, Any]) -> tuple[Stratum, ...]:
    if tuple(body["columns"][-3:]) != STRATUM_FACTS:
        raise ValueError(f"strata: the last columns must be {', '.join(STRATUM_FACTS)}")
    names = body["columns"][:-3]
    strata = []
    for row in body["rows"]:
        values, (population, invited, responding) = row[:-3], row[-3:]
        strata.append(
            Stratum(
                dict(zip(names, values, strict=True)),
                None if population in ("~", "") else _number(population),
                None if invited in ("~", "") else _whole(invited),
                _whole(responding),
            )
        )
        known = [number for number in (strata[-1].responding, strata[-1].invited, strata[-1].population) if number]
        if known != sorted(known):
            raise ValueError(f"strata: {strata[-1].stratum_id} needs responding <= invited <= population")
    return tuple(strata)


def _group(body: dict[str, Any]) -> Group:
    columns = tuple(body["columns"])
    return Group(columns, _whole(str(body.get("at_most", len(columns)))), _share_or_count(body.get("no_answer", "0")))


def _panel(body: dict[str, Any]) -> Panel:
    by_column = {column: _share(share) for column, share in body.get("same_answer_by_column", {}).items()}
    return Panel(body["earlier"], _whole(body["firms"]), _share(body["same_answer"]), by_column)


def read_plan(path: Path) -> Plan:
    """The plan in the file. Raises BadInputError with file and place."""
    try:
        body = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        if extra := set(body) - PLAN_KEYS:
            raise ValueError(f"unknown {', '.join(sorted(extra))}")
        if body["survey_wave_id"] != path.stem:
            raise ValueError(f"survey_wave_id is {body['survey_wave_id']}, the file is named {path.stem}")
        return Plan(
            body["survey_wave_id"],
            _whole(body["seed"]),
            _strata(body["strata"]),
            tuple(_draw(column, draw, is_answer=False) for column, draw in (body.get("columns") or {}).items()),
            tuple(_draw(column, draw, is_answer=True) for column, draw in body["answers"].items()),
            tuple(_group(group) for group in body.get("groups", [])),
            _panel(body["panel"]) if "panel" in body else None,
        )
    except KeyError as error:
        raise BadInputError(f"demo/{path.name}: {error} is missing") from error
    except (ValueError, TypeError, AttributeError, RecursionError, OSError, yaml.YAMLError) as error:
        raise BadInputError(f"demo/{path.name}: {error}") from error
