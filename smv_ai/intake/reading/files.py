"""What a file is, by its first bytes and not by its ending, and whether it may be opened at all."""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from smv_ai.errors import BadInputError

LARGEST = 8 * 2**30
# What a workbook may hold once it is unpacked: a million cells take some forty megabytes.
LARGEST_UNPACKED = 400 * 2**20
LARGEST_DEFINITION = 64 * 2**20
BLOCK = 2**20


class Form(StrEnum):
    """The form of a file."""

    TEXT = "delimited text"
    WORKBOOK = "workbook"
    SPSS = "SPSS"
    STATA = "Stata"
    PARQUET = "Parquet"
    JSON = "JSON"
    XML = "XML"


OTHERS = {
    b"PK": "a zip archive without files, or a part of one",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), or one with a password",
    b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive", b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a rar archive", b"\x7fELF": "a program",
    b"SQLite format 3": "an SQLite database", b"RDX": "an R file",
}  # fmt: skip


def refusal(path: Path, reason: str) -> BadInputError:
    """The error that names file, reason and way out."""
    return BadInputError(f"{path.name}: {reason}. Nothing was loaded.")


def form_of(path: Path) -> Form:
    """The form of a file. Raises BadInputError where it is none that can be read."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, a device never ends
            raise refusal(path, "is no file; name the file that the tool wrote")
        size = found.st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(path, f"cannot be opened ({reason}); check the path") from error
    if size == 0:
        raise refusal(path, "is empty (0 bytes); export it anew")
    if size > LARGEST:
        raise refusal(path, f"has {size:,} bytes; at most {LARGEST:,} can be read")
    return _form(path, head)


def _form(path: Path, head: bytes) -> Form:
    if head.startswith(b"PK\x03\x04"):
        _check_zip(path)
        return Form.WORKBOOK
    if head.startswith((b"$FL2", b"$FL3")):
        return Form.SPSS
    if head.startswith(b"<stata_dta>") or (head[0] in range(105, 116) and head[1:2] in (b"\x01", b"\x02")):
        return Form.STATA
    if head.startswith(b"PAR1"):
        return Form.PARQUET
    for magic, name in OTHERS.items():
        if head.startswith(magic):
            raise refusal(path, f"is {name}, no export of a survey tool; export the answers as CSV, xlsx, sav or dta")
    return _form_of_text(path, head)


def _form_of_text(path: Path, head: bytes) -> Form:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{" and b'"' in text[:200]:
        return Form.JSON
    if text.startswith(b"<?xml") or text.startswith(b"<document"):
        return Form.XML
    if text[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise refusal(path, "is a web page, perhaps of a login; export the answers as CSV, xlsx, sav or dta")
    return Form.TEXT


def _check_zip(path: Path) -> None:
    """Refuse archives that are cut, encrypted, or larger unpacked than a workbook is."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "[Content_Types].xml" not in names and "mimetype" not in names:
                raise refusal(path, f"is a zip archive, no workbook (it holds {', '.join(names[:3])}); unpack it")
            if any(info.flag_bits & 1 for info in archive.infolist()):
                raise refusal(path, "is protected by a password; save it without one")
            unpacked = 0
            for info in archive.infolist():
                unpacked = _unpacked(archive, info, unpacked, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise refusal(path, f"is no whole workbook ({error}); it may be cut: export or download it anew") from error


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, so_far: int, path: Path) -> int:
    """Bytes unpacked with this member; what its header says of itself is not trusted."""
    with archive.open(info) as member:
        while block := member.read(BLOCK):
            so_far += len(block)
            if so_far > LARGEST_UNPACKED:
                limit = f"{LARGEST_UNPACKED // 2**20} MB"
                raise refusal(path, f"unpacks to more than {limit}; split it, or export the answers as CSV")
    return so_far


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def small_text(path: Path) -> str:
    """The text of a definition. Raises BadInputError where it is too large, or no text."""
    if path.stat().st_size > LARGEST_DEFINITION:
        raise refusal(path, f"is larger than {LARGEST_DEFINITION // 2**20} MB, too large for a definition")
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusal(path, "is no text in UTF-8 or Windows-1252; save it as UTF-8")
