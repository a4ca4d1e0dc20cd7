"""The shape of what is read back from a folder of releases: written by us, but perhaps damaged or a stranger's since.

Only the standard library: `smv-ai status` must answer at once.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

LONGEST_TEXT = 20_000
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class ShapeError(ValueError):
    """Something is not what it must be; the message names the field and what is allowed."""


@dataclass(frozen=True)
class Rule:
    """What a field may hold: in words, and as a test that is true for every allowed value and never raises."""

    allowed: str
    holds: Callable[[Any], bool]

    def or_none(self) -> Rule:
        """The same rule for a field that may also be null."""
        return Rule(f"{self.allowed}, or null", lambda value: value is None or self.holds(value))


def matching(allowed: str, pattern: str) -> Rule:
    """A text that the whole pattern matches."""
    compiled = re.compile(pattern, re.ASCII)
    return Rule(allowed, lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None)


def _is_text(value: Any) -> bool:
    """Half of a pair of surrogates is no text: nothing can print or store it; neither is NUL."""
    return (
        isinstance(value, str)
        and len(value) <= LONGEST_TEXT
        and not any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in value)
    )


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str) or MOMENT.fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and _is_moment(f"{value}T00:00")


def whole_number(least: int, most: int) -> Rule:
    """A whole number in these limits; true and false are none."""
    return Rule(
        f"a whole number from {least} to {most}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
    )


TEXT = Rule("a text", _is_text)
NAME = matching("letters, digits and . _ -, at most 100, the first no point", r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
TABLE = Rule("the name of a table", lambda value: isinstance(value, str) and value.isidentifier())
SHA256 = matching("64 hexadecimal digits", r"[0-9a-f]{64}")
MOMENT_TEXT = Rule("a time as 2026-01-31T12:00:00", _is_moment)
DATE_TEXT = Rule("a date as 2026-01-31", _is_date)
OBJECT = Rule("an object", lambda value: isinstance(value, dict))
COUNT = whole_number(0, 2**63 - 1)
SECONDS = Rule(
    "a number from 0 to 1e9",
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9,
)


def mapping(keys: Rule, values: Rule) -> Rule:
    """An object whose every key and value keeps the rules."""
    return Rule(
        f"an object of {keys.allowed}: {values.allowed}",
        lambda value: isinstance(value, dict) and all(keys.holds(k) and values.holds(v) for k, v in value.items()),
    )


def list_of(fields: Mapping[str, Rule]) -> Rule:
    """A list of objects that have at least these fields."""
    return Rule(
        f"a list of objects with {', '.join(fields)}",
        lambda value: (
            isinstance(value, list)
            and all(isinstance(item, dict) and all(r.holds(item.get(n)) for n, r in fields.items()) for item in value)
        ),
    )


def regular_file(path: Path) -> None:
    """Raise OSError or ShapeError where the path is no file: opening a pipe would wait for ever, a folder cannot be."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ShapeError("it is not a file")


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of at most so many bytes; raises OSError or ShapeError."""
    regular_file(path)
    with path.open("rb") as handle:
        found = handle.read(most + 1)
    if len(found) > most:
        raise ShapeError(f"it is longer than {most} bytes")
    return found


def parsed(text: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8; raises ShapeError for anything else."""
    try:
        found = json.loads(text.decode("utf-8"))
    except RecursionError:
        raise ShapeError("it is nested too deeply") from None
    except ValueError as error:
        raise ShapeError(f"it is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise ShapeError(f"it holds a {type(found).__name__}; allowed: an object")
    return found


def checked(found: Mapping[str, Any], rules: Mapping[str, Rule], required: Collection[str]) -> dict[str, Any]:
    """The fields that have a rule, each as allowed; others are left out. Raises ShapeError for the first wrong one."""
    for name in required:
        if name not in found:
            raise ShapeError(f"{name} is missing")
    for name, rule in rules.items():
        if name in found and not rule.holds(found[name]):
            shown = ascii(found[name])
            shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
            raise ShapeError(f"{name} is {shown}; allowed: {rule.allowed}")
    return {name: found[name] for name in rules if name in found}
