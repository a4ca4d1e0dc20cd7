"""The one form that official tables are read into: dimensions, and a row for each cell that a file accounts for."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute

from smv_ai.errors import BadInputError

# its functions are made when it is imported, which no checker of types sees
pc: Any = pyarrow.compute
# Columns that a long table has beside its dimensions.
VALUE, FLAG, STATE, POSITION = "observation_value", "observation_flag", "cell_state", "cell_position"
# What a file says of a cell: a number; that there is none (null, a sign, a flag alone); nothing at all.
HAS_VALUE, MISSING, ABSENT = "value", "missing", "absent"
STATES = (HAS_VALUE, MISSING, ABSENT)


@dataclass(frozen=True)
class Dimension:
    """A dimension: its code, its label, and codes and labels of its categories in the order of the file."""

    code: str
    label: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class OfficialTable:
    """A table as a file has it.

    `cells` has a column for each dimension (codes), then observation_value, observation_flag (as in the file, empty
    where there is none), cell_state and cell_position (from 0, row-major in the order of the dimensions).
    """

    table_id: str
    title: str
    office: str
    updated: str
    form: str
    dimensions: tuple[Dimension, ...]
    cells: pa.Table
    flag_labels: dict[str, str] = field(default_factory=dict)

    @property
    def cube_size(self) -> int:
        """Number of cells that the dimensions span, whether or not the file accounts for them."""
        return prod(len(dimension.codes) for dimension in self.dimensions)

    def count(self, state: str) -> int:
        """Number of cells of one state."""
        return int(pc.sum(pc.equal(self.cells[STATE], state)).as_py() or 0)

    def flag_counts(self) -> dict[str, int]:
        """Number of cells by flag, without those that have none."""
        pairs = pc.value_counts(self.cells[FLAG].combine_chunks()).to_pylist()
        return {pair["values"]: pair["counts"] for pair in sorted(pairs, key=str) if pair["values"]}


def refuse(path: Path, place: str, found: str, way_out: str) -> NoReturn:
    """Raise BadInputError: file, place, what was found with its rule, and the way out."""
    raise BadInputError(f"{path.name}: {place}: {found}; {way_out}. Nothing was loaded.")


def check_names(path: Path, dimensions: tuple[Dimension, ...]) -> None:
    """Refuse names of dimensions, or codes within one, that stand twice, and names that the long table needs."""
    names = [dimension.code for dimension in dimensions]
    lower = [name.casefold() for name in names]
    for name in names:
        if lower.count(name.casefold()) > 1:
            refuse(path, f"dimension {name}", "stands twice; a name names one dimension", "fetch the table again")
        if name in (VALUE, FLAG, STATE, POSITION) or not name:
            refuse(path, f"dimension '{name}'", "has no name, or that of a column of the long table",
                   "rename it in the file's head")  # fmt: skip
    for dimension in dimensions:
        if len(set(dimension.codes)) < len(dimension.codes):
            twice = next(code for code in dimension.codes if dimension.codes.count(code) > 1)
            refuse(path, f"dimension {dimension.code}", f"has the category '{twice}' twice; a code stands once",
                   "fetch the table again, with codes instead of texts")  # fmt: skip


def long_table(dimensions: tuple[Dimension, ...], values: np.ndarray, flags: pa.Array, states: pa.Array) -> pa.Table:
    """All cells of a cube as columns, row-major. `values`: float64, NaN for none; `flags` and `states`: texts."""
    sizes = [len(dimension.codes) for dimension in dimensions]
    where = np.arange(len(values), dtype=np.int64)
    columns: dict[str, pa.Array] = {}
    step = prod(sizes)
    for dimension, size in zip(dimensions, sizes, strict=True):
        step = step // size if size else 1
        index = ((where // max(step, 1)) % max(size, 1)).astype(np.int32)
        columns[dimension.code] = coded(index, dimension.codes)
    columns[VALUE] = pa.array(values, pa.float64(), mask=np.isnan(values))
    columns |= {FLAG: flags, STATE: states, POSITION: pa.array(where, pa.int64())}
    return pa.table(columns)


def texts_of(codes: np.ndarray, names: list[str]) -> pa.Array:
    """Texts by number: `codes` (integers) point into `names`."""
    return coded(codes, names).cast(pa.string())


def coded(codes: np.ndarray, names: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """The same, each text stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names, pa.string()))
