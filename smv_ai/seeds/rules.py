"""The rules of the seeds, read from their dbt property files: the types and data tests there are the one truth.

dbt runs the same tests on the loaded tables. Here they run on the files before anything is built, because a message
can then name file, row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smv_ai.errors import BadInputError
from smv_ai.seeds.row_rules import RULES, RowRule, Target, rule_from
from smv_ai.settings import read_yaml

REF = re.compile(r"ref\('(\w+)'\)")


@dataclass(frozen=True)
class Bound:
    """A column that must lie between two limits: numbers, or columns of the row with the same key elsewhere."""

    column: str
    to: str
    key: str
    minimum: str | float
    maximum: str | float


@dataclass(frozen=True)
class LineList:
    """A column of comma-separated line numbers, none beyond the length of the text that the key names."""

    column: str
    to: str
    key: str
    maximum: str


@dataclass
class SeedRules:
    """What one seed must obey; column names in the order of the file."""

    name: str
    path: Path
    types: dict[str, str]
    may_be_empty: bool = False
    required: set[str] = field(default_factory=set)
    # columns that no two rows share; the first key names a row in messages and in the lock of accepted rows
    keys: list[list[str]] = field(default_factory=list)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    codelists: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    bounds: list[Bound] = field(default_factory=list)
    line_lists: list[LineList] = field(default_factory=list)
    combinations: list[tuple[list[str], str]] = field(default_factory=list)
    row_rules: list[RowRule] = field(default_factory=list)

    def key_columns(self) -> set[str]:
        """The columns that name a row, here or elsewhere: keys, references and codes."""
        own = {column for key in self.keys for column in key}
        other = {column for columns, _ in self.combinations for column in columns}
        return own | other | {*self.references, *self.codelists, *self.values}


def _name_and_arguments(test: str | dict) -> tuple[str, dict]:
    if isinstance(test, str):
        return test, {}
    [(name, body)] = test.items()
    return name, body["arguments"]


def _referenced(expression: str) -> str:
    match = REF.fullmatch(expression)
    if match is None:
        raise ValueError(f"expected ref('name'), found {expression}")
    return match.group(1)


def _target(body: dict[str, Any]) -> Target:
    """A target of refers_to as the property file writes it; `if` is a word of Python."""
    given: dict[str, Any] = {**body, "to": _referenced(body["to"]), "within": tuple(body.get("within", ()))}
    return Target(**{"only_if" if key == "if" else key: value for key, value in given.items()})


def _row_rule(name: str, arguments: dict[str, Any], column: str | None = None) -> RowRule:
    if "any_of" in arguments:
        arguments = {**arguments, "any_of": [_target(body) for body in arguments["any_of"]]}
    return rule_from(name, arguments, column)


def _add_keys(
    rules: SeedRules,
    primary: list[str],
    alternate: Iterable[list[str]] = (),
    foreign: Mapping[str, dict[str, str]] = MappingProxyType({}),
) -> None:
    rules.keys += [primary, *alternate]
    rules.required.update(primary)
    for column, target in foreign.items():
        if column not in rules.types:
            raise ValueError(f"{rules.name}: keys names {column}, which the seed does not have")
        rules.references[column] = (_referenced(target["to"]), target["field"])


def _add_table_test(rules: SeedRules, test: str | dict) -> None:
    name, arguments = _name_and_arguments(test)
    if name == "keys":
        _add_keys(rules, **arguments)
    elif name == "filled":
        unknown = [column for column in arguments["columns"] if column not in rules.types]
        if unknown:
            raise ValueError(f"{rules.name}: filled names {', '.join(unknown)}, which the seed does not have")
        rules.required.update(arguments["columns"])
    elif name == "bounded_by":
        rules.bounds.append(Bound(**{**arguments, "to": _referenced(arguments["to"])}))
    elif name == "line_list":
        rules.line_lists.append(LineList(**{**arguments, "to": _referenced(arguments["to"])}))
    elif name == "exists_in":
        rules.combinations.append((arguments["columns"], _referenced(arguments["to"])))
    elif name in RULES:
        rules.row_rules.append(_row_rule(name, arguments))
    else:
        raise ValueError(f"{rules.name}: no check of seed files is written for the test {name}")


def _add_column_test(rules: SeedRules, column: str, test: str | dict) -> None:
    name, arguments = _name_and_arguments(test)
    if name == "in_codelist":
        rules.codelists[column] = arguments["codelist"]
    elif name == "accepted_values":
        rules.values[column] = [str(value) for value in arguments["values"]]
    elif name in RULES:
        rules.row_rules.append(_row_rule(name, arguments, column))
    else:
        raise ValueError(f"{rules.name}.{column}: no check of seed files is written for the test {name}")


def _rules_of(properties: Path) -> list[SeedRules]:
    found = []
    for seed in read_yaml(properties)["seeds"]:
        config = seed["config"]
        may_be_empty = config.get("meta", {}).get("may_be_empty", False)
        path = properties.parent / f"{seed['name']}.csv"
        rules = SeedRules(seed["name"], path, config["column_types"], may_be_empty)
        for test in seed.get("data_tests", []):
            _add_table_test(rules, test)
        for column in seed["columns"]:
            for test in column.get("data_tests", []):
                _add_column_test(rules, column["name"], test)
        if not rules.keys:
            raise ValueError(f"{rules.name}: keys are expected; the lock of accepted rows names rows by them")
        found.append(rules)
    return found


def read_rules(seeds_dir: Path) -> list[SeedRules]:
    """All rules below the folder, one object a seed, in the order of the property files.

    Raises BadInputError naming the property file that cannot be read as rules.
    """
    found = []
    for properties in sorted(seeds_dir.glob("*/_*.yml")):
        try:
            found += _rules_of(properties)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            place = f"{seeds_dir.name}/{properties.parent.name}/{properties.name}"
            raise BadInputError(f"{place}: cannot be read as rules of seeds ({error}); mend the file.") from error
    return found
