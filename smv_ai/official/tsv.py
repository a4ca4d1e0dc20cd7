"""Eurostat's TSV, as its bulk files and data browser give it: a row a series, a column a period, flags behind figures.

Source of the format: Eurostat's guide to the dissemination API (TSV). The first column joins the codes of the row with
commas; `:` is a cell for which there is nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from smv_ai.official.cells import (
    FLAG,
    HAS_VALUE,
    MISSING,
    POSITION,
    STATE,
    VALUE,
    Dimension,
    OfficialTable,
    check_names,
    coded,
    pc,
    refuse,
)
from smv_ai.official.delimited import AGAIN, columns_of, numbers_of, positions_of, refuse_cut_end, rows_of
from smv_ai.official.delimited import without_blank_end as ended

CELL = r"^\s*(?P<figure>:|[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?P<flag>[ @]*[A-Za-z][A-Za-z @]*|\s*)$"


def _series(path: Path, keys: pa.ChunkedArray, names: list[str]) -> tuple[list[Dimension], list[np.ndarray]]:
    """The dimensions that name the rows, and the number of the code in each row."""
    parts = pc.split_pattern(keys, ",").combine_chunks()
    is_wrong = pc.not_equal(pc.list_value_length(parts), len(names))
    if pc.any(is_wrong).as_py():
        line = pc.index(is_wrong, True).as_py() + 2
        refuse(path, f"line {line}", f"does not have the {len(names)} codes that line 1 names", AGAIN)
    dimensions, indices = [], []
    for at, name in enumerate(names):
        column = pc.utf8_trim_whitespace(pc.list_element(parts, at)).dictionary_encode()
        codes = tuple(column.dictionary.to_pylist())
        if "" in codes:
            refuse(path, f"line {codes.index('') + 2}, {name}", "is empty; each series has a code", AGAIN)
        dimensions.append(Dimension(name, name, codes, codes))
        indices.append(column.indices.to_numpy())
    return dimensions, indices


def _cells(path: Path, rows: pa.Table, periods: list[str]) -> tuple[pa.Array, pa.Array]:
    """Figures (null where there is none) and flags of all cells, row by row."""
    columns = [rows[name].combine_chunks() for name in rows.column_names[1:]]
    by_period = pa.concat_arrays(
        [pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one for one in columns]
    )
    order = np.arange(len(by_period)).reshape(len(periods), -1).T.reshape(-1)
    texts = by_period.take(pa.array(order))
    found = pc.extract_regex(texts, CELL)
    is_wrong = pc.is_null(found)
    if pc.any(is_wrong).as_py():
        at = pc.index(is_wrong, True).as_py()
        refuse(path, f"line {at // len(periods) + 2}, column {periods[at % len(periods)]}",
               f"'{texts[at].as_py()[:40]}' is neither a figure nor `:`, with or without flags", AGAIN)  # fmt: skip
    figures, flags = pc.struct_field(found, "figure"), pc.struct_field(found, "flag")
    # a confidentiality stands behind @
    flags = pc.utf8_trim_whitespace(pc.replace_substring_regex(flags, "[ @]+", " "))
    return numbers_of(path, "of a period", pc.if_else(pc.equal(figures, ":"), None, figures)), flags


def read_eurostat_tsv(path: Path, body: bytes) -> OfficialTable:
    """A TSV of Eurostat (UTF-8) as a table with a row for each cell that it has.

    Raises BadInputError where it is cut, damaged or has a series twice.
    """
    body = ended(body)
    columns = columns_of(path, body, "\t")
    keys, _, across = columns[0].partition("\\")
    names, periods = [name.strip() for name in keys.split(",")], [name.strip() for name in columns[1:]]
    if not across or not periods:
        refuse(path, "line 1", "does not name series, `\\` and periods; columns are missing or re-ordered", AGAIN)
    refuse_cut_end(path, body, columns, "\t")
    if not body.endswith(b"\n"):
        refuse(path, f"line {body.count(10) + 1}", "has no end; the answer is cut off", AGAIN)
    rows = rows_of(path, body, [str(at) for at in range(len(columns))], "\t", is_coded=False)
    dimensions, indices = _series(path, rows["0"], names)
    dimensions.append(Dimension(across, across, tuple(periods), tuple(periods)))
    check_names(path, tuple(dimensions))
    where = positions_of(path, dimensions[:-1], indices, rows.num_rows)
    values, flags = _cells(path, rows, periods)
    count = len(periods)
    indices = [*(np.repeat(index, count) for index in indices), np.tile(np.arange(count), rows.num_rows)]
    table: dict[str, pa.Array] = {
        dimension.code: coded(index, dimension.codes) for dimension, index in zip(dimensions, indices, strict=True)
    }
    table |= {
        VALUE: values, FLAG: flags, STATE: pc.if_else(pc.is_valid(values), HAS_VALUE, MISSING),
        POSITION: pa.array(np.repeat(where, count) * count + indices[-1]),
    }  # fmt: skip
    return OfficialTable(path.name.split(".")[0].lower().removeprefix("estat_"), "", "Eurostat", "", "TSV",
                         tuple(dimensions), pa.table(table))  # fmt: skip
