"""What a loaded table means here: `official/<table>.yml` maps its dimensions to our code lists, and flags to statuses.

A description is checked against the code lists and against every loaded file of its table before a build begins. Cells
under codes that it does not name stay in the loaded table and reach no mart.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smv_ai.errors import BadInputError
from smv_ai.official.cells import FLAG, POSITION, STATE, VALUE
from smv_ai.official.store import TABLE_ID, loaded_tables
from smv_ai.suggest import allowed_in_words, is_near_miss

FOLDER = "official"
# Columns of a figure that a dimension, or `fixed`, gives, and the code list of each; time_period has none.
CODELISTS = {
    "official_indicator": "official_indicators", "area_code": "official_areas", "official_size": "official_sizes",
    "official_industry": "official_industries", "unit_of_measure": "units",
}  # fmt: skip
PERIOD = "time_period"
COLUMNS = (*CODELISTS, PERIOD)
KEY = ("series_family", *COLUMNS)
# 2025, 2025M01, 2025-Q1, 2025K1, 2025-S1, 2025H1; the warehouse writes 2025, 202501
TIME = re.compile(r"(\d{4})(?:-?[MQKUWSH]?(\d{1,2}))?")
OURS = re.compile(r"\d{4}(\d{2})?")
TIME_NAMES = ("time", "time_period")
OTHERS = (
    "official_figure_id", "observation_value", "observation_flag", "observation_status", "is_flagged_break",
    "printed_decimals", "base_population", "question_wording", "source_title", "source_address",
)  # fmt: skip
MOST_DECIMALS = 6
Place = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DimensionUse(_Strict):
    """What becomes of a dimension: a column with codes of ours, or one category alone."""

    column: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    only: str | None = None


class Description(_Strict):
    """A file `official/<table>.yml`."""

    series_family: str
    base_population: str = Field(min_length=1)
    source_title: str = Field(min_length=1)
    source_address: str = Field(min_length=1)
    dimensions: dict[str, DimensionUse] = Field(min_length=1)
    fixed: dict[str, str] = Field(default_factory=dict)
    flags: dict[str, str] = Field(default_factory=dict)
    break_flags: tuple[str, ...] = ()
    decimals: int | None = Field(default=None, ge=0, le=MOST_DECIMALS)
    questions: dict[str, str] = Field(default_factory=dict)


def _lines(path: Path) -> tuple[dict[str, Any], dict[Place, int]]:
    """What a file says, all as text (NO is Norway), and the line of every key."""
    lines: dict[Place, int] = {(): 1}
    where = f"{FOLDER}/{path.name}"

    def walk(node: yaml.Node, place: Place) -> None:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
            here = (*place, str(key.value))
            line = key.start_mark.line + 1
            if here in lines:
                raise BadInputError(f"{where}, line {line}, {'.'.join(here)}: stands there twice; keep one.")
            lines[here] = line
            walk(value, here)

    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        if node is not None:
            walk(node, ())
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{where}: cannot be read ({error}); save it as UTF-8.") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is nested too deeply or broken"
        raise BadInputError(
            f"{where}, line {mark.line + 1 if mark else 1}: is no well-formed YAML: {reason}. Mend the line."
        ) from error
    if not isinstance(found, dict):
        raise BadInputError(f"{where}: describes nothing; docs/official.md has an example.")
    return found, lines


@dataclass(frozen=True)
class Described:
    """A description with the lines of its keys; `table_id` is the name of its file."""

    table_id: str
    content: Description
    lines: dict[Place, int]

    def fault(self, place: Place, message: str) -> str:
        """A message with file, line and key."""
        return _fault(self.table_id, self.lines, place, message)


def _fault(table_id: str, lines: dict[Place, int], place: Place, message: str) -> str:
    known = place
    while known not in lines:
        known = known[:-1]
    key = f", {'.'.join(place)}" if place else ""
    return f"{FOLDER}/{table_id}.yml, line {lines[known]}{key}: {message}"


def _of_the_model(table_id: str, lines: dict[Place, int], error: ValidationError) -> list[str]:
    faults = []
    for one in error.errors():
        place = tuple(str(part) for part in one["loc"])
        model = DimensionUse if place[0] == "dimensions" and len(place) > 2 else Description
        if one["type"] == "extra_forbidden":
            message = f"is no key of a description; {allowed_in_words(place[-1], list(model.model_fields))}"
        elif one["type"] == "missing":
            message = "is missing; write it"
        else:
            said = one["msg"].lower().replace(" or instance of dimensionuse", "").replace("tuple", "list")
            message = f"'{one['input']}' is not allowed: {said.replace('dictionary', 'mapping of key: value')}"
        faults.append(_fault(table_id, lines, place, message))
    return faults


def codelists(project: Path) -> dict[str, list[str]]:
    """The codes of each code list that a description may name, from the seeds."""
    found: dict[str, list[str]] = {}
    with (project / "seeds" / "codelists" / "codes.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["codelist_id"], []).append(row["code_id"])
    with (project / "seeds" / "codelists" / "units.csv").open(encoding="utf-8", newline="") as handle:
        found["units"] = [row["unit_of_measure"] for row in csv.DictReader(handle)]
    return found


def _code_faults(one: Described, codes: dict[str, list[str]]) -> list[str]:
    """Codes of ours that no code list has."""
    content, faults = one.content, []
    named: list[tuple[Place, str, str]] = [(("series_family",), content.series_family, "series_families")]
    named += [(("flags", flag), status, "observation_statuses") for flag, status in content.flags.items()]
    for column, code in content.fixed.items():
        if column not in CODELISTS:
            faults.append(one.fault(("fixed", column), f"is no column; {allowed_in_words(column, list(CODELISTS))}"))
            continue
        named.append((("fixed", column), code, CODELISTS[column]))
    for name, use in content.dimensions.items():
        if use.column in CODELISTS:
            named += [
                (("dimensions", name, "codes", code), ours, CODELISTS[use.column]) for code, ours in use.codes.items()
            ]
    for place, code, codelist in named:
        allowed = [known for known in codes.get(codelist, []) if known != "all"]
        if code not in allowed:
            faults.append(one.fault(place, f"'{code}' is no code of {codelist}; {allowed_in_words(code, allowed)}"))
    return faults


def _use_faults(one: Described) -> list[str]:
    """Each column comes from one place, and each dimension has one use."""
    faults, given = [], dict.fromkeys(one.content.fixed, "fixed")
    for name, use in one.content.dimensions.items():
        place = ("dimensions", name)
        if (first := held_as(name, list(one.content.dimensions))) != name:
            faults.append(one.fault(place, f"is the dimension {first} again; keep one"))
        faults += [
            one.fault((*place, "codes", code), f"'{ours}' is no period such as 2025 or 202501; write one")
            for code, ours in use.codes.items() if use.column == PERIOD and not OURS.fullmatch(ours)
        ]  # fmt: skip
        if (use.column is None) == (use.only is None):
            faults.append(one.fault(place, "give either column or only; column maps it, only takes one category"))
        elif use.column is not None and use.column not in COLUMNS:
            faults.append(
                one.fault((*place, "column"), f"'{use.column}' is no column; {allowed_in_words(use.column, COLUMNS)}")
            )
        elif use.column is not None:
            if use.column in given:
                faults.append(one.fault((*place, "column"), f"'{use.column}' is given by {given[use.column]} too"))
            if not use.codes and use.column != PERIOD:
                faults.append(one.fault((*place, "codes"), "is missing; map the categories to codes of ours"))
            given[use.column] = name
    faults += [
        one.fault(("dimensions",), f"no dimension gives {column}; map one to it"
                  + ("" if column == PERIOD else f", or write it under fixed: {column}"))
        for column in COLUMNS if column not in given
    ]  # fmt: skip
    faults += [
        one.fault(("questions", year), "is no year; write the four digits of one")
        for year in one.content.questions if not re.fullmatch(r"\d{4}", year)
    ]  # fmt: skip
    return faults


def held_as(name: str, held: Collection[str]) -> str | None:
    """The name that a file has for a dimension: Eurostat's `time` is TIME_PERIOD in its CSV; case does not count."""
    same = TIME_NAMES if name.casefold() in TIME_NAMES else (name.casefold(),)
    return next((other for other in held if other.casefold() in same), None)


def _table_faults(one: Described, facts: dict[str, Any]) -> list[str]:
    """What a description says of a loaded file that the file does not have, and what it leaves open."""
    held = {dimension["code"]: list(dimension["categories"]) for dimension in facts["dimensions"]}
    uses, file, faults = one.content.dimensions, facts["file_name"], []
    for described, use in uses.items():
        place, name = ("dimensions", described), held_as(described, held)
        if name is None and use.only is not None:
            continue  # a form may leave out a dimension that has one category
        if name is None:
            faults.append(one.fault(place, f"is no dimension of {file}; {allowed_in_words(described, list(held))}"))
            continue
        if use.only is not None and use.only not in held[name]:
            faults.append(
                one.fault((*place, "only"), f"'{use.only}' is not in {file}; {allowed_in_words(use.only, held[name])}")
            )
        # a file may be a part of its table, so a code that it lacks is a slip only where it looks like one
        spare = [code for code in held[name] if code not in use.codes]
        faults += [
            one.fault((*place, "codes", code), f"is no category of {file}; {allowed_in_words(code, spare)}")
            for code in use.codes
            if code not in held[name] and any(is_near_miss(code.casefold(), other.casefold()) for other in spare)
        ]
        if use.column == PERIOD:
            faults += [
                one.fault(place, f"'{code}' of {file} is no period such as 2025 or 2025M01; use only or codes")
                for code in held[name] if not use.codes and not TIME.fullmatch(code)
            ]  # fmt: skip
    faults += [
        one.fault(("dimensions",), f"says nothing of the dimension {name} of {file}; map it, or take one category "
                  f"with only; {allowed_in_words('', held[name])}")
        for name in held if held_as(name, uses) is None
    ]  # fmt: skip
    known = [*one.content.flags, *one.content.break_flags]
    faults += [
        one.fault(("flags",), f"says nothing of the flag '{flag}' of {count} cells of {file}; "
                  + allowed_in_words("", known))
        for flag, count in facts["flags"].items() if parts_of(one.content, flag) is None
    ]  # fmt: skip
    return faults


def parts_of(content: Description, flag: str) -> list[str] | None:
    """The described flags that a cell's flag is made of ('b u', 'bu'); None where one of them is not described."""
    known, found = {*content.flags, *content.break_flags}, []
    for part in flag.split():
        parts = [part] if part in known else list(part)
        if not set(parts) <= known:
            return None
        found += parts
    return found


def _period(code: str) -> str | None:
    match = TIME.fullmatch(code)
    return f"{match[1]}{int(match[2]):02d}" if match and match[2] else match[1] if match else None


def read_descriptions(project: Path) -> list[Described]:
    """All descriptions, checked by themselves. Raises BadInputError with file, line, key and the nearest allowed."""
    found, faults = [], []
    codes = codelists(project) if (paths := sorted((project / FOLDER).glob("*.y*ml"))) else {}
    for path in paths:
        lines: dict[Place, int] = {(): 1}
        try:
            content, lines = _lines(path)
            one = Described(path.stem, Description.model_validate(content), lines)
        except ValidationError as error:
            faults += _of_the_model(path.stem, lines, error)
            continue
        except BadInputError as error:
            faults.append(str(error))
            continue
        if not TABLE_ID.fullmatch(path.stem):
            faults.append(f"{FOLDER}/{path.name}: is not named as a table is; small letters, digits and _; rename it")
        if path.suffix != ".yml":
            faults.append(f"{FOLDER}/{path.name}: does not end in .yml; rename it")
        faults += [*_use_faults(one), *_code_faults(one, codes)]
        found.append(one)
    if faults:
        raise BadInputError("\n".join(faults))
    return found


def _flagged(content: Description, flags: pd.Series) -> pd.DataFrame:
    """observation_status and whether a cell is a break, by its flag. The first described status wins."""
    rows = {}
    for flag in flags.unique():
        parts = parts_of(content, flag) or []
        status = next((status for known, status in content.flags.items() if known in parts), "normal")
        rows[flag] = (status, any(part in content.break_flags for part in parts))
    found = flags.map(rows)
    return pd.DataFrame({"observation_status": found.str[0], "is_flagged_break": found.str[1].astype(bool)})


def _digits(values: pd.Series) -> int:
    """The most decimals that a value has, at most MOST_DECIMALS."""
    known = values.dropna()
    return next((n for n in range(MOST_DECIMALS) if (known.round(n) == known).all()), MOST_DECIMALS)


def figures_of(one: Described, facts: dict[str, Any]) -> pd.DataFrame:
    """The figures of a loaded file: a row for each cell that it accounts for under codes that are described."""
    content = one.content
    cells = pd.read_parquet(facts["parquet"])
    names = {name: held_as(name, list(cells.columns)) for name in content.dimensions}
    for described, use in content.dimensions.items():
        if use.only is not None and (name := names[described]) is not None:
            cells = cells[cells[name].astype(str) == use.only]
    cells = cells[cells[STATE] != "absent"].reset_index(drop=True)
    found = pd.DataFrame(index=cells.index)
    for described, use in content.dimensions.items():
        if use.column is not None:
            codes = cells[names[described]].astype(str)
            found[use.column] = codes.map(use.codes or _period)
    found = found.assign(**content.fixed, series_family=content.series_family)
    flags = cells[FLAG].fillna("").astype(str)
    found["observation_value"], found["observation_flag"] = cells[VALUE].astype(float), flags
    found = pd.concat([found, _flagged(content, flags)], axis=1)
    # a cell without a number that no flag explains
    is_bare = found["observation_value"].isna() & (found["observation_status"] == "normal")
    found.loc[is_bare, "observation_status"] = "not_published"
    found["printed_decimals"] = _digits(cells[VALUE]) if content.decimals is None else content.decimals
    found["question_wording"] = found[PERIOD].str[:4].map(content.questions)
    found["official_figure_id"] = f"{one.table_id}_{facts['sha256'][:8]}_" + cells[POSITION].astype(str)
    return found.assign(
        base_population=content.base_population, source_title=content.source_title,
        source_address=facts["address"] or content.source_address,
    ).dropna(subset=list(KEY))  # fmt: skip


def _twice(one: Described, facts: dict[str, Any], figures: pd.DataFrame) -> list[str]:
    again = figures[figures.duplicated(list(KEY))]
    if again.empty:
        return []
    shown = ", ".join(str(again.iloc[0][name]) for name in KEY)
    return [one.fault(("dimensions",), f"two cells of {facts['file_name']} are one figure ({shown}); map fewer codes")]


def described_figures(project: Path) -> pd.DataFrame:
    """The figures of all loaded and described tables; of several files the one that came last has a figure.

    Raises BadInputError with all faults of descriptions, each with file, line, key and the nearest allowed.
    """
    descriptions = {one.table_id: one for one in read_descriptions(project)}
    parts, faults = [], []
    for facts in loaded_tables(project) if descriptions else []:
        if (one := descriptions.get(facts["table_id"])) is None:
            continue
        if found := _table_faults(one, facts):
            faults += found
            continue
        figures = figures_of(one, facts)
        faults += _twice(one, facts, figures)
        parts.append(figures)
    if faults:
        raise BadInputError("\n".join(dict.fromkeys(faults)))
    if not parts:
        return pd.DataFrame(columns=[*KEY, *OTHERS])
    return pd.concat(parts, ignore_index=True).drop_duplicates(list(KEY), keep="last")[[*KEY, *OTHERS]]


def described_table(project: Path) -> pa.Table:
    """The same with fixed types, also where there is no row."""
    figures = described_figures(project)
    texts = pa.string()
    types = {"observation_value": pa.float64(), "is_flagged_break": pa.bool_(), "printed_decimals": pa.int32()}
    schema = pa.schema([(name, types.get(name, texts)) for name in (*KEY, *OTHERS)])
    return pa.Table.from_pandas(figures, schema=schema, preserve_index=False)
