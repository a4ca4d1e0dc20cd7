"""The certificate of a load: what every text of every loaded column became, how often, and what became of every row.

With the canonical file it gives the original back (`rebuilt`): a value whose texts are several has the most frequent
one
here, and the cells that were written otherwise stand in `spellings.parquet`.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from smv_ai.intake.canonical import OUTCOMES, Canonical, LoadedItem
from smv_ai.intake.rules import RULES, SET_ASIDE

NAME, ROWS, SPELLINGS, KEPT = "certificate.json", "rows.parquet", "spellings.parquet", "kept_rows.parquet"
MOST_TEXTS = 2000
MOST_COUNTED = 10**6
NUMBER_FORMS = ("shortest", *range(0, 13))


def counts_of(canonical: Canonical) -> dict[str, Any]:
    """Rows in, loaded, set aside and quarantined by rule; they add up, or the load is a defect of this program."""
    by_rule = (
        Counter(OUTCOMES[number] for number in canonical.outcome.tolist()) if len(canonical.outcome) else Counter()
    )
    aside = {rule: by_rule[rule] for rule in SET_ASIDE if by_rule[rule]}
    ragged = len(canonical.table.ragged)
    quarantined = {rule: by_rule[rule] for rule in RULES if rule not in SET_ASIDE and by_rule[rule]}
    if ragged:
        quarantined["row_length"] = ragged
    found = {
        "rows_in": canonical.table.height + ragged,
        "loaded": by_rule["loaded"],
        "set_aside": aside,
        "quarantined": quarantined,
    }
    assert found["rows_in"] == found["loaded"] + sum(aside.values()) + sum(quarantined.values())
    return found


def columns_of(canonical: Canonical) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """What each loaded column of the export became, and the cells whose text does not follow from their value."""
    by_source: dict[str, list[LoadedItem]] = {}
    for loaded in canonical.items:
        by_source.setdefault(loaded.source, []).append(loaded)
    spellings: dict[str, list[Any]] = {"row": [], "column": [], "text": []}
    return [_column(canonical, source, members, spellings) for source, members in by_source.items()], spellings


def _column(
    canonical: Canonical, source: str, members: list[LoadedItem], spellings: dict[str, list[Any]]
) -> dict[str, Any]:
    rows = np.flatnonzero(canonical.is_loaded)
    first = members[0]
    texts, indices = first.coded.texts, first.coded.indices[rows]
    keys, inverse = _keys(canonical, members, rows)
    # how often each text became each value
    pairs, inverse_of_pair = _unique(indices.astype(np.int64) * max(1, len(keys)) + inverse)
    counts = np.bincount(inverse_of_pair, minlength=len(pairs))
    text_of, key_of = pairs // max(1, len(keys)), pairs % max(1, len(keys))
    said: dict[str, Any] = {
        "source": source,
        "items": [loaded.item.column for loaded in members],
        "kind": "number" if first.is_number else "boxes" if first.is_joined else "code",
        "cells": len(rows),
    }
    if first.is_number:
        said["form"] = form = _form(texts, keys, text_of, key_of, counts, first.coded.allowed)
        default = [_number_text(key, form) for key in keys]
    else:
        default = _most_frequent(texts, len(keys), text_of, key_of, counts)
    is_short = len(pairs) <= MOST_TEXTS and not first.is_number
    reserved = [n for n, key in enumerate(keys) if first.is_number and key <= -9e9]
    shown = range(len(pairs)) if is_short else [n for n in range(len(pairs)) if key_of[n] in reserved]
    said["meanings"] = [
        {"text": texts[text_of[n]], "value": _shown(keys[key_of[n]]), "cells": int(counts[n])} for n in shown
    ]
    told = sum(meaning["cells"] for meaning in said["meanings"])
    said["other_cells"] = len(rows) - told
    said["default_texts"] = [[_shown(key), text] for key, text in zip(keys, default,
    strict=True)] if not first.is_number else [
        [_shown(keys[n]), default[n]] for n in reserved
    ]  # fmt: skip
    is_other = np.array([texts[t] != default[k] for t, k in zip(text_of, key_of, strict=True)], bool)
    _note_spellings(canonical, source, rows, (indices, inverse), (pairs, is_other), len(keys), texts, spellings)
    return said


def _note_spellings(
    canonical: Canonical, source: str, rows: np.ndarray, coded: tuple[np.ndarray, np.ndarray],
    pairs: tuple[np.ndarray, np.ndarray], width: int, texts: list[str], spellings: dict[str, list[Any]],
) -> None:  # fmt: skip
    others = pairs[0][pairs[1]]
    if not len(others):
        return
    mine = coded[0].astype(np.int64) * max(1, width) + coded[1]
    for position in np.flatnonzero(np.isin(mine, others)).tolist():
        spellings["row"].append(int(canonical.table.rows[rows[position]]))
        spellings["column"].append(source)
        spellings["text"].append(texts[coded[0][position]])


def _keys(canonical: Canonical, members: list[LoadedItem], rows: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """The different values, or for joined choices the different sets of values, and which each row has."""
    if len(members) == 1:
        found, inverse = _unique(canonical.values[members[0].item.column][rows])
        return found.tolist(), inverse
    stack = np.stack([canonical.values[loaded.item.column][rows] for loaded in members])
    found, inverse = np.unique(stack, axis=1, return_inverse=True)
    return [tuple(column) for column in found.T.tolist()], inverse.reshape(-1)


def _unique(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different values in order, and which each is; whole numbers close together are counted, not sorted."""
    if not len(values) or values.dtype.kind != "i" or int(values.max()) - int(values.min()) > MOST_COUNTED:
        return np.unique(values, return_inverse=True)
    low = values.min()
    found = np.flatnonzero(np.bincount(values - low))
    place = np.zeros(int(found[-1]) + 1, np.int64)
    place[found] = np.arange(len(found))
    return (found + low).astype(values.dtype), place[values - low]


def _most_frequent(
    texts: list[str], width: int, text_of: np.ndarray, key_of: np.ndarray, counts: np.ndarray
) -> list[str]:
    best: dict[int, tuple[int, str]] = {}
    for text, key, count in zip(text_of.tolist(), key_of.tolist(), counts.tolist(), strict=True):
        candidate = (count, texts[text])
        if key not in best or candidate > best[key]:
            best[key] = candidate
    return [best[key][1] for key in range(width)]


def _form(
    texts: list[str], keys: list[Any], text_of: np.ndarray, key_of: np.ndarray, counts: np.ndarray, mark: str
) -> dict[str, Any]:
    """How most numbers are written: the shortest way, or with so many decimals; and the texts of what is no number."""
    forms: Counter[tuple[Any, str]] = Counter()
    for text, key, count in zip(text_of.tolist()[:MOST_TEXTS], key_of.tolist(), counts.tolist(), strict=False):
        for form in NUMBER_FORMS:
            for sign in dict.fromkeys((mark or ".", ".")):
                if keys[key] > -9e9 and _written(keys[key], form, sign) == texts[text]:
                    forms[form, sign] += count
    [((form, sign), _)] = forms.most_common(1) or [(("shortest", "."), 0)]
    reserved = [n for n, key in enumerate(keys) if key <= -9e9]
    best = _most_frequent_of(texts, reserved, text_of, key_of, counts)
    return {"decimals": form, "mark": sign, "reserved": {str(int(keys[n])): best[n] for n in reserved}}


def _most_frequent_of(
    texts: list[str], wanted: list[int], text_of: np.ndarray, key_of: np.ndarray, counts: np.ndarray
) -> dict[int, str]:
    found: dict[int, tuple[int, str]] = {}
    mask = np.isin(key_of, wanted)
    for text, key, count in zip(text_of[mask].tolist(), key_of[mask].tolist(), counts[mask].tolist(), strict=True):
        if key not in found or (count, texts[text]) > found[key]:
            found[key] = (count, texts[text])
    return {key: text for key, (_, text) in found.items()}


def _written(value: float, form: Any, mark: str) -> str:
    if form == "shortest":
        text = str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))
    else:
        text = f"{value:.{form}f}"
    return text.replace(".", mark)


def _number_text(value: float, form: dict[str, Any]) -> str:
    if value <= -9e9:
        return form["reserved"][str(int(value))]
    return _written(value, form["decimals"], form["mark"])


def _shown(key: Any) -> Any:
    if isinstance(key, tuple):
        return [_shown(part) for part in key]
    return int(key) if float(key).is_integer() else key


def rebuilt(folder: Path, responses: Path) -> dict[str, dict[int, str]]:
    """The text of every cell of the loaded columns by source column and row of the file, from what a load wrote.

    `folder` holds the certificate, `responses` is the canonical file.
    """
    said = json.loads((folder / NAME).read_text(encoding="utf-8"))
    rows = parquet.read_table(folder / ROWS).to_pylist()
    row_of = {row["respondent_id"]: row["row"] for row in rows if row["outcome"] == "loaded"}
    table = parquet.read_table(responses).to_pydict()
    numbers = [row_of[respondent] for respondent in table["respondent_id"]]
    found: dict[str, dict[int, str]] = {}
    for column in said["columns"]:
        values = list(zip(*(table[item] for item in column["items"]), strict=True))
        texts = {_key(value): text for value, text in column["default_texts"]}
        found[column["source"]] = {
            number: _number_text(value[0], column["form"]) if column["kind"] == "number" else texts[_key(list(value))]
            for number, value in zip(numbers, values, strict=True)
        }
    for spelling in parquet.read_table(folder / SPELLINGS).to_pylist():
        found[spelling["column"]][spelling["row"]] = spelling["text"]
    return found


def _key(value: Any) -> tuple[float, ...]:
    return tuple(float(part) for part in (value if isinstance(value, list) else [value]))


def rows_table(canonical: Canonical, ids: list[str]) -> pa.Table:
    """A row for each row of the export: its number, loaded or not, the rule, and the respondent of those loaded."""
    kinds = ["loaded", *("set_aside" if rule in SET_ASIDE else "quarantined" for rule in RULES)]
    outcome = pa.array(canonical.outcome.astype(np.int32))
    respondents = pa.array(ids, pa.string()).take(pa.array(canonical.who, mask=~canonical.is_loaded))
    ragged = canonical.table.ragged

    def with_ragged(values: pa.Array, value: str | None) -> pa.Array:
        return pa.concat_arrays([values.cast(pa.string()), pa.array([value] * len(ragged), pa.string())])

    return pa.table(
        {
            "row": np.concatenate([canonical.table.rows, np.array([one.row for one in ragged], np.int64)]),
            "outcome": with_ragged(pa.array(kinds).take(outcome), "quarantined"),
            "rule": with_ragged(pa.array(OUTCOMES).take(outcome), "row_length"),
            "respondent_id": with_ragged(respondents, None),
        }
    )


def kept_rows(canonical: Canonical, file: str, sheet: str, columns: list[str]) -> pa.Table:
    """The rows that were not loaded, a row for each finding: where, by which rule, and the cells of the loaded
    columns.
    """
    by_row: dict[int, list[Any]] = {}
    for finding in canonical.findings:
        by_row.setdefault(finding.row, []).append(finding)
    listed: list[dict[str, Any]] = []
    names = list(canonical.table.columns)
    for position in np.flatnonzero(~canonical.is_loaded).tolist():
        row, rule = int(canonical.table.rows[position]), OUTCOMES[canonical.outcome[position]]
        cells = {name: canonical.table.columns[name].text[position].as_py() for name in columns}
        own = by_row.get(row) if rule not in SET_ASIDE else None
        for finding in own or [None]:
            told = RULES[rule] if finding is None else (finding.message(0), finding.message(1))
            listed.append(
                {"file": file, "sheet": sheet, "row": row, "column": finding.column if finding else "",
                 "rule": finding.rule if finding else rule, "message_da": told[0], "message_en": told[1],
                 "content": json.dumps(cells, ensure_ascii=False)}
            )  # fmt: skip
    for one in canonical.table.ragged:
        values = {"value": str(len(one.cells)), "allowed": str(len(names))}
        listed.append(
            {"file": file, "sheet": sheet, "row": one.row, "column": "", "rule": "row_length",
             "message_da": RULES["row_length"][0].format(**values),
             "message_en": RULES["row_length"][1].format(**values),
             "content": json.dumps(one.cells, ensure_ascii=False)}
        )  # fmt: skip
    schema = pa.schema(
        [("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64())]
        + [(name, pa.string()) for name in ("column", "rule", "message_da", "message_en", "content")]
    )
    return pa.Table.from_pylist(listed, schema)
