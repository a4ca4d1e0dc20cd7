"""Texts as people and attackers write them: drawn, exported and shown, and the server lives."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest
from support.app_pages import APP, open_page, page_names
from support.small_release import small_release
from support.texts import three_hundred_texts

from smv_ai.passport import tabular
from smv_ai.passport.passport import Passport
from smv_ai.pictures import drawing
from smv_ai.pictures.drawing import Limits, PictureError, draw
from smv_ai.releases import changes
from smv_ai.releases.export import FORMULA_START, export_tables, guarded
from smv_ai.seeds.characters import REPLACEMENT, kind_of
from smv_ai.sql.query import run_query

# No picture is refused because the machine is busy: what hangs has a time-out of its own below.
PATIENT = Limits(seconds=300)
CONTROLS = [
    *map(chr, [*range(0x20), 0x7F, 0x80, 0x85, 0x9F]),
    *"\u2028\u2029\u202a\u202e\u2066\u2069\u200b\u200e\ufeff",
]
NONCHARACTERS = ["\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff"]
MARKDOWN = [
    "![x](http://evil.example/x.png)", "[l](http://evil.example)", "$a$ to $b$", "~~s~~", "~s~", ":red[r]", ":smile:",
    ":material/home:", "<b>h</b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "`c`", "*e*", "__e__",
    "# h", "- l", "1. l", "> q", "| a | b |", "&lt;", "http://evil.example", "www.evil.example", "a@evil.example", "\\",
]  # fmt: skip
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
OTHERS = [
    "",
    " ",
    "e" + "\u0301" * 500,
    "👩‍💻 👍🏽 🇩🇰",
    "مرحبا",
    "שלום",
    "人工智能",
    "\ud800",
    "\udc00x",
    "x" * 100_000,
    "x y " * 30_000,
]
TEXTS = [*(f"a{bad}b" for bad in (*CONTROLS, *NONCHARACTERS)), *MARKDOWN, *FORMULAS, *OTHERS]


@pytest.fixture(autouse=True)
def app_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(APP))


def rows_with(texts: list[str]) -> pd.DataFrame:
    """Rows of evidence as a figure has them, a row a text."""
    return pd.DataFrame({"label": texts}).assign(
        value_text="1 %", observation_value=1.0, ci_lower=0.5, ci_upper=1.5, status_marks="", evidence_type="published"
    )


def storable(texts: list[str]) -> list[str]:
    """Those that a database or a data frame can hold: all but halves of surrogate pairs."""
    return [text for text in texts if text.encode("utf-8", "ignore").decode() == text]


def spec_of(texts: list[str]) -> dict:
    """A whole picture whose rows are labelled with the texts, and whose statement holds them, too."""
    from shared import charts, exports

    look = charts.Look("da", ink="#101820", paper="#FFFFFF", accent="#0072B2")
    said = " ".join(text[:50] for text in texts)
    chart = charts.dots(rows_with(storable(texts)), look, x_title="Procent")
    return exports.picture([chart], exports.Statement(said, said, (said,)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_every_text_is_drawn(kind: str) -> None:
    assert len(TEXTS) >= 60
    content = draw(spec_of(TEXTS), kind, PATIENT)
    assert content.startswith(b"<svg" if kind == "svg" else b"\x89PNG")
    if kind == "svg":
        words = content.decode()
        assert REPLACEMENT in words
        assert not {letter for letter in words if kind_of(letter)} - {*"\n\t\u200c\u200d\u00ad"}


MANY = three_hundred_texts()


def test_the_change_report_reads_no_text_of_the_data_as_markdown() -> None:
    def read(text: str) -> set[str]:
        """What Markdown makes of a text besides words, lists, headings, tables and code."""
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        inside = [token for block in tokens for token in [block, *(block.children or [])]]
        return {token.type for token in inside} & {
            "image",
            "link_open",
            "html_inline",
            "html_block",
            "em_open",
            "s_open",
        }

    texts = [text for text in [*MANY, *MARKDOWN] if len(text) < 5000]
    for text in texts:
        examples = [{"kind": "changed", "key": {"id": text}, "cells": {"label": {"before": text, "after": text}}}]
        counts = {"added": 0, "removed": 0, "changed": 1}
        tables = {
            text: counts
            | {kind: [text] for kind in changes.COLUMN_KINDS}
            | {"by_indicator": {text: counts}, "examples": examples}
        }
        report = {
            "older": "a",
            "newer": "b",
            "settings": {text: {"before": text, "after": 3}},
            "tables": tables,
            "tables_added": [text],
            "tables_removed": [],
        }
        assert read(changes.as_markdown(report)) == set(), ascii(text)
        nothing = changes.report_of_nothing("b", f"Nothing is compared: release_id is {ascii(text)}")
        assert read(changes.as_markdown(nothing)) == set(), ascii(text)
    assert read("![x](http://evil.example)") == {"image"}, "it would be seen"


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
@pytest.mark.parametrize("first", range(0, 300, 50))
def test_three_hundred_texts_are_drawn(kind: str, first: int) -> None:
    texts = MANY[first : first + 50]
    content = draw(spec_of(texts), kind, PATIENT)
    assert content.startswith({"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[kind])
    if kind == "svg":
        words = html.unescape(content.decode())
        # what fits on an axis stands there as it was written
        short = [text for text in texts if text.isprintable() and text.strip() == text and 0 < len(text) < 15]
        assert [text for text in short if text not in words] == []
        ElementTree.fromstring(content)


@pytest.mark.parametrize("kind", ["csv", "csv_danish", "parquet", "excel"])
def test_three_hundred_texts_leave_and_come_back(kind: str) -> None:
    passport = Passport("f", "20260101T000000Z", "warehouse", "select 1", "0")
    rows = tabular.complete(rows_with(MANY), "20260101T000000Z")
    more = ({"note": "x" * 40_000}, "en") if kind == "excel" else ()
    content = getattr(tabular, kind)(rows, passport, *more)
    read, _ = tabular.read(content, {"csv_danish": "csv", "excel": "xlsx"}.get(kind, kind), "file")
    most = tabular.MOST_IN_A_CELL if kind == "excel" else 10**6
    for text, found in zip(MANY, read["label"], strict=True):
        assert found == (text or None) or (len(text) > most and len(found) == most and found.endswith(tabular.CUT))


def test_three_hundred_texts_are_released_and_printed(tmp_path: Path) -> None:
    database = small_release(tmp_path, "20260101T000000Z") / "smv_ai.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table marts.texts (n integer, label varchar)")
        connection.executemany("insert into marts.texts values (?, ?)", list(enumerate(MANY)))
    (folder := tmp_path / "exports").mkdir()
    export_tables(database, folder)
    assert pd.read_parquet(folder / "parquet" / "texts.parquet").sort_values("n")["label"].tolist() == MANY
    for name, mark in (("csv", ","), ("csv_excel", ";")):
        with (folder / name / "texts.csv").open(encoding="utf-8-sig", newline="") as file:
            found = {row["n"]: row["label"] for row in csv.DictReader(file, delimiter=mark)}
        guard = re.compile(FORMULA_START)
        expected = [f"'{text}" if name == "csv_excel" and guard.match(text) else text for text in MANY]
        assert [found[str(n)] for n in range(len(MANY))] == expected
    printed = run_query(database, "select label from texts order by n", "json", no_limit=True)
    assert [row["label"] for row in json.loads(printed)] == MANY
    assert run_query(database, "select label from texts order by n", "table", no_limit=True)


def test_every_text_leaves_in_csv_and_parquet() -> None:
    passport = Passport("f", "20260101T000000Z", "warehouse", "select 1", "0")
    texts = storable(TEXTS)
    rows = tabular.complete(rows_with(texts), "20260101T000000Z")
    assert list(pd.read_parquet(io.BytesIO(tabular.parquet(rows, passport)))["label"]) == texts
    read = pd.read_csv(
        io.BytesIO(tabular.csv(rows, passport)), keep_default_na=False, lineterminator="\n", encoding="utf-8-sig"
    )
    assert len(read) == len(texts)
    for text, written in zip(texts, read["label"], strict=True):
        assert written == (f"'{text}" if text and text[0] in "=+-@\t\r" else text), ascii(text[:20])


def test_formulas_are_guarded_as_in_the_release() -> None:
    rows = pd.DataFrame({"=A1": ["=1", "x", None], "n": [-1, 2, 3], "share": [-0.5, None, 1.0]})
    kept = guarded(rows)
    assert list(kept) == ["'=A1", "n", "share"]
    assert kept["'=A1"].tolist()[:2] == ["'=1", "x"]
    assert kept["n"].tolist() == [-1, 2, 3] and kept["share"].iloc[0] == -0.5
    twice = pd.DataFrame([["=1", "=2"]], columns=["a", "a"])
    assert guarded(twice).iloc[0].tolist() == ["'=1", "'=2"]


@pytest.mark.slow
def test_renderer_that_goes_down_takes_only_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "cleaned", lambda spec: spec)
    spec = {"data": {"values": [{"a": "x\fy"}]}, "mark": "text", "encoding": {"text": {"field": "a"}}}
    with pytest.raises(PictureError) as caught:
        draw(spec, "png", PATIENT)
    assert caught.value.reason == "failed"
    monkeypatch.undo()
    assert draw(spec, "png", PATIENT).startswith(b"\x89PNG")


CONFINED = "from smv_ai.pictures.process import confine; confine(600, 2**30); "
FAILING = {
    "dies": ("import os; os.abort()", "failed"),
    "refuses": ("raise SystemExit(1)", "failed"),
    "says nothing": ("pass", "failed"),
    "eats memory": (CONFINED + "bytearray(2**31); print('drawn')", "failed"),
    "writes a file": (
        CONFINED + "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); f.flush(); print('drawn')",
        "failed",
    ),
    "hangs": ("import time; time.sleep(600)", "time"),
}


@pytest.mark.parametrize("how", FAILING)
def test_process_that_fails_is_one_message(how: str) -> None:
    program, reason = FAILING[how]
    limits = Limits(seconds=1) if reason == "time" else PATIENT
    with pytest.raises(PictureError) as caught:
        draw({}, "png", limits, (sys.executable, "-c", program))
    assert caught.value.reason == reason


@pytest.mark.parametrize("text", [*MARKDOWN, "---", "1)"])
def test_markdown_is_escaped(text: str) -> None:
    from shared.text import plain

    shown = plain(text)
    assert shown != text
    assert shown.replace("\\", "").replace("\u2060", "") == text.replace("\\", "")


@pytest.mark.parametrize(
    "text", ["AI", "8.3%", "-1.5", "=1", "10-49 ansatte (5 %)", "n = 1.521", "Fremstilling: 12,1 %", "kl. 10: to"]
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    from shared.text import plain

    assert plain(text).replace("\u00a0%", " %") == text, "but that a number and its per cent sign stay together"


HOSTILE = " ![x](http://evil.example/x.png) $a$ ~~s~~ :red[r] :smile: <b>h</b> `c` *e* \f\u2028 "
READ = ["![x]", "(http://", "$a$", "~~s~~", ":red[", ":smile:", "<b>", "`c`", "*e*", "\f", "\u2028"]


WORDS = "label|text|title|population|facet_value|wording|explanation|shows|citation|section|publisher|status_marks"


@pytest.fixture(scope="module")
def hostile_release(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the release in which every label and every other text for people ends in HOSTILE."""
    return with_texts(release_dir, tmp_path_factory.mktemp("hostile"), "?", HOSTILE)


@pytest.fixture(scope="module")
def release_of_three_hundred(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, but each of the three hundred texts stands somewhere."""
    return with_texts(release_dir, tmp_path_factory.mktemp("many"), "(?::varchar[])[1 + rowid % 300]", MANY)


def with_texts(release_dir: Path, folder: Path, added: str, value: object) -> Path:
    """A copy of a release below a folder in which all texts for people end in an expression of SQL with one value."""
    shutil.copytree((release_dir / "current").resolve(), folder / "release")
    (folder / "current").symlink_to("release")
    file = folder / "release" / "smv_ai.duckdb"
    os.chmod(file, 0o644)
    with duckdb.connect(str(file)) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
            f" and data_type = 'VARCHAR' and regexp_matches(column_name, '^(.*_)?({WORDS})(_da|_en)?$')"
        ).fetchall()
        for table, column in columns:
            connection.execute(f'update marts.{table} set "{column}" = "{column}" || {added}', [value])
    return folder


def markdown_of(app: AppTest) -> Iterator[str]:
    """All that the browser reads as Markdown on a page."""
    for kind in (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error):
        yield from (element.value for element in kind)
    for metric in app.metric:
        yield from (metric.label, metric.value)
    for box in [*app.selectbox, *app.button_group, *app.radio]:
        yield box.label
    for group in app.button_group:
        yield from (option.content for option in group.proto.options)
    for radio in app.radio:
        yield from radio.options
    for table in app.table:
        yield from map(str, [*table.value.columns, *table.value.index, *table.value.to_numpy().ravel()])
    yield from (link.proto.label for link in app.get("page_link"))


@pytest.mark.parametrize("page", page_names())
def test_no_text_from_data_is_read_as_markdown(hostile_release, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    app = open_page(hostile_release, monkeypatch, page, lang="en")
    assert not app.exception and not app.error
    texts = list(markdown_of(app))
    for text in texts:
        assert not [mark for mark in READ if mark in text], text
    if page not in ("sql", "sources", "files"):
        assert any("evil" in text for text in texts)
    charts = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    assert not [spec for spec in charts if "\\f" in spec or "\\u2028" in spec or "\u2028" in spec]


@pytest.mark.parametrize("page", page_names())
def test_three_hundred_texts_stand_on_the_pages(
    release_of_three_hundred: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    app = open_page(release_of_three_hundred, monkeypatch, page, lang="en")
    assert not app.exception and not app.error
    texts = list(markdown_of(app))
    read = re.compile(r"!\[|<script|<svg|\$\$|~~|:material|:blue")
    assert [text for text in texts if read.search(re.sub(r"\\.", "", text))] == []
    for chart in app.get("vega_lite_chart"):
        assert not {
            letter
            for letter in json.dumps(json.loads(chart.proto.spec), ensure_ascii=False)
            if kind_of(letter) and letter not in "\n\t\u00ad\u200c\u200d"
        }
    app.selectbox and app.selectbox[0].select_index(len(app.selectbox[0].options) - 1).run()
    assert not app.exception
