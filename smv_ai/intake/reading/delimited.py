"""Delimited text: its encoding and delimiter, and its cells, none of which is dropped or filled in.

DuckDB reads what is regular, with explicit options; a file with rows of unequal length is read row by row, so that each
of them can be named.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import charset_normalizer
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute

from smv_ai.intake.reading.files import refusal
from smv_ai.intake.reading.grid import Grid, Ragged
from smv_ai.sql.quoting import literal

# its functions are made when it is imported, which the types do not show
pc: Any = pyarrow.compute

SAMPLE = 2**16
BLOCK = 2**22
LARGEST_LINE = 16 * 2**20
MOST_COLUMNS = 20_000
SEP_LINE = re.compile(r'"?sep=[,;\t|]"?[,;\t|]*\r?\n', re.IGNORECASE)
DELIMITERS = (",", ";", "\t", "|")
# Letters beyond ASCII that a Danish or English survey holds; a text full of others was read in the wrong encoding.
USUAL = set("æøåÆØÅéÉèêëüÜöÖäÄáíóúñçß–—’‘“”„»«…•€£§°½¼¾²³´·×±µ®©™¤¨¿¡\xa0\u200b")
GUESSES = ["cp1252", "cp850", "cp865", "mac_roman", "latin_1", "utf_16", "cp1250"]
CHUNK = 20_000


def read(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Grid:
    """The cells of a file of delimited text. Raises BadInputError that names file, place and reason."""
    found = _named_encoding(path, encoding) if encoding else encoding_of(path)
    if delimiter is not None and len(delimiter) != 1:
        raise refusal(path, f"source.delimiter '{delimiter}' is no single sign")
    with _as_utf8(path, found) as utf8:
        sample = _sample(utf8)
        if "\x00" in sample:
            raise refusal(path, "holds zero bytes, so it is no text; export it anew as CSV or xlsx")
        # Excel's own line about the delimiter is no row; it does not always say what the file has
        said = SEP_LINE.match(sample)
        sample = sample[said.end() :] if said else sample
        sign = delimiter or delimiter_of(sample)
        width = _width(sample, sign)
        if width > MOST_COLUMNS:
            raise refusal(path, f"has {width:,} columns; at most {MOST_COLUMNS:,} can be read")
        grid = _regular(utf8, sign, width) or _irregular(path, utf8, sign, width)
        grid = _without_first_line(grid) if said else grid
    return Grid(
        grid.columns, rows=grid.rows, ragged=grid.ragged, encoding=found, delimiter=sign,
    )  # fmt: skip


def _without_first_line(grid: Grid) -> Grid:
    first = int(np.searchsorted(grid.rows, 2))
    ragged = [row for row in grid.ragged if row.row > 1]
    return Grid([column.slice(first) for column in grid.columns], rows=grid.rows[first:], ragged=ragged)


def _named_encoding(path: Path, name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise refusal(path, f"source.encoding '{name}' is no encoding; such as utf-8 or windows-1252") from error


def encoding_of(path: Path) -> str:
    """The encoding of a text file: what its first bytes say, UTF-8 where all of it is, otherwise the likeliest."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    beyond = bytearray()
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
            return "utf-8"
        except UnicodeDecodeError:
            file.seek(0)
            while (block := file.read(BLOCK)) and len(beyond) < SAMPLE:
                beyond += b"\n".join(line for line in block.splitlines() if not line.isascii())
    return _single_byte(path, bytes(beyond[:SAMPLE]))


def _single_byte(path: Path, sample: bytes) -> str:
    """The likeliest encoding of text that is not UTF-8; `sample` are its lines with letters beyond ASCII."""
    for name in ("cp1252", *GUESSES[1:4]):
        try:
            letters = [letter for letter in sample.decode(name) if not letter.isascii()]
        except UnicodeDecodeError:
            continue
        if letters and sum(letter in USUAL for letter in letters) >= 0.95 * len(letters):
            return name
    best = charset_normalizer.from_bytes(sample, cp_isolation=GUESSES).best()
    if best is None:
        raise refusal(path, "is text in no encoding that is recognised; name it under source.encoding")
    return best.encoding


class _as_utf8:  # noqa: N801 - used like a function
    """The file itself where it is UTF-8, or a copy in UTF-8 that is gone afterwards."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.copy: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Path:
        if self.encoding in ("utf-8", "utf-8-sig", "ascii"):
            self._check()
            return self.path
        self.copy = tempfile.TemporaryDirectory(prefix="smv_ai_intake_")
        target = Path(self.copy.name) / "utf8.csv"
        with target.open("w", encoding="utf-8", newline="") as written:
            for block in self._blocks():
                written.write(block)
        return target

    def __exit__(self, *_: object) -> None:
        if self.copy is not None:
            self.copy.cleanup()

    def _check(self) -> None:
        for _ in self._blocks():
            pass

    def _blocks(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)()
        done = 0
        with self.path.open("rb") as file:
            while True:
                block = file.read(BLOCK)
                try:
                    yield decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    reason = (
                        f"byte {done + error.start + 1} is not {self.encoding}; name the encoding under source.encoding"
                    )
                    raise refusal(self.path, reason) from error
                if not block:
                    return
                done += len(block)


def _sample(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(SAMPLE)
        is_all = not file.read(1)
    text = data.decode("utf-8-sig", errors="ignore")
    if is_all or "\n" not in text:
        return text
    return text[: text.rindex("\n") + 1]


def _records(sample: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(LARGEST_LINE)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(row)
    except csv.Error:
        pass
    return [row for row in (rows[:-1] if len(rows) > 2 else rows) if row]


def delimiter_of(sample: str) -> str:
    """The delimiter that gives most rows the same number of cells, more than one; a comma where none does."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = Counter(_filled(row) for row in _records(sample, delimiter))
        if not widths:
            return 0.0, 0
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (count / widths.total(), width) if width > 1 else (0.0, 0)

    fits = {delimiter: fit(delimiter) for delimiter in DELIMITERS}
    best = max(fits.values())[0]
    good = [delimiter for delimiter, (share, _) in fits.items() if share >= best - 0.1 and best > 0]
    return max(good, key=lambda delimiter: fits[delimiter][1], default=",")


def _filled(row: list[str]) -> int:
    """The cells of a row without blank ones at its end: some programs end each row in a delimiter."""
    return next((number for number in range(len(row), 0, -1) if row[number - 1].strip()), 0)


def _width(sample: str, delimiter: str) -> int:
    """How many cells a row has: as many as the first names where no row has more that are filled, or as most have."""
    rows = _records(sample, delimiter)
    if not rows:
        return 1
    named = _filled(rows[0])
    if named > 1 and max(map(_filled, rows)) <= named:
        return named
    widths = Counter(len(row) for row in rows)
    usual, count = widths.most_common(1)[0]
    return usual if count > 1 else len(rows[0])


def _regular(path: Path, delimiter: str, width: int) -> Grid | None:
    """The cells as DuckDB reads them; None where a row is of another length or a quote stands where it must not."""
    names = [f"c{number}" for number in range(width)]
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    statement = (
        f"from read_csv({literal(_literal(path))}, auto_detect = false, header = false, delim = {literal(delimiter)},"
        f" quote = '\"', escape = '\"', strict_mode = true, null_padding = false, ignore_errors = false,"
        f" max_line_size = {LARGEST_LINE}, buffer_size = {2 * LARGEST_LINE}, columns = {{{columns}}})"
    )
    try:
        with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
            found = connection.sql(statement).to_arrow_table()
    except duckdb.Error:
        return None
    arrays = [pc.fill_null(_whole(column), "") for column in found.columns]
    return Grid(arrays, rows=np.arange(1, found.num_rows + 1))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _literal(path: Path) -> str:
    """The path with the signs that DuckDB takes for wildcards made literal."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _irregular(path: Path, utf8: Path, delimiter: str, width: int) -> Grid:
    """The cells row by row; rows of another length are kept apart with their number."""
    csv.field_size_limit(LARGEST_LINE)
    chunks: list[list[list[str]]] = []
    numbers: list[int] = []
    ragged: list[Ragged] = []
    pending: list[list[str]] = []

    def put_away() -> None:
        if pending:
            chunks.append([[row[position] for row in pending] for position in range(width)])
            pending.clear()

    with utf8.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for number, row in enumerate(reader, 1):
                cells = row[:width] if len(row) > width and not any(row[width:]) else row
                if not any(cells):
                    continue
                if len(cells) != width:
                    ragged.append(Ragged(number, cells))
                    continue
                pending.append(cells)
                numbers.append(number)
                if len(pending) == CHUNK:
                    put_away()
        except csv.Error as error:
            raise refusal(path, f"line {reader.line_num} cannot be read as delimited text ({error})") from error
    put_away()
    arrays = [
        pa.concat_arrays([pa.array(chunk[position], pa.string()) for chunk in chunks])
        if chunks
        else pa.array([], pa.string())
        for position in range(width)
    ]
    return Grid(arrays, rows=np.array(numbers, np.int64), ragged=ragged)
