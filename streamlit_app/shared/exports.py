"""Files that a reader takes away: rows as CSV and Parquet, pictures as SVG and PNG. Each says what it is.

Nothing here reads the session: a download is made on a thread of its own, when the reader clicks.
"""

from __future__ import annotations

import io
import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from shared.evidence import SYNTHETIC
from smv_ai.pictures import drawing
from smv_ai.releases.export import guarded

# What only the drawing needs stays out of the files.
DRAWING_COLUMNS = ["status_marks", "is_last", "is_focus", "tile_row", "tile_column"]
# What every file carries, also where a row has nothing to say there.
CARRIED = [
    "sample_size", "base_population", "interval_method", "no_interval_reason", "source_file", "source_line", "citation",
    "evidence_type",
]  # fmt: skip
WIDTH, LINE = 720, 112
# The font lies inside vl-convert: a picture looks the same on every machine, without a network.
FONT = "Liberation Sans"
# Pictures that are drawn at the same time, by all readers together.
_PLACES = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Statement:
    """What a picture says besides its marks: above it title and base, below it method, source and release."""

    title: str
    above: str
    below: tuple[str, ...]


def complete(rows: pd.DataFrame, release_id: str) -> pd.DataFrame:
    """The rows as they leave the app: without drawing columns, with what every file carries."""
    kept = rows.drop(columns=[column for column in DRAWING_COLUMNS if column in rows])
    missing = {column: None for column in CARRIED if column not in kept}
    kept = kept.assign(**missing)
    return kept.assign(is_synthetic=kept["evidence_type"] == SYNTHETIC, release_id=release_id)


def csv(rows: pd.DataFrame) -> bytes:
    """CSV in UTF-8 with a byte order mark, so that spreadsheets read Danish letters; no text becomes a formula."""
    return guarded(rows).to_csv(index=False).encode("utf-8-sig")


def parquet(rows: pd.DataFrame) -> bytes:
    """The same rows as Parquet."""
    buffer = io.BytesIO()
    rows.to_parquet(buffer, index=False)
    return buffer.getvalue()


def svg(spec: dict) -> bytes:
    """The picture as SVG, its words as text; raises PictureError."""
    return _drawn(spec, "svg")


def png(spec: dict) -> bytes:
    """The picture as PNG at twice the size of the screen; raises PictureError."""
    return _drawn(spec, "png")


def _drawn(spec: dict, kind: str) -> bytes:
    """The picture, once a place is free: each is a process, and readers of pages come first."""
    if not _PLACES.acquire(timeout=drawing.LIMITS.seconds):
        raise drawing.PictureError("busy")
    try:
        return drawing.draw(spec, kind)
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
