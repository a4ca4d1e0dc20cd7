"""The sampling frame of a load: strata, population sizes and design weights, joined by key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smv_ai.errors import BadInputError
from smv_ai.intake.coding import Marks
from smv_ai.intake.reading.files import refusal
from smv_ai.intake.reading.grid import RawTable, table_from
from smv_ai.intake.tools import read_grid
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.file.model import Frame
from smv_ai.survey.texts import clear

ONE_STRATUM = "all"
DESIGN = ("stratum_id", "design_weight", "stratum_population_size")


@dataclass(frozen=True)
class FrameRows:
    """The frame by key: stratum, population size of the stratum, and the columns that are taken over."""

    stratum: dict[str, str]
    population: dict[str, float]
    columns: dict[str, dict[str, str]]

    @property
    def keys(self) -> set[str]:
        """The firms of the frame."""
        return set(self.stratum)


def read_frame(path: Path, frame: Frame) -> FrameRows:
    """The frame. Raises BadInputError with file and row where a key stands twice or a size is no number."""
    grid = read_grid(path)
    table = table_from(grid, 0 if grid.names is not None else 1)
    if table.ragged:
        raise refusal(path, f"row {table.ragged[0].row} has {len(table.ragged[0].cells)} cells; mend it")
    keys = _column(path, table, frame.key, "frame.key")
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise refusal(path, f"'{twice[0]}' stands twice in {frame.key}; each invited firm once")
    strata = _column(path, table, frame.stratum, "frame.stratum") if frame.stratum else [ONE_STRATUM] * len(keys)
    population: dict[str, float] = {}
    if frame.population:
        for key, text in zip(keys, _column(path, table, frame.population, "frame.population"), strict=True):
            number = Marks(",").number(text) if "," in text else Marks().number(text)
            if number is None or number <= 0:
                raise refusal(path, f"'{text}' in {frame.population} of {key} is no number above 0")
            population[key] = number
    columns = {
        name: dict(zip(keys, _column(path, table, there, "frame.columns"), strict=True))
        for name, there in frame.columns.items()
    }
    return FrameRows(dict(zip(keys, strata, strict=True)), population, columns)


def _column(path: Path, table: RawTable, name: str, where: str) -> list[str]:
    if name not in table.columns:
        raise BadInputError(
            f"{path.name}: has no column '{name}' ({where}); {allowed_in_words(name, list(table.columns))}. Nothing"
            f" was loaded."
        )
    texts, indices = table.columns[name].encoded()
    return [clear(texts[index]) for index in indices]


def design_columns(names: list[str], who: np.ndarray, frame: FrameRows | None) -> dict[str, np.ndarray]:
    """Stratum, design weight and population size of the rows that are loaded, and the columns of the frame.

    The design weight is N / n: firms of the stratum in the population over firms of it that are loaded (Särndal,
    Swensson
    and Wretman 1992, 3.7: stratified simple random sampling, with non-response alike within a stratum). Without
    population sizes it is 1.
    """
    if frame is None:
        return {
            "stratum_id": np.full(len(who), ONE_STRATUM, object),
            "design_weight": np.ones(len(who)),
            "stratum_population_size": np.full(len(who), np.nan),
        }
    strata = np.array([frame.stratum.get(name, "") for name in names], object)[who]
    sizes = np.array([frame.population.get(name, np.nan) for name in names])[who]
    counts = Counter(strata)
    loaded = np.array([counts[stratum] for stratum in strata], float)
    found = {
        "stratum_id": strata,
        "design_weight": np.where(np.isnan(sizes), 1.0, sizes / loaded),
        "stratum_population_size": sizes,
    }
    return found | {
        column: np.array([values.get(name) or None for name in names], object)[who]
        for column, values in frame.columns.items()
    }
