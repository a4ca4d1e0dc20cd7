"""The only client of the network in the product: a table from Eurostat or StatBank, when asked.

Retries and their pauses are urllib3's; an answer with an error is refused with what the office said.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from smv_ai.environment import official_address
from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.official.store import Loaded, Origin, load_bytes, loaded_tables

Chosen = dict[str, list[str]]
TIMEOUTS = (10, 180)  # seconds to connect, and between two pieces of the answer
MOST_BYTES = 1_000_000_000
RETRIES = Retry(total=4, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None,
                raise_on_status=False, retry_after_max=60)  # fmt: skip


def selection_of(words: tuple[str, ...]) -> dict[str, list[str]]:
    """`geo=DK+SE` or `geo=DK,SE` as codes by dimension. Raises BadInputError where a word is none."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, is_given, codes = word.partition("=")
        values = [code for code in codes.replace("+", ",").split(",") if code]
        if not is_given or not name or not values:
            raise BadInputError(f"'{word}' selects nothing; write dimension=code, or dimension=code+code.")
        if name.casefold() in (known.casefold() for known in found):
            raise BadInputError(f"'{name}' stands twice; write {name}=code+code.")
        found[name] = values
    return found


def _session() -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=RETRIES))
    session.headers["User-Agent"] = "smv-ai (official tables)"
    return session


def _said(answer: requests.Response) -> str:
    """What an office says of an error, in at most 300 letters."""
    try:
        found = answer.json()
        inner = found.get("error", found) if isinstance(found, dict) else found
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, dict):
            return str(inner.get("label") or inner.get("message") or inner)[:300]
    except ValueError:
        pass
    return " ".join(answer.text.split())[:300]


def _ask(session: requests.Session, method: str, address: str, **options: Any) -> requests.Response:
    """An answer that is whole. Raises SystemStateError where the office cannot be reached, BadInputError for its no."""
    try:
        with session.request(method, address, timeout=TIMEOUTS, stream=True, **options) as answer:
            said = answer.headers.get("Content-Length", "")
            size = int(said) if said.isdecimal() else 0
            if size <= MOST_BYTES:
                size = max(size, len(answer.content))
    except requests.RequestException as error:
        raise SystemStateError(
            f"{address}: no whole answer came ({error}); try again later, or load a file. Nothing was loaded."
        ) from error
    if size > MOST_BYTES:
        raise BadInputError(f"{address}: {size} bytes are more than is read; select less. Nothing was loaded.")
    if answer.status_code >= 500 or answer.status_code == 429:
        said = f"{address}: the office answers {answer.status_code} ({_said(answer)})"
        raise SystemStateError(f"{said}; try again later. Nothing was loaded.")
    if answer.status_code >= 400:
        said = f"{address}: the office answers {answer.status_code} ({_said(answer)})"
        raise BadInputError(f"{said}; mend the selection. Nothing was loaded.")
    return answer


def _eurostat(
    session: requests.Session, table: str, chosen: dict[str, list[str]], known: str
) -> tuple[requests.Response, str]:
    address = f"{official_address('eurostat')}/{table}"
    request = [("lang", "EN"), *((name, code) for name, codes in chosen.items() for code in codes)]
    headers = {"If-None-Match": known} if known else {}
    return _ask(session, "GET", address, params=request, headers=headers), json.dumps(request)


def _variables(about: requests.Response) -> list[str]:
    """The variables of a table by StatBank's description. Raises BadInputError where the answer is none."""
    try:
        names = [str(one["id"]) for one in about.json()["variables"]]
    except (ValueError, TypeError, KeyError):
        names = []
    if not names:
        raise BadInputError(f"{about.url}: is no description of a table ({_said(about)}). Nothing was loaded.")
    return names


def _statbank(
    session: requests.Session, table: str, chosen: dict[str, list[str]], known: str
) -> tuple[requests.Response, str]:
    """All categories of a variable that is not named: left out, StatBank would add them up."""
    base = official_address("statbank")
    about = _ask(session, "GET", f"{base}/tableinfo/{table}", params={"lang": "en", "format": "JSON"})
    names = _variables(about)
    by_name = {name.casefold(): name for name in names}
    for name in chosen:
        if name.casefold() not in by_name:
            raise BadInputError(f"{table}: has no variable '{name}'; allowed: {', '.join(names)}. Nothing was loaded.")
    given = {by_name[name.casefold()]: codes for name, codes in chosen.items()}
    body = {
        "table": table, "format": "JSONSTAT", "lang": "en",
        "variables": [{"code": name, "values": given.get(name, ["*"])} for name in names],
    }  # fmt: skip
    headers = {"If-None-Match": known} if known else {}
    return _ask(session, "POST", f"{base}/data", json=body, headers=headers), json.dumps(body)


def fetch(project: Path, office: str, table: str, words: tuple[str, ...]) -> Loaded:
    """Ask an office for a table and keep the answer with etag, address, licence and access date.

    `office`: eurostat or statbank. Raises BadInputError for a selection or an answer that is wrong, SystemStateError
    where the office cannot be reached; then nothing is written.
    """
    chosen = selection_of(words)
    session = _session()
    table_id = table.lower()
    asks = _eurostat if office == "eurostat" else _statbank
    kept = [one for one in loaded_tables(project) if one["table_id"] == table_id and one["etag"]]
    request_like = [one for one in kept if _selects(one["request"], chosen)]
    known = request_like[-1]["etag"] if request_like else ""
    answer, request = asks(session, table, chosen, known)
    if answer.status_code == 304 and known:
        facts = request_like[-1]
        return Loaded(table_id, project / "official" / "tables" / table_id, facts["sha256"], True, facts)
    if answer.status_code != 200:
        raise SystemStateError(f"{answer.url}: the office answers {answer.status_code} ({_said(answer)}), which is no "
                               "table; try again later. Nothing was loaded.")  # fmt: skip
    origin = Origin(office, answer.url, request, answer.headers.get("ETag", ""),
                    datetime.now(UTC).isoformat(timespec="seconds"))  # fmt: skip
    return load_bytes(project, Path(f"{table_id}.json"), answer.content, table_id, origin)


def _selects(request: str, chosen: dict[str, list[str]]) -> bool:
    """Whether a kept request asked for the same: only then its etag says something."""
    found = json.loads(request or "null")
    if isinstance(found, list):
        return [tuple(pair) for pair in found[1:]] == [(name, code) for name, codes in chosen.items() for code in codes]
    if isinstance(found, dict):
        asked = {one["code"].casefold(): one["values"] for one in found["variables"] if one["values"] != ["*"]}
        return asked == {name.casefold(): codes for name, codes in chosen.items() if codes != ["*"]}
    return False
