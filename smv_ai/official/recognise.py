"""Which of the formats a file is, by its content: names of files say little, and an answer may be an error page."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.official.cells import OfficialTable, refuse
from smv_ai.official.delimited import read_sdmx_csv, read_statbank_csv
from smv_ai.official.jsonstat import read_jsonstat
from smv_ai.official.pcaxis import read_px

AGAIN = "fetch the table again"
FORMATS = "JSON-stat, SDMX-CSV, StatBank's CSV with `;` or PX"
PX_START = re.compile(r"\s*(CHARSET|AXIS-VERSION|LANGUAGES?|CREATION-DATE|CODEPAGE|[A-Z][A-Z-]+(\[\w+\])?=)")
CODEPAGE = re.compile(rb'CODEPAGE\s*=\s*"([^"]+)"', re.IGNORECASE)


def _decoded(path: Path, raw: bytes) -> str:
    """The text, which is UTF-8, or the code page that a PX file names, or Windows-1252 as older files have it."""
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            refuse(path, "gzip", f"cannot be unpacked, the answer is cut or damaged ({error})", AGAIN)
    if raw[:2] == b"PK":
        refuse(path, "start", "is a zip file or a workbook", f"unpack it; read are {FORMATS}")
    named = CODEPAGE.search(raw[:2000])
    for encoding in dict.fromkeys(
        ["utf-8-sig", named.group(1).decode("ascii", "replace") if named else "cp1252", "cp1252"]
    ):
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding == "utf-8-sig" or not text.lstrip().startswith(("{", "<")):
            break
    else:
        refuse(path, "text", "is not UTF-8 and not Windows-1252; bytes are damaged", AGAIN)
    if "\0" in text:
        refuse(
            path,
            f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}",
            "holds a zero byte; the file is damaged",
            AGAIN,
        )
    return text


def read_text(path: Path, raw: bytes) -> OfficialTable:
    """The table in the bytes of an answer. Raises BadInputError with file, place, rule and way out where it is none."""
    text = _decoded(path, raw)
    start = text.lstrip()[:2000]
    if not start:
        refuse(path, "file", "is empty", AGAIN)
    if start.startswith("<"):
        title = re.search(r"<title[^>]*>([^<]*)", start, re.IGNORECASE)
        is_page = re.search(r"<(!doctype html|html|head|body)\b", start, re.IGNORECASE)
        said = f" titled '{title.group(1).strip()[:100]}'" if title else ""
        kind = f"is an HTML page{said}, not a table" if is_page or title else "is XML"
        refuse(path, "line 1", kind, f"ask for {FORMATS}")
    if start.startswith("{"):
        return read_jsonstat(path, text)
    head = start.split("\n", 1)[0]
    if "OBS_VALUE" in head and "," in head:
        return read_sdmx_csv(path, text)
    if PX_START.match(start):
        return read_px(path, text)
    if ";" in head:
        return read_statbank_csv(path, text)
    refuse(path, "line 1", f"'{head.strip()[:60]}' begins none of the formats that are read", f"ask for {FORMATS}")


def read_table(path: Path) -> OfficialTable:
    """The official table in a file, whichever of the formats it has.

    Raises BadInputError where there is no such file, or it is no whole table.
    """
    return read_text(path, _bytes_of(path))


def decoded(path: Path) -> str:
    """The text of a file. Raises BadInputError where there is no such file, or it is no text."""
    return _decoded(path, _bytes_of(path))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BadInputError(f"{path}: is no file; name the file that holds the table. Nothing was loaded.") from error
