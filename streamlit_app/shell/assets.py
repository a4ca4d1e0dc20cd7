"""Streamlit's own files, compressed once and kept: Streamlit serves them as they are, which is four times as much."""

from __future__ import annotations

import functools
import gzip
import mimetypes
from pathlib import Path

import brotli
from streamlit import file_util

# Fonts and pictures are compressed already.
COMPRESSED = {".js", ".css", ".json", ".svg", ".html"}
# The best that costs less than half a second for all files of a first visit.
QUALITY = 9


def find(path: str) -> Path | None:
    """The file behind the address `/static/...`, where it may be compressed and lies in Streamlit's folder."""
    folder = Path(file_util.get_static_dir()).resolve()
    try:
        file = (folder / path.lstrip("/")).resolve()
        return file if file.is_relative_to(folder) and file.suffix in COMPRESSED and file.is_file() else None
    except (OSError, ValueError):
        return None


def encoding(header: str) -> str | None:
    """The encoding to send, of those that `Accept-Encoding` takes: `br`, else `gzip`, else none."""
    taken = {}
    for wish in header.split(","):
        name, _, weight = wish.strip().partition(";")
        taken[name.strip().lower()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in ("br", "gzip") if taken.get(name)), None)


@functools.lru_cache(maxsize=512)
def compressed(file: Path, name: str) -> bytes:
    """The bytes of a file in an encoding, `br` or `gzip`."""
    content = file.read_bytes()
    return brotli.compress(content, quality=QUALITY) if name == "br" else gzip.compress(content, 9, mtime=0)


def kind(file: Path) -> str:
    """The media type of a file."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
