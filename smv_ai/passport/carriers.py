"""Where each kind of file carries its passport, and how it is taken out again."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.passport.passport import NAME, Passport

PNG_START = b"\x89PNG\r\n\x1a\n"
KINDS = ("png", "svg", "pdf", "csv", "parquet", "xlsx")
_SVG = re.compile(rb'<metadata id="smv_ai_passport">([A-Za-z0-9+/=]*)</metadata>')
_PDF = re.compile(rb"/SmvAiPassport \(([A-Za-z0-9+/=]*)\)")
_PDF_UPDATE = b"\n%smv_ai passport\n"


def kind_of(content: bytes, name: str) -> str:
    """Which of KINDS a file is, by its first bytes; a text is CSV. Raises BadInputError for anything else."""
    if content.startswith(PNG_START):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PAR1"):
        return "parquet"
    if content.startswith(b"PK\x03\x04"):
        return "xlsx"
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<svg", b"<?xml")):
        return "svg"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(
            f"{name}: no file that the app saves; allowed: {', '.join(kind.upper() for kind in KINDS)}."
        ) from None
    return "csv"


def stamped(content: bytes, kind: str, passport: Passport) -> bytes:
    """The picture, `png`, `svg` or `pdf`, with its passport."""
    if kind == "pdf":  # the renderer draws no PDF twice alike, so its own digest stands for it
        known = {"usermeta": {"sha256": hashlib.sha256(content).hexdigest()}}
        passport = replace(passport, specification=passport.specification | known)
    packed = passport.packed().encode()
    if kind == "png":
        end = content.rindex(b"IEND") - 4
        return content[:end] + _chunk(b"tEXt", NAME.encode() + b"\0" + packed) + content[end:]
    if kind == "svg":
        return content.replace(b">", b'><metadata id="smv_ai_passport">' + packed + b"</metadata>", 1)
    return content + _update(content, packed)


def bare(content: bytes, kind: str) -> bytes:
    """The picture without its passport."""
    if kind == "png":
        return PNG_START + b"".join(_chunk(name, body) for name, body in _chunks(content) if not _is_ours(name, body))
    if kind == "svg":
        return _SVG.sub(b"", content, count=1)
    return content.partition(_PDF_UPDATE)[0]


def found_in_picture(content: bytes, kind: str, file: str) -> Passport:
    """The passport of a picture; raises BadInputError where there is none."""
    if kind == "png":
        packed = [body.partition(b"\0")[2] for name, body in _chunks(content) if _is_ours(name, body)]
    else:
        packed = (_SVG if kind == "svg" else _PDF).findall(content)
    found = only(packed, file)
    return Passport.unpacked(found.decode("latin-1") if isinstance(found, bytes) else found, file)


def only(packed: list, file: str) -> bytes | str:
    """The one passport of a file; raises BadInputError where there is none, or more than one."""
    if len(packed) != 1:
        what = "no passport" if not packed else f"{len(packed)} passports"
        raise BadInputError(f"{file}: carries {what}, so it cannot be checked; save the figure anew from the app.")
    return packed[0]


def _is_ours(name: bytes, body: bytes) -> bool:
    return name == b"tEXt" and body.startswith(NAME.encode() + b"\0")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Name and body of each part of a PNG; what is cut off at the end is left out."""
    found, place = [], len(PNG_START)
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        found.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def _update(content: bytes, packed: bytes) -> bytes:
    """An incremental update of a PDF (ISO 32000-1, 7.5.6) whose information dictionary holds the passport."""
    tail = content[content.rindex(b"trailer") :]
    size, root = re.search(rb"/Size (\d+)", tail), re.search(rb"/Root (\d+ \d+ R)", tail)
    start = re.search(rb"startxref\s+(\d+)", tail)
    if not (size and root and start):
        raise ValueError("the renderer wrote a PDF of another form")
    number = int(size[1])
    at = len(content) + len(_PDF_UPDATE)
    new = _PDF_UPDATE + b"%d 0 obj\n<< /Producer (smv_ai) /SmvAiPassport (%s) >>\nendobj\n" % (number, packed)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = b"trailer\n<< /Size %d /Root %s /Info %d 0 R /Prev %s >>\n" % (number + 1, root[1], number, start[1])
    return new + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(new))


def read(path: Path) -> bytes:
    """The bytes of a file; raises BadInputError where it cannot be read or is larger than any figure."""
    try:
        if path.stat().st_size > 64 * 2**20:
            raise BadInputError(f"{path}: larger than any file of a figure (64 MB).")
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}).") from error
