"""The rows of a figure as CSV, CSV for a Danish Excel, Parquet and Excel, and the same files read again."""

from __future__ import annotations

import csv as csv_reader
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from smv_ai.errors import BadInputError
from smv_ai.passport.carriers import only
from smv_ai.passport.passport import NAME, Passport
from smv_ai.releases.export import FORMULA_START, guarded

if TYPE_CHECKING:
    import pandas as pd

SYNTHETIC = "synthetic"
# What only the drawing needs stays out of the files.
DRAWING_COLUMNS = ["status_marks", "is_last", "is_focus", "is_upper", "tile_row", "tile_column", "label_id"]
# What every file carries, also where a row has nothing to say there.
CARRIED = [
    "sample_size", "base_population", "interval_method", "no_interval_reason", "source_file", "source_line", "citation",
    "evidence_type",
]  # fmt: skip
MOST_IN_A_CELL, CUT = 32_767, " … (cut: a cell of Excel holds no more)"
DATA_SHEET = {"da": "Data", "en": "Data"}
NOTES_SHEET = {"da": "Noter", "en": "Notes"}


def complete(rows: pd.DataFrame, cited_as: str) -> pd.DataFrame:
    """The rows as they leave the app: a word where a value is withheld, no drawing columns, what every file carries."""
    if "observation_status_label" in rows and "value_text" in rows:
        rows = rows.assign(value_text=rows["value_text"].fillna(rows["observation_status_label"]))
    kept = rows.drop(columns=[column for column in DRAWING_COLUMNS if column in rows])
    kept = kept.assign(**{column: None for column in CARRIED if column not in kept})
    return kept.assign(is_synthetic=kept["evidence_type"] == SYNTHETIC, release_id=cited_as)


def _with_passport(rows: pd.DataFrame, passport: Passport) -> pd.DataFrame:
    """The rows with the passport in a column of its own, in the first row alone."""
    return rows.assign(**{NAME: [passport.packed(), *[""] * (len(rows) - 1)][: len(rows)]})


def csv(rows: pd.DataFrame, passport: Passport) -> bytes:
    """CSV in UTF-8 with a byte order mark, so that spreadsheets read Danish letters; no text becomes a formula."""
    return _with_passport(guarded(rows), passport).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def csv_danish(rows: pd.DataFrame, passport: Passport) -> bytes:
    """The same with semicolons and decimal commas, as a Danish Excel opens it by a double click."""
    text = _with_passport(guarded(rows), passport).to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    return text.encode("utf-8-sig")


def parquet(rows: pd.DataFrame, passport: Passport) -> bytes:
    """Parquet, the passport in the metadata of the file."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pandas(rows, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), NAME: passport.packed()})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    return file.getvalue()


def _fitting(text: str) -> str:
    """A text as a cell of Excel takes it: what is too long for one is cut, and says so, instead of being left out."""
    return text if len(text) <= MOST_IN_A_CELL else f"{text[: MOST_IN_A_CELL - len(CUT)]}{CUT}"


def excel(rows: pd.DataFrame, passport: Passport, notes: Mapping[str, str], language: str) -> bytes:
    """A workbook: the rows on one sheet, on the other what is to be known about them, by name, and the passport."""
    import pandas as pd
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(DATA_SHEET[language])
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(rows.columns) - 1)
        for place, name in enumerate(rows.columns):
            sheet.write_string(0, place, str(name), head)
            longest = rows[name].map(lambda value: len(str(value))).max() if len(rows) else 0
            sheet.set_column(place, place, min(60, max(9, len(str(name)) + 2, int(longest) + 1)))
            for line, value in enumerate(rows[name], start=1):
                if value is not None and not pd.isna(value):
                    is_text = (
                        isinstance(value, str)
                        or not isinstance(value, (bool, int, float))
                        and not hasattr(value, "item")
                    )
                    sheet.write(line, place, _fitting(str(value)) if is_text else value)
        about = book.add_worksheet(NOTES_SHEET[language])
        about.set_column(0, 0, 24, wrapped)
        about.set_column(1, 1, 110, wrapped)
        for line, (name, text) in enumerate({**notes, NAME: passport.packed()}.items()):
            about.write_string(line, 0, name, head)
            about.write_string(line, 1, _fitting(text), wrapped)
        book.set_properties({"title": passport.figure, "comments": f"smv_ai {passport.release_id}"})
    return file.getvalue()


def read(content: bytes, kind: str, file: str) -> tuple[pd.DataFrame, Passport]:
    """The rows and the passport of a table, `csv`, `parquet` or `xlsx`; raises BadInputError where it has none."""
    reader = {"csv": _read_csv, "parquet": _read_parquet, "xlsx": _read_excel}[kind]
    try:
        rows, packed = reader(content)
    except Exception as error:  # three libraries, each with errors of its own
        raise BadInputError(f"{file}: cannot be read as {kind.upper()} ({type(error).__name__}: {error}).") from error
    return rows, Passport.unpacked(str(only(packed, file)), file)


def _read_csv(content: bytes) -> tuple[pd.DataFrame, list]:
    import pandas as pd

    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    is_danish = first.count(";") > first.count(",")
    lines = list(csv_reader.reader(io.StringIO(text, newline=""), delimiter=";" if is_danish else ",", strict=True))
    names = lines[0] if lines else []
    width = [place for place, line in enumerate(lines, start=1) if line and len(line) != len(names)]
    if width:
        raise ValueError(f"row {width[0]} has another number of cells than the head")
    rows = pd.DataFrame([line for line in lines[1:] if line], columns=names, dtype=object)
    packed = [text for text in rows[NAME] if text] if NAME in rows else []
    rows = rows.drop(columns=NAME, errors="ignore")
    return rows.map(lambda cell: None if cell == "" else _unguarded(cell)), packed


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and re.match(FORMULA_START, cell) else cell


def _read_parquet(content: bytes) -> tuple[pd.DataFrame, list]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(io.BytesIO(content))
    packed = (table.schema.metadata or {}).get(NAME.encode())
    return table.to_pandas(), [packed.decode()] if packed else []


def _read_excel(content: bytes) -> tuple[pd.DataFrame, list]:
    """The first sheet and the passport on the second, by the XML of the workbook: no library of ours reads Excel."""
    import pandas as pd

    from smv_ai.passport.workbook import sheets

    data, notes = sheets(content)[:2]
    names = [str(cell) for cell in data[0]]
    rows = pd.DataFrame([line[: len(names)] for line in data[1:]], columns=names, dtype=object)
    return rows, [line[1] for line in notes if line and line[0] == NAME]
