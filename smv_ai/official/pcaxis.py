"""PX files (PC-Axis), as StatBank gives them. Source: the PX file format specification of Statistics Sweden."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path

import numpy as np

from smv_ai.official.cells import (
    HAS_VALUE,
    MISSING,
    STATES,
    Dimension,
    OfficialTable,
    check_names,
    long_table,
    refuse,
    texts_of,
)

AGAIN = "fetch the table again"
# KEYWORD[language]("variable","value")=
ENTRY = re.compile(r"\s*([A-Z][A-Z0-9-]*)(?:\[([^\]]+)\])?(?:\(((?:\s*\"[^\"]*\"\s*,?)+)\))?\s*=", re.DOTALL)
TEXT = re.compile(r"\"([^\"]*)\"")
# a long text stands in several pieces, without a comma between them
PIECES = re.compile(r"\"[^\"]*\"(?:\s*\"[^\"]*\")*")
TOKEN = re.compile(r"\"[^\"]*\"|[^\s,\"]+|\"")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
# signs that stand without quotes too; others are quoted
SIGNS = {"-", *("." * count for count in range(1, 7))}
BODY = re.compile(r"((?:\"[^\"]*\"|[^\";])*);", re.DOTALL)
DATA = re.compile(r"^[ \t]*DATA[ \t]*=", re.MULTILINE)
Keywords = dict[tuple[str, str], list[str]]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _keywords(path: Path, head: str) -> Keywords:
    """Texts by keyword and variable (empty where it is of the table); those in other languages are left out."""
    found: Keywords = {}
    at = 0
    while head[at:].strip():
        entry = ENTRY.match(head, at)
        body = BODY.match(head, entry.end()) if entry else None
        if entry is None or body is None:
            refuse(path, f"line {_line(head, at)}", "is no keyword with `=` and `;`; the file is cut or damaged", AGAIN)
        keyword, language, of = entry.groups()
        if language is None:
            texts = ["".join(TEXT.findall(pieces)) for pieces in PIECES.findall(body.group(1))]
            texts = texts or [body.group(1).strip()]
            found.setdefault((keyword, "|".join(TEXT.findall(of or ""))), texts)
        at = body.end()
    return found


def _dimensions(path: Path, keywords: Keywords) -> tuple[Dimension, ...]:
    """Stub, then heading: the last one runs fastest."""
    names = [name for keyword in ("STUB", "HEADING") for name in keywords.get((keyword, ""), []) if name]
    if not names:
        refuse(path, "STUB and HEADING", "are missing; they name the dimensions", AGAIN)
    found = []
    for name in names:
        values = keywords.get(("VALUES", name))
        if values is None:
            refuse(path, f'VALUES("{name}")', "is missing; each dimension has its categories", AGAIN)
        codes = keywords.get(("CODES", name), values)
        if len(codes) != len(values):
            refuse(path, f'CODES("{name}")', f"has {len(codes)} codes for {len(values)} values", AGAIN)
        code = keywords.get(("VARIABLECODE", name), [name])[0]
        found.append(Dimension(code, name, tuple(codes), tuple(values)))
    return tuple(found)


def _refuse_odd(path: Path, tokens: list[str], is_sign: np.ndarray, body: str, first_line: int) -> None:
    """Refuse the first token that is neither a number nor a sign, where there is one."""
    for token, sign in zip(tokens, is_sign, strict=True):
        if any(letter.isdigit() for letter in token) if sign else not NUMBER.fullmatch(token):
            at = first_line + body.count("\n", 0, body.find(token))
            refuse(path, f"line {at}", f"'{token[:40]}' is neither a number nor a sign in quotes", AGAIN)


def _numbers(path: Path, body: str, first_line: int) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Figures, NaN for signs; the names of signs, and the number of the sign of each cell (0 where there is none)."""
    tokens = TOKEN.findall(body) if '"' in body else body.replace(",", " ").split()
    is_sign = np.fromiter(
        ((token[0] == '"' and len(token) > 1) or token in SIGNS for token in tokens), bool, len(tokens)
    )
    signs = {at: tokens[at].strip('"') for at in np.flatnonzero(is_sign)}
    try:
        values = np.array(
            ["nan" if sign else token for token, sign in zip(tokens, is_sign, strict=True)], dtype=np.float64
        )
        is_odd = np.isnan(values[~is_sign]).any() or np.isinf(values).any() or "_" in body
    except ValueError:
        values, is_odd = np.empty(0), True
    if is_odd or any(letter.isdigit() for sign in set(signs.values()) for letter in sign):
        _refuse_odd(path, tokens, is_sign, body, first_line)
    names = ["", *sorted(set(signs.values()) - {""})]
    flags = np.zeros(len(tokens), np.int32)
    for at, sign in signs.items():
        flags[at] = names.index(sign) if sign else 0
    return values, names, flags


def read_px(path: Path, text: str) -> OfficialTable:
    """A PX file as a table with a row for every cell. Raises BadInputError where it is cut, mis-sized or damaged."""
    start = DATA.search(text)
    if start is None:
        refuse(path, "DATA", "is missing; the file is cut off before its figures", AGAIN)
    keywords = _keywords(path, text[: start.start()])
    if any(keyword == "KEYS" for keyword, _ in keywords):
        refuse(
            path, "KEYS", "says that only some rows are written; such files are not read", "fetch it as CSV or JSONSTAT"
        )
    body = text[start.end() :].rstrip("\x1a \t\r\n\0")
    if not body.endswith(";"):
        refuse(path, f"line {_line(text, len(text))}", "does not end with `;`; the figures are cut off", AGAIN)
    dimensions = _dimensions(path, keywords)
    check_names(path, dimensions)
    values, names, flags = _numbers(path, body[:-1], _line(text, start.end()))
    total = prod(len(dimension.codes) for dimension in dimensions)
    if len(values) != total:
        sizes = " × ".join(str(len(dimension.codes)) for dimension in dimensions)
        refuse(path, "DATA", f"has {len(values)} figures where {sizes} = {total} cells are described; the file is "
               "mis-sized or cut", AGAIN)  # fmt: skip
    states = np.where(np.isnan(values), STATES.index(MISSING), STATES.index(HAS_VALUE))
    cells = long_table(dimensions, values, texts_of(flags, names), texts_of(states, list(STATES)))

    def one(*keys: str) -> str:
        return next((found[0] for key in keys if (found := keywords.get((key, "")))), "")

    return OfficialTable(one("TABLEID", "MATRIX").lower(), one("TITLE", "DESCRIPTION", "CONTENTS"), one("SOURCE"),
                         one("LAST-UPDATED", "CREATION-DATE"), "PX", dimensions, cells)  # fmt: skip
