"""Pictures that a reader takes away as PNG, SVG and PDF, and citations. Each says what it is.

Nothing here reads the session: a download is made on a thread of its own, when the reader clicks.
"""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt

from smv_ai.passport import carriers
from smv_ai.passport.passport import Passport
from smv_ai.pictures import drawing

WIDTH, LINE = 720, 112
# The renderer has the third; who opens an SVG has one of the others, of the same widths.
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
# Pictures that are drawn at the same time, by all readers together.
_PLACES = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Statement:
    """What a picture says besides its marks: above it title and base, below it method, source and release."""

    title: str
    above: str
    below: tuple[str, ...]


def drawn(spec: dict, kind: str, passport: Passport) -> bytes:
    """The picture as `png` (twice the size of the screen), `svg` (its words as text) or `pdf`, with its passport.

    Drawn once a place is free: each is a process, and readers of pages come first. Raises PictureError.
    """
    if not _PLACES.acquire(timeout=drawing.LIMITS.seconds):
        raise drawing.PictureError("busy")
    try:
        return carriers.stamped(drawing.draw(spec, kind), kind, replace(passport, specification=spec))
    finally:
        _PLACES.release()


def picture(charts: Sequence[dict], statement: Statement) -> dict:
    """A Vega-Lite specification of the charts one below the other, with the statement burned in."""
    datasets = {name: rows for spec in charts for name, rows in spec["datasets"].items()}
    configuration = charts[0]["config"] | {"font": FONT, "background": "#FFFFFF", "padding": 24}
    whole = ("config", "$schema", "datasets")
    views = [{key: spec[key] for key in spec if key not in whole} | {"width": WIDTH} for spec in charts]
    title = {
        "text": _wrapped(statement.title, LINE - 40),
        "subtitle": _wrapped(statement.above, LINE),
        "anchor": "start", "frame": "bounds", "fontSize": 20, "offset": 18, "subtitleFontSize": 13,
        "subtitlePadding": 8, "subtitleColor": "#4A5560",
    }  # fmt: skip
    return {
        "$schema": alt.SCHEMA_URL,
        "title": title,
        "vconcat": [*views, _footer(statement.below)],
        "spacing": 24,
        "resolve": {"legend": {"color": "independent", "shape": "independent"}},
        "datasets": datasets,
        "config": configuration,
    }


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width)


def _footer(paragraphs: tuple[str, ...]) -> dict:
    """The lines below a picture, as a view of its own that holds nothing but words."""
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph, LINE)]
    words = {"type": "text", "align": "left", "baseline": "top", "fontSize": 12, "color": "#4A5560"}
    return {
        "width": WIDTH,
        "height": 16 * len(lines),
        "data": {"values": [{"line": line, "place": 16 * place} for place, line in enumerate(lines)]},
        "mark": words,
        "encoding": {
            "x": {"value": 0},
            "y": {"field": "place", "type": "quantitative", "axis": None, "scale": None},
            "text": {"field": "line", "type": "nominal"},
        },
    }


def bibtex(key: str, title: str, publisher: str, year: str, note: str, address: str) -> str:
    """A figure as a BibTeX entry; signs that TeX reads are escaped."""
    fields = {"title": title, "author": publisher, "year": year, "howpublished": address, "note": note}
    body = ",\n".join(f"  {name} = {{{_tex(text)}}}" for name, text in fields.items() if text)
    return f"@misc{{{key},\n{body}\n}}\n"


def _tex(text: str) -> str:
    return "".join({"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}.get(
        sign, f"\\{sign}" if sign in "&%$#_{}" else sign) for sign in text.replace("\n", " "))  # fmt: skip


def ris(title: str, publisher: str, year: str, note: str, address: str) -> str:
    """A figure as an RIS record, which Zotero, EndNote and Mendeley read."""
    fields = (("TY", "DATA"), ("TI", title), ("AU", publisher), ("PY", year), ("N1", note), ("UR", address), ("ER", ""))
    return "".join(f"{name}  - {text}".replace("\n", " ") + "\r\n" for name, text in fields if text or name == "ER")
