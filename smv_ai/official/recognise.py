"""Which of the formats a file is, by its content: names of files say little, and an answer may be an error page."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path
from typing import NoReturn

from smv_ai.errors import BadInputError
from smv_ai.official.cells import OfficialTable, refuse
from smv_ai.official.delimited import read_sdmx_csv, read_statbank_csv
from smv_ai.official.jsonstat import read_jsonstat
from smv_ai.official.pcaxis import read_px
from smv_ai.official.tsv import read_eurostat_tsv

AGAIN = "fetch the table again"
FORMATS = "JSON-stat, SDMX-CSV, Eurostat's TSV, StatBank's CSV with `;` or PX"
PX_START = re.compile(r"\s*(CHARSET|AXIS-VERSION|LANGUAGES?|CREATION-DATE|CODEPAGE|[A-Z][A-Z-]+(\[\w+\])?=)")
CODEPAGE = re.compile(rb'CODEPAGE\s*=\s*"([^"]+)"', re.IGNORECASE)
PAGE = re.compile(r"<(!doctype html|html|head|body|title|meta|script|div|h1|p)\b", re.IGNORECASE)
SAID = re.compile(r"<(?:\w+:)?(?:title|faultstring|text|message)\b[^>]*>\s*([^<]*[^<\s])", re.IGNORECASE)
PIECE = 65_536


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8, found without holding the text as well."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(raw), PIECE):
            decoder.decode(raw[at : at + PIECE], at + PIECE >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _recoded(path: Path, raw: bytes) -> bytes:
    """Bytes in the code page that a PX file names, or Windows-1252 as older files have it, as UTF-8."""
    named = CODEPAGE.search(raw[:2000])
    utf16 = ["utf-16"] if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else []
    for encoding in [*utf16, named.group(1).decode("ascii", "replace") if named else "cp1252", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if not utf16 and text.lstrip().startswith("{"):
            refuse(path, "text", "is JSON that is not UTF-8; bytes are damaged", AGAIN)
        return text.encode()
    refuse(path, "text", "is not UTF-8 and not Windows-1252; bytes are damaged", AGAIN)


def _utf8(path: Path, raw: bytes) -> bytes:
    """The text of an answer as UTF-8, unpacked where it is packed with gzip; a byte order mark may stand before it."""
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            refuse(path, "gzip", f"cannot be unpacked, the answer is cut or damaged ({error})", AGAIN)
    if raw[:4] == b"PK\x03\x04":
        refuse(path, "start", "is a zip file or a workbook", f"unpack it; read are {FORMATS}")
    body = raw if _is_utf8(raw) else _recoded(path, raw)
    if (zero := body.find(b"\0")) >= 0:
        refuse(path, f"line {body.count(10, 0, zero) + 1}", "holds a zero byte; the file is damaged", AGAIN)
    return body


def _text(body: bytes) -> str:
    return body.decode("utf-8-sig")


def _refuse_markup(path: Path, start: str) -> NoReturn:
    said = SAID.search(start)
    words = " ".join(said.group(1).split())[:100] if said else ""
    if PAGE.search(start):
        kind = "is an HTML page" + (f" titled '{words}'" if words else "") + ", not a table"
    else:
        kind = "is XML" + (f" that says '{words}'" if words else "")
    refuse(path, "line 1", kind, f"ask for {FORMATS}")


def read_text(path: Path, raw: bytes) -> OfficialTable:
    """The table in the bytes of an answer. Raises BadInputError with file, place, rule and way out where it is none."""
    body = _utf8(path, raw)
    start = body[:8000].decode("utf-8-sig", "ignore").lstrip()[:2000]
    if not start:
        refuse(path, "file", "is empty", AGAIN)
    if start.startswith("<"):
        _refuse_markup(path, start)
    if start.startswith("{"):
        return read_jsonstat(path, _text(body))
    head = start.split("\n", 1)[0]
    if ("\\" in head and "\t" in head) or "\\TIME_PERIOD" in head:
        return read_eurostat_tsv(path, body)
    if "OBS_VALUE" in head and ("," in head or ";" in head):
        return read_sdmx_csv(path, body, ";" if head.count(";") > head.count(",") else ",")
    if PX_START.match(start):
        return read_px(path, _text(body))
    if ";" in head or "\t" in head:
        return read_statbank_csv(path, body, ";" if ";" in head else "\t")
    refuse(path, "line 1", f"'{head.strip()[:60]}' begins none of the formats that are read", f"ask for {FORMATS}")


def read_table(path: Path) -> OfficialTable:
    """The official table in a file, whichever of the formats it has.

    Raises BadInputError where there is no such file, or it is no whole table.
    """
    return read_text(path, _bytes_of(path))


def decoded(path: Path) -> str:
    """The text of a file. Raises BadInputError where there is no such file, or it is no text."""
    return _text(_utf8(path, _bytes_of(path)))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BadInputError(f"{path}: is no file; name the file that holds the table. Nothing was loaded.") from error
