"""Fetching from an office: a server of the test's own answers as the two interfaces do."""

from __future__ import annotations

import gzip
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from urllib3.util import Retry

from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.official import fetch as fetching
from smv_ai.official.fetch import RETRIES, fetch, selection_of
from smv_ai.official.store import loaded_tables

ANSWER = {
    "version": "2.0", "class": "dataset", "label": "AI", "id": ["geo", "time"], "size": [1, 2], "value": {"1": 42.03},
    "dimension": {"geo": {"category": {"index": {"DK": 0}}}, "time": {"category": {"index": {"2024": 0, "2025": 1}}}},
}  # fmt: skip


class Office(BaseHTTPRequestHandler):
    """Answers from a list, the last one again and again; notes what was asked."""

    answers: list[tuple[int, bytes]] = []
    asked: list[tuple[str, str, dict]] = []
    about = json.dumps({"variables": [{"id": "geo"}, {"id": "Tid"}]}).encode()
    headers: dict[str, str] = {}

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        Office.asked.append((self.path, self.rfile.read(length).decode(), dict(self.headers)))
        if self.headers.get("If-None-Match") == '"one"':
            status, body = 304, b""
        elif "tableinfo" in self.path:
            status, body = 200, Office.about
        else:
            status, body = Office.answers.pop(0) if len(Office.answers) > 1 else Office.answers[0]
        self.send_response(status)
        self.send_header("ETag", '"one"')
        for name, value in Office.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in Office.headers:
            self.send_header("Content-Length", str(len(body) + (9 if body == b"cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


@pytest.fixture
def office(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Office)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("SMV_AI_EUROSTAT", "SMV_AI_STATBANK"):
        monkeypatch.setenv(name, address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetching, "RETRIES", Retry(2, backoff_factor=0, status_forcelist=(503,), allowed_methods=None,
                                                   raise_on_status=False))  # fmt: skip
    Office.answers, Office.asked, Office.headers = [(200, json.dumps(ANSWER).encode())], [], {}
    yield Office
    server.shutdown()
    server.server_close()


def test_an_answer_is_kept_with_etag_licence_and_access_date_and_not_fetched_twice(office, tmp_path):
    office.answers = [(503, b"busy"), (200, json.dumps(ANSWER).encode())]
    first = fetch(tmp_path, "eurostat", "isoc_eb_ai", ("geo=DK+SE", "unit=PC_ENT"))
    assert office.asked[1][0] == "/isoc_eb_ai?lang=EN&geo=DK&geo=SE&unit=PC_ENT"
    assert first.facts["etag"] == '"one"' and first.facts["accessed_at"] and "2011/833/EU" in first.facts["licence"]
    assert first.facts["cells"] == {"value": 1, "missing": 0, "absent": 1}
    again = fetch(tmp_path, "eurostat", "isoc_eb_ai", ("geo=DK+SE", "unit=PC_ENT"))
    assert again.was_there and again.sha256 == first.sha256
    fetch(tmp_path, "eurostat", "isoc_eb_ai", ("geo=DK",))
    assert "If-None-Match" not in office.asked[-1][2] and len(loaded_tables(tmp_path)) == 1


def test_statbank_is_asked_for_all_categories_of_what_is_not_named(office, tmp_path):
    fetch(tmp_path, "statbank", "ITAV19", ("tid=2025",))
    body = json.loads(office.asked[-1][1])
    assert body["variables"] == [{"code": "geo", "values": ["*"]}, {"code": "Tid", "values": ["2025"]}]
    assert body["table"] == "ITAV19" and body["format"] == "JSONSTAT"
    with pytest.raises(BadInputError, match="no variable 'size'; allowed: geo, Tid"):
        fetch(tmp_path, "statbank", "ITAV19", ("size=1",))


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ((400, b'{"error": [{"label": "Invalid dimension"}]}'), BadInputError, "answers 400 .Invalid dimension"),
        ((503, b"busy"), SystemStateError, "answers 503 .busy.*try again later"),
        ((200, b"cut"), SystemStateError, "no whole answer came"),
        ((200, b"<html><title>Down</title>"), BadInputError, "HTML page titled 'Down'"),
        ((200, b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}'), BadInputError, "ASYNCHRONOUS"),
        ((202, b'{"message": "being made"}'), SystemStateError, "answers 202 .being made., which is no table"),
        ((304, b""), SystemStateError, "answers 304"),
    ],
)
def test_an_error_of_an_office_is_told_and_nothing_is_kept(office, tmp_path, answer, kind, reason):
    office.answers = [answer]
    with pytest.raises(kind, match=reason):
        fetch(tmp_path, "eurostat", "isoc_eb_ai", ())
    assert not (tmp_path / "official").exists()


def test_an_office_that_is_not_there_is_told(monkeypatch, tmp_path, office):
    monkeypatch.setenv("SMV_AI_EUROSTAT", "http://127.0.0.1:9")
    with pytest.raises(SystemStateError, match="no whole answer came"):
        fetch(tmp_path, "eurostat", "isoc_eb_ai", ())


def test_a_packed_answer_of_another_charset_behind_a_redirect_is_read(office, tmp_path, monkeypatch):
    named = {**ANSWER, "label": "Brug af kunstig intelligens på Ærø"}
    office.answers = [(200, gzip.compress(json.dumps(named, ensure_ascii=False).encode()))]
    office.headers = {"Content-Encoding": "gzip", "Content-Type": "application/json; charset=iso-8859-1"}
    assert fetch(tmp_path, "eurostat", "isoc_eb_ai", ()).facts["title"] == named["label"]
    office.answers = [(302, b""), (200, json.dumps(ANSWER).encode())]
    office.headers = {"Location": "/elsewhere"}
    assert fetch(tmp_path, "eurostat", "isoc_eb_ain2", ()).facts["address"].endswith("/elsewhere")


def test_a_packed_answer_that_is_damaged_and_one_that_is_too_large_are_refused(office, tmp_path):
    office.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(SystemStateError, match="no whole answer came"):
        fetch(tmp_path, "eurostat", "isoc_eb_ai", ())
    office.headers = {"Content-Length": "9999999999"}
    with pytest.raises(BadInputError, match="9999999999 bytes are more than is read"):
        fetch(tmp_path, "eurostat", "isoc_eb_ai", ())
    assert not (tmp_path / "official").exists()


@pytest.mark.parametrize("about", [b"<html>Log in</html>", b"[]", b"{}", b'{"variables": ["geo"]}'])
def test_what_describes_no_table_of_statbank_is_told(office, tmp_path, monkeypatch, about):
    monkeypatch.setattr(Office, "about", about)
    with pytest.raises(BadInputError, match="is no description of a table"):
        fetch(tmp_path, "statbank", "ITAV19", ())


def test_a_pause_that_an_office_asks_for_has_an_end():
    assert RETRIES.retry_after_max == 60 and {429, 503} <= set(RETRIES.status_forcelist)


@pytest.mark.parametrize("words", [("geo",), ("=DK",), ("geo=",), ("geo=DK", "geo=SE"), ("tid=1", "TID=2")])
def test_a_selection_that_selects_nothing_is_refused(words):
    with pytest.raises(BadInputError):
        selection_of(words)
