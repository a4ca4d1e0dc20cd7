"""Margins of a survey file from an official table: how many firms of the population have each value of a column.

A dimension of the table is a column of the survey, or is fixed to one category; of the others the total is taken where
the table has one, and the sum of their categories otherwise.
"""

from __future__ import annotations

import csv
import functools
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from smv_ai.errors import BadInputError
from smv_ai.intake.words import name_from, plain
from smv_ai.official.cells import FLAG, HAS_VALUE, STATE, VALUE, Dimension, OfficialTable
from smv_ai.official.crossed import read_crossed
from smv_ai.official.recognise import read_table
from smv_ai.settings import reserved_codes
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.file.checking import survey_problems
from smv_ai.survey.file.columns import KnownColumns
from smv_ai.survey.file.expansion import read_surveys
from smv_ai.survey.file.reading import FOLDER, SUFFIX, refuse
from smv_ai.survey.response_files import loaded_columns

PERIOD = re.compile(r"[12][0-9]{3}([-]?[KQMHU]?[0-9]{1,2})?")
TIMES = ("tid", "time", "time_period", "periode", "period", "year", "år")
WHOLE = re.compile(
    r"tot(al)?|sum|all|alle|.*\bi alt|.*\btotal|total\b.*|(\d+ )?hele landet|all [a-zæøå ]+|alle [a-zæøå ]+"
)
# Dimensions that hold several kinds of figures, which are never added, and how the number of firms is called there.
CONTENTS = r"indhold|enhed|tal|nøgletal|måleenhed|contents(code)?|unit( of measure)?"
FIRMS = r"(antal )?(reelle )?(firmaer|virksomheder|firms|enterprises|number of enterprises)( \((antal|number)\))?"
# Signs of StatBank that stand for nought: nothing, and what cannot occur.
NOUGHT = ("-", "–", ".")
# What dimensions of official tables are called, by the column of the product.
COLUMNS = {
    "industry_id": r"branche.*|industry.*|nace.*|db07.*",
    "size_class_id": r"firmstr.*|virkstr.*|.*størrelse.*|size[ _]class.*|enterprise size.*",
    "region_id": r"region.*|område.*|omr.*|landsdel.*|geo",
}
CODELISTS = {"industry_id": "industries", "size_class_id": "size_classes", "region_id": "regions"}
MARK = "DECIDE"
MOST_SHOWN = 8
WORDS_OF_YAML = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")


@dataclass(frozen=True)
class Choices:
    """What the command line says: fixed categories, left-out ones, columns, values and totals, by dimension."""

    only: dict[str, str] = field(default_factory=dict)
    leave_out: list[tuple[str, str]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    totals: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Margins:
    """Numbers of firms by column and value, with the categories behind each; totals by column; where they are from."""

    counts: dict[str, dict[str, int]]
    behind: dict[tuple[str, str], list[str]]
    totals: dict[str, float]
    source: str
    as_of: str
    notes: list[str]
    undecided: list[str]


def choices_of(
    only: Sequence[str], leave_out: Sequence[str], columns: Sequence[str], values: Sequence[str], totals: Sequence[str]
) -> Choices:
    """The options as they are typed: DIMENSION=…; DIMENSION:CATEGORY=VALUE; COLUMN=DIMENSION:CATEGORY.

    Raises BadInputError where one is of another form.
    """

    def halves(text: str, option: str, form: str, mark: str = "=") -> tuple[str, str]:
        before, found, after = text.rpartition(mark) if option == "--value" else text.partition(mark)
        if not found or not before.strip() or not after.strip():
            raise BadInputError(f"{option} '{text}': write {form}.")
        return before.strip(), after.strip()

    pairs = [halves(text, "--value", "DIMENSION:CATEGORY=VALUE") for text in values]
    return Choices(
        dict(halves(text, "--only", "DIMENSION=CATEGORY") for text in only),
        [halves(text, "--leave-out", "DIMENSION=CATEGORY") for text in leave_out],
        dict(halves(text, "--column", "DIMENSION=COLUMN") for text in columns),
        {halves(before, "--value ", "DIMENSION:CATEGORY=VALUE", ":"): value for before, value in pairs},
        {
            column: halves(there, "--total", "COLUMN=DIMENSION:CATEGORY", ":")
            for column, there in (halves(text, "--total", "COLUMN=DIMENSION:CATEGORY") for text in totals)
        },
    )


class _Cube:
    """The cells of a table by categories, with what may be added."""

    def __init__(self, path: Path, table: OfficialTable) -> None:
        self.path, self.table = path, table
        periods = [one.code for one in table.dimensions if PERIOD.fullmatch(one.code)]
        if periods:
            raise self.fault(
                f"has a column for each period ({', '.join(periods)}); export it with a row for each cell, or as PX"
            )
        names = [dimension.code for dimension in table.dimensions]
        rows = table.cells.select([*names, VALUE, FLAG, STATE]).to_pylist()
        self.cells: dict[tuple[str, ...], dict[str, Any]] = {
            tuple(str(row[name]) for name in names): row for row in rows
        }

    def fault(self, said: str) -> BadInputError:
        """The error that names the file."""
        return BadInputError(f"{self.path.name}: {said}. Nothing was written.")

    def dimension(self, name: str) -> Dimension:
        """A dimension by code or label."""
        known = self.table.dimensions
        found = next((one for one in known if plain(name) in (plain(one.code), plain(one.label))), None)
        if found is None:
            raise self.fault(f"has no dimension '{name}'; {allowed_in_words(name, [one.code for one in known])}")
        return found

    def category(self, dimension: Dimension, name: str) -> str:
        """The code of a category by code or label."""
        for code, label in zip(dimension.codes, dimension.labels, strict=True):
            if plain(name) in (plain(code), plain(label)):
                return code
        known = [label if label == code else f"{code} ({label})" for code, label in _pairs(dimension)]
        raise self.fault(f"{dimension.code} has no category '{name}'; {allowed_in_words(name, known)}")

    def sum(self, parts: list[list[str]]) -> float:
        """The sum of the cells of all combinations. Raises BadInputError at one without a number."""
        found = 0.0
        for key in product(*parts):
            row = self.cells.get(key)
            if row is not None and row[STATE] == HAS_VALUE:
                found += float(row[VALUE])
            elif row is None or row[FLAG] not in NOUGHT:
                names = [dimension.code for dimension in self.table.dimensions]
                place = ", ".join(f"{name} {code}" for name, code in zip(names, key, strict=True))
                sign = f"'{row[FLAG]}'" if row is not None and row[FLAG] else "nothing"
                raise self.fault(
                    f"the cell {place} holds {sign}, no number; fix the dimension to another category (--only), leave"
                    f" the category out (--leave-out), or fetch a table that has it"
                )
        return found


def _pairs(dimension: Dimension) -> Iterator[tuple[str, str]]:
    yield from zip(dimension.codes, dimension.labels, strict=True)


def _is_whole(code: str, label: str) -> bool:
    return any(WHOLE.fullmatch(plain(text)) is not None for text in (code, label))


def _is_time(dimension: Dimension) -> bool:
    named = any(plain(text) in TIMES for text in (dimension.code, dimension.label))
    return named or all(PERIOD.fullmatch(code) for code in dimension.codes)


def _label_of(dimension: Dimension, code: str) -> str:
    return dimension.labels[dimension.codes.index(code)]


@dataclass
class _Plan:
    """Which cells are added: categories that dimensions are fixed to, and those that stand for the whole of others."""

    cube: _Cube
    choices: Choices
    fixed: dict[str, str]
    notes: list[str]
    parts: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cube: _Cube, choices: Choices) -> _Plan:
        """Raises BadInputError where a dimension or category that is named does not exist, or nothing is left."""
        found = cls(cube, choices, *_fixed(cube, choices))
        if not found.free:
            raise cube.fault("every dimension is fixed to one category, so there is no margin; leave out one --only")
        for name in choices.columns:
            one = cube.dimension(name)
            if one not in found.free:
                code = found.fixed[one.code]
                raise cube.fault(f"--column {name}: the dimension is fixed to {code}, so it makes no margin")
        found.parts = {one.code: found.whole(one) or found.categories(one) for one in found.free}
        return found

    @property
    def free(self) -> list[Dimension]:
        """The dimensions that make a margin."""
        return [one for one in self.cube.table.dimensions if one.code not in self.fixed]

    def left_out(self, dimension: Dimension) -> set[str]:
        """The categories that are not counted."""
        pairs = [(self.cube.dimension(name), code) for name, code in self.choices.leave_out]
        return {self.cube.category(one, code) for one, code in pairs if one is dimension}

    def categories(self, dimension: Dimension) -> list[str]:
        """The categories that are counted, without those that stand for all of them."""
        out = self.left_out(dimension)
        return [code for code, label in _pairs(dimension) if code not in out and not _is_whole(code, label)]

    def whole(self, dimension: Dimension) -> list[str]:
        """The total of a dimension, where it has one and none of its parts is left out."""
        out = self.left_out(dimension)
        totals = [code for code, label in _pairs(dimension) if _is_whole(code, label) and code not in out]
        if len(totals) > 1:
            said = ", ".join(_label_of(dimension, code) for code in totals)
            raise self.cube.fault(
                f"{dimension.code} has several totals ({said}); leave out all but one: --leave-out"
                f" {dimension.code}=CATEGORY"
            )
        has_all = all(code in totals or _is_whole(code, _label_of(dimension, code)) for code in out)
        return totals if has_all else []

    def sum(self, own: dict[str, list[str]], fixed: dict[str, str] | None = None) -> float:
        """The sum over the categories of `own`, and over the whole of all other dimensions."""
        fixed = fixed or self.fixed
        return self.cube.sum(
            [
                own.get(one.code) or ([fixed[one.code]] if one.code in fixed else self.parts[one.code])
                for one in self.cube.table.dimensions
            ]
        )


def margins_of(
    path: Path, choices: Choices, known: SurveyColumns | None = None, *, source: str | None = None,
    as_of: str | None = None,
) -> Margins:  # fmt: skip
    """The margins of the table in a file. `known` are the columns of the survey, where one is named.

    `source` and `as_of` say where and when the numbers are from, where the file does not. Raises BadInputError with
    file, dimension, category and way out where a number is missing, is no number of firms, or where categories do not
    add up to their total.
    """
    cube = _Cube(path, read_crossed(path) or read_table(path))
    plan = _Plan.of(cube, choices)
    found = Margins({}, {}, {}, source or _source(cube, plan.fixed), _as_of(cube, plan, as_of), plan.notes, [])
    for one in plan.free:
        _add_margin(plan, one, known, found)
    _check_agree(cube, found.counts)
    for column, (name, category) in choices.totals.items():
        dimension = cube.dimension(name)
        found.totals[column] = plan.sum({}, plan.fixed | {dimension.code: cube.category(dimension, category)})
    return found


def _as_of(cube: _Cube, plan: _Plan, said: str | None) -> str:
    time = next((one for one in cube.table.dimensions if _is_time(one) and one.code in plan.fixed), None)
    found = said or (plan.fixed[time.code] if time else cube.table.updated)
    if not found:
        plan.notes.append("the file says no day or period; --as-of says it")
    return found


def _add_margin(plan: _Plan, dimension: Dimension, known: SurveyColumns | None, found: Margins) -> None:
    """Add the numbers of a dimension to what was found."""
    cube = plan.cube
    column = _column_of(dimension, plan.choices, cube, known)
    if column in found.counts:
        raise cube.fault(f"two dimensions would be column '{column}'; name them with --column DIMENSION=COLUMN")
    counts = found.counts[column] = {}
    for code in plan.categories(dimension):
        value, is_known = _value_of(cube, dimension, code, column, plan.choices, known)
        if not is_known:
            found.undecided.append(f"{column}: {value}")
        number = plan.sum({dimension.code: [code]})
        if number < 0 or number != round(number):
            raise cube.fault(
                f"{dimension.code} {code} has {number:g}, no number of firms; take contents that count them (--only)"
            )
        counts[value] = counts.get(value, 0) + round(number)
        found.behind.setdefault((column, value), []).append(_label_of(dimension, code))
    whole = plan.whole(dimension)
    # a total that the table prints is the sum of the categories, or some of them hold others
    if whole and (printed := plan.sum({dimension.code: whole})) != sum(counts.values()):
        raise cube.fault(
            f"the categories of {dimension.code} add up to {sum(counts.values())}, and"
            f" {_label_of(dimension, whole[0])} is {printed:g}: some hold others, or are missing; leave out what is"
            f" counted twice (--leave-out {dimension.code}=CATEGORY)"
        )


def _fixed(cube: _Cube, choices: Choices) -> tuple[dict[str, str], list[str]]:
    """The dimensions that are one category: as said, those with one alone, and the last period."""
    fixed: dict[str, str] = {}
    notes: list[str] = []
    for name, code in choices.only.items():
        dimension = cube.dimension(name)
        fixed[dimension.code] = cube.category(dimension, code)
    said = {cube.dimension(name).code for name in choices.columns}
    for one in cube.table.dimensions:
        if one.code in fixed or one.code in said:
            continue
        if len(one.codes) == 1:
            fixed[one.code] = one.codes[0]
        elif any(re.fullmatch(CONTENTS, plain(text)) for text in (one.code, one.label)):
            fixed[one.code] = _firms(cube, one)
            notes.append(f"{one.code}: {_label_of(one, fixed[one.code])} (--only {one.code}=…)")
        elif _is_time(one):
            fixed[one.code] = max(one.codes)
            notes.append(f"{one.code}: {fixed[one.code]}, the last of {len(one.codes)} (--only {one.code}=…)")
    return fixed, notes


def _firms(cube: _Cube, contents: Dimension) -> str:
    """The contents that count firms. Raises BadInputError where that is not clear."""
    found = [code for code, label in _pairs(contents) if re.fullmatch(FIRMS, plain(label))]
    if len(found) == 1:
        return found[0]
    raise cube.fault(
        f"{contents.code} holds several kinds of figures; say which counts firms: --only {contents.code}=CATEGORY;"
        f" {allowed_in_words('', [label for _, label in _pairs(contents)])}"
    )


def _column_of(dimension: Dimension, choices: Choices, cube: _Cube, known: SurveyColumns | None) -> str:
    for name, column in choices.columns.items():
        if cube.dimension(name) is dimension:
            return column
    own = known.columns.names() if known is not None else []
    if (same := next((name for name in own if name in (dimension.code, dimension.label)), None)) is not None:
        return same
    for column, words in COLUMNS.items():
        if any(re.fullmatch(words, plain(text)) for text in (dimension.code, dimension.label)):
            return column
    return name_from(dimension.label) or name_from(dimension.code) or dimension.code


def _value_of(
    cube: _Cube, dimension: Dimension, code: str, column: str, choices: Choices, known: SurveyColumns | None
) -> tuple[str, bool]:
    """The value of the survey that a category is, and whether that is sure."""
    for (name, category), value in choices.values.items():
        if cube.dimension(name) is dimension and cube.category(dimension, category) == code:
            return value, True
    texts = [code, _label_of(dimension, code)]
    values = known.values(column) if known is not None else None
    for value in values or []:
        names = {plain(value), *(plain(label) for label in (known.labels(column, value) if known else ()))}
        if any({plain(text), name_from(text)} & names for text in texts):
            return value, True
    return (code if values is None else name_from(texts[1]) or code), values is None


def _check_agree(cube: _Cube, counts: dict[str, dict[str, int]]) -> None:
    sums = {column: sum(values.values()) for column, values in counts.items()}
    if len(set(sums.values())) > 1:
        told = ", ".join(f"{column} {number}" for column, number in sums.items())
        raise cube.fault(
            f"the margins add up to different numbers of firms: {told}; they must agree: leave out categories, or fix a"
            f" dimension (--only)"
        )


def _source(cube: _Cube, fixed: dict[str, str]) -> str:
    table = cube.table
    if not table.table_id and not any(map(_is_time, table.dimensions)):
        return cube.path.name  # any file with semicolons; it does not say who wrote it
    name = table.table_id.upper() or cube.path.name
    contents = [_label_of(one, fixed[one.code]) for one in table.dimensions if one.code in fixed and not _is_time(one)]
    said = [table.office, name, table.title, *contents]
    return ", ".join(dict.fromkeys(text for text in said if text))


# --- into the survey file


class SurveyColumns:
    """The columns of a wave that has a survey file, with the values that each may have and what those are called."""

    def __init__(self, project: Path, wave_id: str) -> None:
        """Raises BadInputError where the wave has no survey file that can be read."""
        surveys = read_surveys(project)
        wave = next((one for one in surveys.waves if one.wave_id == wave_id), None)
        if wave is None:
            known = allowed_in_words(wave_id, [one.wave_id for one in surveys.waves])
            raise BadInputError(f"there is no {FOLDER}/{wave_id}{SUFFIX} that can be read; {known}.")
        self.project, self.wave = project, wave
        self.columns = KnownColumns(wave, loaded_columns(project).get(wave_id), ())

    def values(self, column: str) -> list[str] | None:
        """The values of a column; None where they cannot be listed."""
        group = self.wave.file.groups.get(column)
        found = self.columns.values(column)
        return list(group.values) if found is None and group is not None and group.values else found

    def labels(self, column: str, value: str) -> Iterator[str]:
        """What a value is called in the survey file and in the product's code lists, in both languages."""
        group = self.wave.file.groups.get(column)
        item = self.columns.items.get(column)
        own = group.values.get(value) if group is not None else None
        if item is not None and value.lstrip("-").isdigit() and (option := item.options.get(int(value))) is not None:
            own = option.label
        if own is not None:
            yield from (half.strip() for half in own.split("|"))
        yield from self._codelists.get((column, value), ())

    @functools.cached_property
    def _codelists(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for column, name in CODELISTS.items():
            path = self.project / "seeds" / "codelists" / f"{name}.csv"
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    found[column, row[column]] = [row["label_da"], row["label_en"]]
        return found


def yaml_of(margins: Margins) -> str:
    """The section of a survey file, with the categories behind each value; what must be decided is marked."""
    marked = set(margins.undecided)
    lines = ["calibrate:", f"  source: {_quoted(margins.source)}"]
    lines += [f"  as_of: {_quoted(margins.as_of)}"] if margins.as_of else []
    lines.append("  margins:")
    for column, values in margins.counts.items():
        lines.append(f"    {column}:")
        for value, number in values.items():
            labels = " + ".join(margins.behind[column, value])
            mark = f"{MARK}: which value of {column} is it? " if f"{column}: {value}" in marked else ""
            note = f"  # {mark}{labels}" if mark or plain(labels) != plain(value) else ""
            lines.append(f"      {_key(value)}: {number}{note}")
    if margins.totals:
        lines.append("  totals:")
        lines += [f"    {column}: {number:.15g}" for column, number in margins.totals.items()]
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    return text if re.fullmatch(r"[a-z][a-z0-9_]*", text) and text not in WORDS_OF_YAML else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write_margins(project: Path, wave_id: str, margins: Margins) -> Path:
    """Add the section to the end of a survey file that has none.

    Raises BadInputError where it cannot be added; the file then is as it was.
    """
    path = project / FOLDER / f"{wave_id}{SUFFIX}"
    shown = f"{FOLDER}/{path.name}"
    read = next(one for one in read_surveys(project).reads if one.wave_id == wave_id)
    if read.tree is not None and "calibrate" in read.tree.content:
        raise BadInputError(
            f"{read.tree.line(('calibrate',))}, calibrate: is there already; put the lines in its place by hand"
            f" (without --write they are printed). Nothing was written."
        )
    if margins.undecided:
        raise BadInputError(
            f"{shown}: categories that are no value of the survey: {_listed(margins.undecided)}; say which value each"
            f" is (--value DIMENSION:CATEGORY=VALUE). Nothing was written."
        )
    before = path.read_bytes()
    text = before.decode("utf-8")
    _replace(
        path, (text if text.endswith("\n") or not text else text + "\n").encode() + b"\n" + yaml_of(margins).encode()
    )
    try:
        surveys = read_surveys(project)
        problems = survey_problems(project, surveys, loaded_columns(project), reserved_codes(project))
        refuse([problem for problem in problems if problem.line.file == shown])
    except BadInputError as error:
        _replace(path, before)
        raise BadInputError(
            f"{shown}: with these lines at its end it would be wrong, so they are not: {error}"
        ) from error
    return path


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return ", ".join(found[:MOST_SHOWN]) + more


def _replace(path: Path, content: bytes) -> None:
    """Put new content in the place of a file by one renaming."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_bytes(content)
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)


def in_words(margins: Margins) -> str:
    """The lines for the survey file, with what was chosen before them as comments."""
    notes = [f"# {note}" for note in margins.notes]
    if margins.undecided:
        notes.append(f"# categories to be decided: {len(margins.undecided)}, marked {MARK}")
    return "\n".join([*notes, yaml_of(margins)])
