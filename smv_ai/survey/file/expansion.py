"""The survey files of a project and what follows from them, read once while they stay as they are."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from smv_ai.survey.file.catalogue import catalogue_rows
from smv_ai.survey.file.estimation import estimation_rows
from smv_ai.survey.file.items import WaveFile
from smv_ai.survey.file.layout import TABLES, Row, Rows
from smv_ai.survey.file.names import Names, read_names
from smv_ai.survey.file.reading import FOLDER, SUFFIX, Problem, Read, read_files, refuse

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Surveys:
    """The survey files of a project: as read, with the names that they may use, and those that could be understood."""

    reads: list[Read]
    names: Names
    waves: list[WaveFile]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with their form."""
        return [problem for read in self.reads for problem in read.problems]


def _stamp(project: Path) -> Stamp:
    """When the files were written: as long as that stays, so do they."""
    paths = [*(project / FOLDER).glob(f"*{SUFFIX}"), *(project / "seeds").glob("*/*.csv")]
    return tuple(sorted((str(path), (found := path.stat()).st_mtime_ns, found.st_size) for path in paths))


@functools.lru_cache(maxsize=4)
def _surveys(project: Path, _: Stamp) -> Surveys:
    reads, names = read_files(project / FOLDER), read_names(project / "seeds")
    waves = [WaveFile(read.wave_id, read.file, names) for read in reads if read.file is not None]
    return Surveys(reads, names, waves)


@functools.lru_cache(maxsize=4)
def _rows(project: Path, stamp: Stamp) -> Rows:
    surveys = _surveys(project, stamp)
    refuse(surveys.problems)
    return estimation_rows(surveys.waves) | catalogue_rows(surveys.waves)


def read_surveys(project: Path) -> Surveys:
    """The survey files of a project folder, whatever is wrong with them."""
    return _surveys(project.resolve(), _stamp(project.resolve()))


def expanded_rows(project: Path) -> Rows:
    """The rows of all tables that follow from the survey files of a project folder.

    Raises BadInputError with file, line and key where a file cannot be understood.
    """
    return _rows(project.resolve(), _stamp(project.resolve()))


def as_text(rows: list[Row]) -> list[dict[str, str]]:
    """Rows as they stand in a CSV file: text, empty for nothing."""

    def text(value: object) -> str:
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    return [{column: text(value) for column, value in row.items()} for row in rows]


def rows_of_csv(folder: Path, table: str) -> list[Row]:
    """The rows of a table as a CSV file holds them, in the types of the table; none where there is no file."""
    path = folder / f"{table}.csv"
    if not path.exists():
        return []
    kinds: dict[str, Callable[[str], object]] = {
        "integer": int,
        "double": float,
        "boolean": lambda text: text.lower() == "true",
        "varchar": str,
    }
    kinds["date"] = date.fromisoformat
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: kinds[TABLES[table][name]](value) if value else None for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
