"""The sampling frame of a load, joined by key: stratum, population size and disposition of every sampled firm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.intake.coding import WHOLE, Marks
from smv_ai.intake.reading.files import refusal
from smv_ai.intake.reading.grid import RawTable, table_from
from smv_ai.intake.tools import read_grid
from smv_ai.intake.words import plain
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.dispositions import DISPOSITIONS
from smv_ai.survey.file.model import Disposition, Frame, PopulationSizes
from smv_ai.survey.texts import clear

ONE_STRATUM = "all"
DESIGN = ("stratum_id", "design_weight", "stratum_population_size")
MOST_NAMED = 5
Where = Callable[[str], str]
# Codes of AAPOR's Standard Definitions, such as 1.1 or 2.12, by how they begin.
AAPOR = (
    ("1.1", "complete"), ("1.2", "partial"), ("2.1", "refusal"), ("2.2", "no_contact"), ("2.3", "other"),
    ("3.", "unknown_eligibility"), ("4.", "not_eligible"),
)  # fmt: skip


@dataclass(frozen=True)
class FrameRows:
    """The frame by key, in its order: row, stratum, population size, disposition and the columns that are taken over.

    `population` is empty where the frame has no sizes; a disposition is one of DISPOSITIONS, or empty where the frame
    says none.
    """

    file: str
    row: dict[str, int]
    stratum: dict[str, str]
    population: dict[str, float]
    disposition: dict[str, str]
    columns: dict[str, dict[str, str]]

    @property
    def not_eligible(self) -> set[str]:
        """The firms that do not belong to the population."""
        return {key for key, said in self.disposition.items() if said == "not_eligible"}

    def strata(self) -> list[tuple[str, float | None, list[str]]]:
        """Each stratum by name, with its population size (None where it is not known) and its sampled firms."""
        members: dict[str, list[str]] = {}
        for key, stratum in self.stratum.items():
            members.setdefault(stratum, []).append(key)
        return [(name, self.population.get(keys[0]), keys) for name, keys in sorted(members.items())]


class _Reader:
    """The columns of the frame file, with the row of each cell for messages."""

    def __init__(self, path: Path, where: Where) -> None:
        self.path, self.where = path, where
        grid = read_grid(path)
        self.table: RawTable = table_from(grid, 0 if grid.names is not None else 1)
        if self.table.ragged:
            first = self.table.ragged[0]
            raise refusal(path, f"row {first.row} has {len(first.cells)} cells; mend it")
        cells = [[clear(text) for text in column.encoded()[0]] for column in self.table.columns.values()]
        codes = [column.encoded()[1] for column in self.table.columns.values()]
        self.positions = [
            at
            for at in range(self.table.height)
            if any(texts[code[at]] for texts, code in zip(cells, codes, strict=True))
        ]

    def column(self, name: str, key: str) -> list[str]:
        """The cells of a column without rows that are blank as a whole. Raises BadInputError where it is missing."""
        if name not in self.table.columns:
            raise BadInputError(
                f"{self.path.name}: has no column '{name}' ({key});"
                f" {allowed_in_words(name, list(self.table.columns))}. Correct {self.where(key)}. Nothing was loaded."
            )
        texts, indices = self.table.columns[name].encoded()
        cleared = [clear(text) for text in texts]
        return [cleared[indices[at]] for at in self.positions]

    def row(self, at: int) -> int:
        """The number of the row in the file of a position in a column."""
        return int(self.table.rows[self.positions[at]])

    def refuse_rows(self, wrong: Sequence[int], said: str) -> None:
        """Raise BadInputError with the rows of the file, where there are any; `wrong` are positions in a column."""
        if not wrong:
            return
        rows = [str(self.row(at)) for at in wrong]
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        raise refusal(self.path, f"{'rows' if len(rows) > 1 else 'row'} {', '.join(rows[:MOST_NAMED])}{more}: {said}")


def whole(text: str) -> str:
    """A key as it is compared: a whole number that a workbook wrote as 17.0 is 17."""
    found = WHOLE.fullmatch(text)
    return found[1] if found else text


def read_frame(path: Path, frame: Frame, where: Where, table: Path | None = None) -> FrameRows:
    """The frame; `where` gives file and line of a key of the survey file, as messages name them.

    `table` is the file of population sizes, where they are not in the frame itself.

    Raises BadInputError with file, row, column and value where a key is missing or stands twice, a stratum has no
    population size, several, or one below its sampled firms, and where a disposition is not understood.
    """
    reader = _Reader(path, where)
    keys = [whole(text) for text in reader.column(frame.key, "frame.key")]
    reader.refuse_rows([at for at, key in enumerate(keys) if not key], f"{frame.key} is empty; each firm has a key")
    _refuse_twice(reader, frame.key, keys)
    strata = reader.column(frame.stratum, "frame.stratum") if frame.stratum else [ONE_STRATUM] * len(keys)
    empty = [at for at, stratum in enumerate(strata) if not stratum]
    reader.refuse_rows(empty, f"{frame.stratum} is empty; write the stratum of each firm")
    sizes = _populations(reader, frame, keys, strata, table) if frame.population else []
    said = _dispositions(reader, frame.disposition, keys) if frame.disposition else []
    columns = {
        name: dict(zip(keys, reader.column(there, "frame.columns"), strict=True))
        for name, there in frame.columns.items()
    }
    return FrameRows(
        path.name,
        {key: reader.row(at) for at, key in enumerate(keys)},
        dict(zip(keys, strata, strict=True)),
        dict(zip(keys, sizes, strict=False)),
        dict(zip(keys, said, strict=False)),
        columns,
    )


def _refuse_twice(reader: _Reader, name: str, keys: list[str]) -> None:
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if not twice:
        return
    rows = [str(reader.row(at)) for at, key in enumerate(keys) if key == twice[0]]
    more = f" (and {len(twice) - 1} more keys)" if len(twice) > 1 else ""
    raise refusal(
        reader.path,
        f"'{twice[0]}' stands twice in {name}, in rows {', '.join(rows[:MOST_NAMED])}{more}; keep one row of each"
        f" sampled firm",
    )


def _sizes_of_table(reader: _Reader, said: PopulationSizes, stratum: str | None, table: Path) -> list[str]:
    """What a table of population sizes says for each row of the frame."""
    other = _Reader(table, reader.where)
    names = said.by or [stratum or ""]
    cells = [tuple(row) for row in zip(*(other.column(name, "frame.population.by") for name in names), strict=True)]
    counts = other.column(said.count, "frame.population")
    twice = next((cell for cell, count in Counter(cells).items() if count > 1), None)
    if twice is not None:
        same = [at for at, cell in enumerate(cells) if cell == twice]
        other.refuse_rows(same, f"{_in_words(names, twice)} stands there twice; keep one row of each stratum")
    found = dict(zip(cells, counts, strict=True))
    mine = [tuple(row) for row in zip(*(reader.column(name, "frame.population.by") for name in names), strict=True)]
    missing = next((cell for cell in mine if cell not in found), None)
    if missing is not None:
        rows = [at for at, cell in enumerate(mine) if cell == missing]
        reader.refuse_rows(rows, f"{table.name} has no row with {_in_words(names, missing)}; add its number of firms")
    return [found[cell] for cell in mine]


def _in_words(names: list[str], cell: tuple[str, ...]) -> str:
    return " and ".join(f"{name} '{value}'" for name, value in zip(names, cell, strict=True))


def _populations(reader: _Reader, frame: Frame, keys: list[str], strata: list[str], table: Path | None) -> list[float]:
    """Population sizes by row: one for each stratum, and none below its sampled firms."""
    assert frame.population is not None
    name = frame.population.count
    if table is None:
        texts = reader.column(name, "frame.population")
    else:
        texts = _sizes_of_table(reader, frame.population, frame.stratum, table)
        name = f"{name} of {table.name}"
    by_text = {text: _number(text) for text in set(texts)}
    for at, text in enumerate(texts):
        if not text:
            without = [place for place, other in enumerate(texts) if not other and strata[place] == strata[at]]
            reader.refuse_rows(
                without, f"stratum '{strata[at]}' has no population size ({name} is empty); write its number of firms"
            )
        if by_text[text] is None:
            raise refusal(
                reader.path,
                f"'{text}' in {name} of {keys[at]} is no number above 0 (row {reader.row(at)}); write the number of"
                f" firms of the stratum",
            )
    sizes = [by_text[text] or 0.0 for text in texts]
    first: dict[str, int] = {}
    for at, stratum in enumerate(strata):
        start = first.setdefault(stratum, at)
        if sizes[at] != sizes[start]:
            found = f"stratum '{stratum}' has {texts[start]} firms in one row and {texts[at]} in the other ({name})"
            reader.refuse_rows([start, at], f"{found}; a stratum has one population size")
    for stratum, count in Counter(strata).items():
        if sizes[first[stratum]] < count:
            reader.refuse_rows(
                [first[stratum]],
                f"stratum '{stratum}' has {texts[first[stratum]]} firms in the population ({name}) and {count} rows of"
                f" sampled ones; correct one of the two",
            )
    return sizes


def _number(text: str) -> float | None:
    number = Marks(",").number(text) if "," in text else Marks().number(text)
    return number if number is not None and number > 0 else None


def meanings(said: Disposition) -> dict[str, str]:
    """Which disposition each code of the frame stands for: as the survey file says, and the names of them."""
    own = {plain(code): name for name in DISPOSITIONS for code in getattr(said, name)}
    return {name: name for name in DISPOSITIONS} | {"": ""} | own


def disposition_of(text: str, known: dict[str, str]) -> str | None:
    """The disposition that a code stands for; None where it is not known. Codes of AAPOR (1.1, 2.12) are."""
    found = known.get(plain(whole(text)))
    if found is not None or not re.fullmatch(r"[1-4]\.[0-9]+", text):
        return found
    return next((name for start, name in AAPOR if text.startswith(start)), None)


def _dispositions(reader: _Reader, said: Disposition, keys: list[str]) -> list[str]:
    texts = reader.column(said.column, "frame.disposition.column")
    known = meanings(said)
    by_text = {text: disposition_of(text, known) for text in set(texts)}
    unknown = next((text for text in texts if by_text[text] is None), None)
    if unknown is not None:
        others = sorted({text for text, found in by_text.items() if found is None} - {unknown})
        also = f"; so are {', '.join(others[:MOST_NAMED])}" if others else ""
        place = f"{reader.where('frame.disposition')}, frame.disposition"
        reader.refuse_rows(
            [at for at, text in enumerate(texts) if text == unknown],
            f"'{unknown}' in {said.column} is no disposition{also}; say in {place}, which of {', '.join(DISPOSITIONS)}"
            f" it is (such as not_eligible: {unknown})",
        )
    return [by_text[text] or "" for text in texts]
