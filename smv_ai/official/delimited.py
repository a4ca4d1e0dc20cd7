"""SDMX-CSV as Eurostat gives it (codes, or codes with labels) and StatBank's CSV with `;`: a row is a cell.

Source of SDMX-CSV: the field guide of SDMX 2.1 and 3.0 (sdmx-twg/sdmx-csv). A cell that has no row is not in the file
and gets none here.
"""

from __future__ import annotations

import re
from csv import Error, reader
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
from pyarrow import csv

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
    pc,
    refuse,
)

AGAIN = "fetch the table again"
AS_CODES = "fetch the table again with codes (valuePresentation=Code), for texts may be the same for several"
# Columns before the dimensions: where a row belongs, not what it is.
HEAD = {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "LAST UPDATE"}
FLAGS = re.compile(r"OBS_FLAG|OBS_STATUS|CONF_STATUS")
ATTRIBUTE = re.compile(r"[A-Z][A-Z0-9_]*")
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
COMMA_NUMBER = r"^[+-]?([0-9]+(,[0-9]+)?|,[0-9]+)$"
POINT_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
# What the column of figures is called in StatBank's CSV, and that of the periods, which stands before it.
FIGURES, PERIODS = ("indhold", "content", "contents"), ("tid", "time")
# A head or a code that only a cross table has: a period, a figure with a decimal comma, the sign for none.
PERIOD, IN_FIGURES = re.compile(r"(?:19|20)\d\d(?:[MKQHUS]\d{1,2})?"), re.compile(r"-?\d+,\d+|\.{2,}")
MOST_POSITIONS = 2**63
NO_NUMBERS = ("", ":", "..", ".", "...", "…", "-", "–", "x", "NaN", "nan")


@dataclass(frozen=True)
class Layout:
    """Which columns are what: dimensions with the column of their labels (or None), value, attributes."""

    dimensions: list[tuple[str, str | None]]
    value: str
    attributes: list[str]
    has_joined_labels: bool = False


def line_of(body: bytes, number: int) -> str:
    """A line near the start of a file, from 0; empty where there is none."""
    lines = body[:200_000].split(b"\n", number + 1)
    return lines[number].decode("utf-8-sig", "replace").rstrip("\r") if len(lines) > number else ""


def columns_of(path: Path, body: bytes, delimiter: str) -> list[str]:
    """Names of the columns in line 1; refuses a line that names none, or one of them not."""
    line = line_of(body, 0)
    if not line.strip():
        refuse(path, "line 1", "is empty; it names the columns", AGAIN)
    try:
        names = next(reader([line], delimiter=delimiter))
    except Error as error:
        refuse(path, "line 1", f"cannot be read ({error})", AGAIN)
    if "" in names:
        refuse(path, "line 1", f"does not name column {names.index('') + 1}", AGAIN)
    return names


def _refuse_twice_named(path: Path, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            refuse(path, "line 1", f"the column '{name}' stands twice", AGAIN)


def without_blank_end(body: bytes) -> bytes:
    """The bytes without empty lines behind the last one."""
    return body.rstrip(b"\r\n") + b"\n" if body.endswith((b"\n\n", b"\n\r\n")) else body


def refuse_cut_end(path: Path, body: bytes, names: list[str], delimiter: str) -> None:
    """The last line of a whole answer ends, or at least has all columns."""
    if body.endswith(b"\n"):
        return
    last = body[body.rfind(b"\n") + 1 :].decode("utf-8", "replace")
    if '"' not in last and last.count(delimiter) != len(names) - 1:
        refuse(
            path, f"line {body.count(10) + 1}",
            f"has {last.count(delimiter) + 1} of {len(names)} columns and no end; the answer is cut off", AGAIN,
        )  # fmt: skip


def rows_of(path: Path, body: bytes, names: list[str], delimiter: str, *, is_coded: bool = True) -> pa.Table:
    """All columns as text, codes as dictionaries; refuses lines with more or fewer columns."""
    kinds = {name: pa.dictionary(pa.int32(), pa.string()) if is_coded else pa.string() for name in names}
    wrong: list[csv.InvalidRow] = []

    def note(row: csv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    try:
        return csv.read_csv(
            pa.BufferReader(body), csv.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            csv.ParseOptions(delimiter=delimiter, invalid_row_handler=note, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if wrong:
            row = wrong[0]
            at = row.number if row.number is not None else next(
                number for number, line in enumerate(body.decode("utf-8-sig").splitlines(), 1) if line == row.text
            )  # fmt: skip
            refuse(path, f"line {at}", f"has {row.actual_columns} columns where the head has {row.expected_columns}; "
                   "the answer is cut or damaged", AGAIN)  # fmt: skip
        if "Empty CSV" in str(error):
            return pa.table({name: pa.array([], pa.string()).dictionary_encode() for name in names})
        refuse(path, "CSV", f"cannot be read ({error})", AGAIN)


def _line(mask: pa.ChunkedArray | pa.Array) -> int:
    """The line of the first row that a mask is true for; the head is line 1."""
    return int(pc.index(mask, True).as_py()) + 2


def _dimension(
    path: Path, rows: pa.Table, code: str, label: str | None, is_joined: bool
) -> tuple[Dimension, np.ndarray]:
    """A dimension with its codes in the order in which they come, and the number of the code in each row."""
    column = rows[code].unify_dictionaries().combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    names = column.dictionary.to_pylist()
    index = column.indices.to_numpy()
    name, title = code, code
    labels = list(names)
    if is_joined:
        name, _, title = code.partition(": ")
        parts = [text.partition(": ") for text in names]
        names, labels = [part[0] for part in parts], [part[2] or part[0] for part in parts]
    elif label is not None and len(index):
        labels, title = _labels(path, rows, code, label, index), label
    if "" in names and len(index):
        refuse(path, f"line {int(np.argmax(index == names.index('')) + 2)}, column {code}",
               "is empty; each cell has a code in each dimension", AGAIN)  # fmt: skip
    return Dimension(
        name, title or name, tuple(names), tuple(text or name for text, name in zip(labels, names, strict=True))
    ), index


def _labels(path: Path, rows: pa.Table, code: str, label: str, index: np.ndarray) -> list[str]:
    """The label of each code; refuses a code with two, for then the column is no label but something else."""
    texts = rows[label].unify_dictionaries().combine_chunks()
    texts = texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
    pairs = index.astype(np.int64) * (len(texts.dictionary) + 1) + texts.indices.to_numpy()
    first = np.unique(index, return_index=True)[1]
    if pc.count_distinct(pa.array(pairs)).as_py() > len(first):
        refuse(path, f"line 1, column {label}", f"has more than one label for one code of {code}; columns are missing "
               "or re-ordered", AGAIN)  # fmt: skip
    return texts.take(pa.array(first)).cast(pa.string()).to_pylist()


def positions_of(
    path: Path, dimensions: list[Dimension], indices: list[np.ndarray], rows: int, way_out: str = AGAIN
) -> np.ndarray:
    """Position of each row in the cube; refuses a key that stands twice."""
    if prod(len(dimension.codes) for dimension in dimensions) >= MOST_POSITIONS:
        refuse(path, "line 1", "names dimensions that span more cells than can be counted", "ask for less")
    where = np.zeros(rows, np.int64)
    for dimension, index in zip(dimensions, indices, strict=True):
        where = where * len(dimension.codes) + index
    order = np.argsort(where, kind="stable")
    again = np.flatnonzero(np.diff(where[order]) == 0)
    if len(again):
        first, second = sorted((int(order[again[0]]), int(order[again[0] + 1])))
        key = ", ".join(d.codes[int(index[first])] for d, index in zip(dimensions, indices, strict=True))
        refuse(
            path, f"line {second + 2}", f"has the cell of line {first + 2} again ({key}); a cell stands once", way_out
        )
    return where


def _values(
    path: Path, rows: pa.Table, layout: Layout, *, is_comma_allowed: bool, may_be_cut: bool
) -> tuple[pa.Array, pa.Array]:
    """Numbers, and the sign where there is none."""
    texts = rows[layout.value].cast(pa.string()).combine_chunks()
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.string())
    texts = pc.utf8_trim_whitespace(texts)
    is_none = pc.is_in(texts, value_set=pa.array(NO_NUMBERS))
    if is_comma_allowed:
        has_comma, has_point = pc.match_substring(texts, ","), pc.match_substring_regex(texts, r"[0-9]\.[0-9]")
        if pc.any(has_comma).as_py() and pc.any(has_point).as_py():
            refuse(path, f"line {_line(has_point)}", "has a decimal point where other lines have a comma", AGAIN)
        form = COMMA_NUMBER if pc.any(has_comma).as_py() else POINT_NUMBER
    else:
        form = NUMBER
    is_wrong = pc.invert(pc.or_(is_none, pc.match_substring_regex(texts, form)))
    if pc.any(is_wrong).as_py():
        line = _line(is_wrong)
        shown, signs = texts[line - 2].as_py()[:40], " ".join(sign for sign in NO_NUMBERS if sign)
        found = f"'{shown}' is neither a number nor a sign for none ({signs})"
        refuse(path, f"line {line}, column {layout.value}", found, AGAIN)
    if may_be_cut:
        _refuse_cut_figure(path, texts)
    values = numbers_of(path, layout.value, pc.if_else(is_none, None, pc.replace_substring(texts, ",", ".")))
    return values, pc.if_else(pc.and_(is_none, pc.not_equal(texts, "")), texts, "")


def numbers_of(path: Path, column: str, texts: pa.Array) -> pa.Array:
    """Texts that are numbers, or null, as float64; refuses one that is beyond it."""
    values = pc.cast(texts, pa.float64())
    is_beyond = pc.fill_null(pc.is_inf(values), False)
    if pc.any(is_beyond).as_py():
        refuse(path, f"line {_line(is_beyond)}, column {column}", "is too large for a figure", AGAIN)
    return values


def _refuse_cut_figure(path: Path, texts: pa.Array) -> None:
    """Where the last line has no end, its figure may be cut: one with fewer decimals than any other is."""
    decimals = pc.utf8_length(pc.replace_substring_regex(texts, "^[^.,]*[.,]?", ""))
    decimals = decimals.filter(pc.match_substring_regex(texts, "[0-9]"))
    is_number = len(texts) > 0 and any(sign.isdigit() for sign in texts[-1].as_py())
    if is_number and len(decimals) > 1 and decimals[-1].as_py() < pc.min(decimals[:-1]).as_py():
        refuse(path, f"line {len(texts) + 1}", f"has no end, and '{texts[-1].as_py()}' has fewer decimals than all "
               "others; the answer is cut off", AGAIN)  # fmt: skip


def _flags(rows: pa.Table, layout: Layout, signs: pa.Array) -> pa.Array:
    """Flags of a row side by side, a space between those of several columns; of `b: break` the code alone."""
    parts = [rows[name].cast(pa.string()).combine_chunks() for name in layout.attributes]
    parts = [pa.concat_arrays(part.chunks) if isinstance(part, pa.ChunkedArray) else part for part in parts]
    parts = [pc.utf8_trim_whitespace(part) for part in parts if len(part) == len(signs)]
    if layout.has_joined_labels:
        parts = [pc.replace_substring_regex(part, r"^([^:\s]+): .*$", r"\1") for part in parts]
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, signs, " ")) if len(signs) else signs


def _read(
    path: Path, body: bytes, delimiter: str, layout: Layout, names: list[str], *, is_statbank: bool
) -> tuple[list[Dimension], pa.Table]:
    body = without_blank_end(body)
    refuse_cut_end(path, body, names, delimiter)
    rows = rows_of(path, body, names, delimiter)
    found = [_dimension(path, rows, code, label, layout.has_joined_labels) for code, label in layout.dimensions]
    dimensions, indices = [pair[0] for pair in found], [pair[1] for pair in found]
    check_names(path, tuple(dimensions))
    where = positions_of(path, dimensions, indices, rows.num_rows, AS_CODES if is_statbank else AGAIN)
    may_be_cut = layout.value == names[-1] and not body.endswith(b"\n")
    values, signs = _values(path, rows, layout, is_comma_allowed=is_statbank, may_be_cut=may_be_cut)
    columns = {
        dimension.code: pa.DictionaryArray.from_arrays(
            pa.array(index.astype(np.int32)), pa.array(dimension.codes, pa.string())
        )
        for dimension, index in zip(dimensions, indices, strict=True)
    }
    states = pc.if_else(pc.is_valid(values), HAS_VALUE, MISSING)
    columns |= {VALUE: values, FLAG: _flags(rows, layout, signs), STATE: states, POSITION: pa.array(where)}
    return dimensions, pa.table(columns)


def _refuse_moved(path: Path, before: list[str], after: list[str]) -> None:
    """What says something of a figure stands behind it, in capitals; dimensions stand before it."""
    moved = [name for name in before if FLAGS.match(name)]
    moved += [name for name in after if not ATTRIBUTE.fullmatch(name) and name.upper() not in HEAD]
    if moved:
        refuse(path, f"line 1, column {moved[0]}", "stands on the wrong side of OBS_VALUE: dimensions come before it, "
               "flags behind it; columns are re-ordered", AGAIN)  # fmt: skip


def _sdmx_layout(path: Path, names: list[str]) -> Layout:
    """Columns of SDMX-CSV: alone, in pairs (code, label), or joined (`geo: Geopolitical entity`).

    In `names` labels that are the same are told apart.
    """
    plain = [name.partition(": ")[0] for name in names]
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(plain) or plain.index("TIME_PERIOD") > plain.index("OBS_VALUE"):
        refuse(path, "line 1", "has no TIME_PERIOD before OBS_VALUE; columns are missing or re-ordered", AGAIN)
    start = next(at for at, name in enumerate(plain) if name.upper() not in HEAD)
    time, value = plain.index("TIME_PERIOD"), plain.index("OBS_VALUE")
    # with labels every column has one behind it, that of the figures too
    is_paired = value == time + 2 and value + 1 < len(plain) and not ATTRIBUTE.fullmatch(plain[value + 1])
    _refuse_moved(path, plain[start:value], plain[value + 1 + is_paired :: 1 + is_paired])
    if is_paired:
        for at in range(start + 1, len(names), 2):
            if names.count(names[at]) > 1:  # two dimensions may have one label
                names[at] = f"{names[at]} ({names[at - 1]})"
        inner = names[start:value]
        pairs = [(code, label) for code, label in zip(inner[::2], inner[1::2], strict=False)]
        if len(inner) % 2 or pairs[-1][0] != "TIME_PERIOD":
            refuse(path, "line 1", "does not pair each code with its label", AGAIN)
        return Layout([*pairs], names[value], names[value + 2 :: 2])
    inner = [
        name for name, code in zip(names[start:value], plain[start:value], strict=True) if code.upper() not in HEAD
    ]
    is_joined = any(": " in name for name in inner)
    return Layout([(name, None) for name in inner], names[value], names[value + 1 :], is_joined)


def read_sdmx_csv(path: Path, body: bytes, delimiter: str = ",") -> OfficialTable:
    """An SDMX-CSV answer (UTF-8): a row a cell. Raises BadInputError where it is cut, damaged or has a cell twice."""
    names = columns_of(path, body, delimiter)
    layout = _sdmx_layout(path, names)
    _refuse_twice_named(path, names)
    # flags and confidentiality say something of the figure; other attributes do not
    kept = [name for name in layout.attributes if FLAGS.match(name)]
    layout = Layout(layout.dimensions, layout.value, kept, layout.has_joined_labels)
    dimensions, cells = _read(path, body, delimiter, layout, names, is_statbank=False)
    first = line_of(body, 1)
    flow = re.search(r"(?:^|[,;:])([A-Za-z][A-Za-z0-9_$]*)\([0-9.]+\)", first)
    updated = re.search(r"[0-9]{2}/[0-9]{2}/[0-9]{2,4} [0-9:]+|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+", first)
    return OfficialTable(flow.group(1).lower() if flow else "", "", "Eurostat" if "ESTAT" in first else "",
                         updated.group(0) if updated else "", "SDMX-CSV", tuple(dimensions), cells)  # fmt: skip


def _refuse_cut_cube(path: Path, dimensions: list[Dimension], cells: pa.Table) -> None:
    """StatBank writes all cells, the last column fastest: a first part of them alone is an answer cut at a line."""
    size = prod(len(dimension.codes) for dimension in dimensions)
    where = cells[POSITION].to_numpy()
    if len(where) < size and np.array_equal(where, np.arange(len(where))):
        found = f"is the last, and {size - len(where)} of {size} cells are missing behind it; the answer is cut off"
        refuse(path, f"line {len(where) + 1}", found, AGAIN)


def _refuse_crossed(path: Path, column: str, found: str) -> NoReturn:
    refuse(path, f"line 1, column {column}", f"{found}, so the file is a cross table; read is a file with one column "
           "of figures, the last", "fetch the table from the interface (CSV), or as PX or JSONSTAT")  # fmt: skip


def read_statbank_csv(path: Path, body: bytes, delimiter: str = ";") -> OfficialTable:
    """StatBank's CSV (UTF-8): the last column holds the figures.

    Raises BadInputError where it is cut, re-ordered or has a cell twice.
    """
    names = columns_of(path, body, delimiter)
    if len(names) < 2:
        refuse(path, "line 1", f"is no head of a table with `{delimiter}`", AGAIN)
    _refuse_twice_named(path, names)
    figures = next((name for name in names[:-1] if name.casefold() in FIGURES), None)
    if figures is not None or names[-1].casefold() in PERIODS:
        refuse(path, f"line 1, column {figures or names[-1]}", "does not stand where StatBank writes it: figures come "
               "last; columns are missing or re-ordered", AGAIN)  # fmt: skip
    layout = Layout([(name, None) for name in names[:-1]], names[-1], [])
    if (period := next((name for name in names if PERIOD.fullmatch(name.strip())), None)) is not None:
        _refuse_crossed(path, period, "is a period")
    dimensions, cells = _read(path, body, delimiter, layout, names, is_statbank=True)
    for one in dimensions:
        if (figure := next((code for code in one.codes if IN_FIGURES.fullmatch(code)), None)) is not None:
            _refuse_crossed(path, one.code, f"holds the figure '{figure}'")
    if not cells.num_rows:
        refuse(path, "line 2", "is missing; the answer has no cell or is cut off behind its head", AGAIN)
    _refuse_cut_cube(path, dimensions, cells)
    return OfficialTable("", "", "Statistics Denmark", "", "StatBank CSV", tuple(dimensions), cells)
