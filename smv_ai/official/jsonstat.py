"""JSON-stat 2.0 (Eurostat) and the 1.x wrapper `dataset` (StatBank). Source of the format: json-stat.org/full.

`value` and `status` are arrays over all cells in row-major order, or objects keyed by position; a position that is not
there is absent, which is not zero.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from smv_ai.official.cells import (
    ABSENT,
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
MOST_CELLS = 20_000_000


class _Twice(ValueError):
    """A name that an object has twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise _Twice(name)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def parse(path: Path, text: str) -> dict[str, Any]:
    """The JSON object of an answer; refuses text that is cut, damaged, no object or an error message of the office."""
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except _Twice as error:
        refuse(path, f"'{error}'", "stands twice in one object; a name or position stands once", AGAIN)
    except json.JSONDecodeError as error:
        end = "the answer is cut off or damaged" if error.pos >= len(text.rstrip()) - 1 else "the answer is damaged"
        refuse(path, f"line {error.lineno}, column {error.colno}", f"{end}, JSON cannot be read ({error.msg})", AGAIN)
    except (ValueError, RecursionError) as error:
        refuse(path, "JSON", str(error), AGAIN)
    if not isinstance(found, dict):
        refuse(path, "JSON", "is no object; JSON-stat is an object of class dataset", AGAIN)
    for name in ("error", "warning", "errorTypeCode"):
        if name in found and "dimension" not in found:
            said = json.dumps(found.get("message") or found[name], ensure_ascii=False)[:300]
            refuse(path, name, f"is an error message of the office, not a table: {said}", "mend the request")
    return found


def _dataset(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The one data set in it, with `id`, `size` and `role` where version 2.0 has them."""
    if found.get("class", "dataset") != "dataset":
        refuse(path, "class", f"is '{found['class']}'; only a dataset holds cells", "fetch one data set of it")
    if "dimension" not in found:
        inner = {name: body for name, body in found.items() if isinstance(body, dict) and "dimension" in body}
        if len(inner) != 1:
            names = ", ".join(list(inner)[:10]) or ", ".join(list(found)[:10]) or "nothing"
            refuse(path, "JSON", f"holds {len(inner)} data sets ({names}); exactly one is read", "fetch one table")
        [found] = inner.values()
    if not isinstance(found["dimension"], dict):
        refuse(path, "dimension", "is no object; it describes the dimensions", AGAIN)
    parts = dict(found["dimension"])
    for name in ("id", "size", "role"):
        if name not in found and name in parts:
            found = {**found, name: parts.pop(name)}
    return {**found, "dimension": parts}


def _categories(path: Path, code: str, size: int, body: Any) -> Dimension:
    """Codes of a dimension in the order of their positions; refuses positions that are not 0 to size - 1."""
    place = f"dimension {code}"
    category = body.get("category") if isinstance(body, dict) else None
    if not isinstance(category, dict):
        refuse(path, place, "has no categories; each dimension of `id` is described", AGAIN)
    labels, index = category.get("label") or {}, category.get("index")
    if not isinstance(labels, dict):
        refuse(path, place, "has labels that are no object by code", AGAIN)
    if index is None:
        index = list(labels)
        if len(index) != 1:
            refuse(path, place, f"has {len(index)} categories and no `index`; only one may do without it", AGAIN)
    if isinstance(index, dict):
        wrong = [f"{name}: {at}" for name, at in index.items() if type(at) is not int]
        places = sorted(at for at in index.values() if type(at) is int)
        if wrong or places != list(range(len(index))):
            shown = ", ".join(wrong[:3]) or ", ".join(str(at) for at in places[:10])
            refuse(path, place, f"has positions that are not 0 to {len(index) - 1}, once each ({shown})", AGAIN)
        index = sorted(index, key=lambda name: index[name])
    if not isinstance(index, list) or not all(isinstance(name, str) for name in index):
        refuse(path, place, "has an `index` that is no list of codes", AGAIN)
    if len(index) != size:
        refuse(
            path, place, f"has {len(index)} categories where `size` says {size}; the answer is cut or re-ordered", AGAIN
        )
    unknown = [name for name in labels if name not in set(index)]
    if unknown:
        refuse(path, place, f"labels the category '{unknown[0]}', which has no position", AGAIN)
    named = tuple(str(labels.get(name) or name) for name in index)
    return Dimension(code, str(body.get("label") or code), tuple(index), named)


def _dimensions(path: Path, data: dict[str, Any]) -> tuple[Dimension, ...]:
    """All dimensions in the order of `id`; refuses an `id` and a `size` that do not fit what is described."""
    names, sizes, described = data.get("id"), data.get("size"), data["dimension"]
    if not isinstance(names, list) or not isinstance(sizes, list) or not names:
        refuse(path, "id and size", "are not both lists; they give the order of the cells", AGAIN)
    if not all(isinstance(name, str) for name in names):
        refuse(path, "id", f"{names} is no list of texts; each names a dimension", AGAIN)
    if len(names) != len(sizes) or not all(type(size) is int and size >= 0 for size in sizes):
        refuse(path, "size", f"{sizes} does not give a whole number for each of {len(names)} dimensions", AGAIN)
    if sorted(map(str, names)) != sorted(described):
        other = sorted(set(map(str, names)) ^ set(described)) or sorted(map(str, names))
        refuse(path, "id", f"does not name the dimensions described ({', '.join(other[:5])})", AGAIN)
    _refuse_ambiguous_order(path, names, sizes, list(described))
    return tuple(_categories(path, name, size, described[name]) for name, size in zip(names, sizes, strict=True))


def _refuse_ambiguous_order(path: Path, names: list[str], sizes: list[int], described: list[str]) -> None:
    """Offices describe dimensions in the order of `id`; where both differ and sizes cannot tell, cells could move."""
    moved = [(name, size) for name, size, other in zip(names, sizes, described, strict=True) if name != other]
    large = [size for _, size in moved if size > 1]
    if len(set(large)) < len(large):
        shown = ", ".join(name for name, size in moved if size > 1)
        refuse(path, "id", f"gives another order than the description, and sizes do not settle it ({shown}); "
               "the answer is re-ordered", AGAIN)  # fmt: skip


def _positions(path: Path, name: str, keys: list[str], total: int) -> np.ndarray:
    """Positions of a sparse object as whole numbers; refuses those beyond the table and those that are none."""
    plain = all(key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") for key in keys)
    if not plain:
        wrong = next(key for key in keys if not key.isascii() or not key.isdigit() or (key[0] == "0" and key != "0"))
        refuse(path, name, f"has the position '{wrong}'; positions are whole numbers from 0", AGAIN)
    if any(len(key) > 15 for key in keys):
        refuse(path, name, f"has the position {max(keys, key=len)[:40]} beyond the last cell {total - 1}", AGAIN)
    found = np.fromiter(map(int, keys), np.int64, len(keys))
    if len(found) and found.max() >= total:
        refuse(path, name, f"has the position {found.max()} where `size` gives {total} cells (0 to {total - 1}); "
               "the answer is mis-sized", AGAIN)  # fmt: skip
    return found


def _sparse(path: Path, name: str, body: Any, total: int) -> tuple[np.ndarray, list[Any]]:
    """Positions and what stands there; an array stands at all of them."""
    if isinstance(body, dict):
        return _positions(path, name, list(body), total), list(body.values())
    if isinstance(body, list):
        if len(body) != total:
            found = f"has {len(body)} entries where `size` gives {total} cells; the answer is mis-sized or cut"
            refuse(path, name, found, AGAIN)
        return np.arange(total, dtype=np.int64), body
    refuse(path, name, "is neither a list nor an object by position", AGAIN)


def _numbers(path: Path, where: np.ndarray, entries: list[Any]) -> tuple[np.ndarray, dict[int, str]]:
    """Numbers, NaN for null and for signs such as `..`, which are given by position."""
    kinds = set(map(type, entries))
    signs: dict[int, str] = {}
    if kinds - {int, float}:
        for at, entry in zip(where, entries, strict=True):
            if isinstance(entry, str):
                signs[int(at)] = entry
            elif entry is not None and type(entry) not in (int, float):
                refuse(path, f"value, position {at}", f"'{str(entry)[:40]}' is neither a number nor null", AGAIN)
        for at, sign in signs.items():
            if any(letter.isdigit() for letter in sign):
                refuse(path, f"value, position {at}", f"'{sign[:40]}' is a text, not a number", AGAIN)
        entries = [entry if type(entry) in (int, float) else None for entry in entries]
    try:
        found = np.array(entries, dtype=np.float64)
    except (OverflowError, TypeError):
        refuse(path, "value", "holds a number that is too large for a figure", AGAIN)
    if np.isinf(found).any():
        refuse(path, f"value, position {where[np.isinf(found)][0]}", "is too large for a figure", AGAIN)
    return found, signs


def _statuses(path: Path, body: Any, total: int) -> tuple[np.ndarray, list[Any]]:
    if body is None:
        return np.empty(0, np.int64), []
    if isinstance(body, str) or (isinstance(body, list) and len(body) == 1 and total != 1):
        body = [body if isinstance(body, str) else body[0]] * total
    return _sparse(path, "status", body, total)


def read_jsonstat(path: Path, text: str) -> OfficialTable:
    """A JSON-stat answer as a table with a row for every cell that `size` gives.

    Raises BadInputError where the answer is cut, mis-sized, re-ordered, or an error message.
    """
    data = _dataset(path, parse(path, text))
    dimensions = _dimensions(path, data)
    check_names(path, dimensions)
    total = prod(len(dimension.codes) for dimension in dimensions)
    if total > MOST_CELLS:
        refuse(path, "size", f"gives {total} cells; at most {MOST_CELLS} are read", "ask for less")
    if "value" not in data:
        refuse(path, "value", "is missing; it holds the figures", AGAIN)
    where, entries = _sparse(path, "value", data["value"], total)
    numbers, signs = _numbers(path, where, entries)
    flagged, flags = _statuses(path, data.get("status"), total)
    if odd := [flag for flag in flags if isinstance(flag, (dict, list, bool))]:
        refuse(path, "status", f"holds '{str(odd[0])[:40]}', which is no flag; a flag is a text", AGAIN)
    return _table(data, dimensions, total, (where, numbers, signs), (flagged, flags))


def _table(
    data: dict[str, Any], dimensions: tuple[Dimension, ...], total: int,
    given: tuple[np.ndarray, np.ndarray, dict[int, str]], status: tuple[np.ndarray, list[Any]],
) -> OfficialTable:  # fmt: skip
    where, numbers, signs = given
    values = np.full(total, np.nan)
    values[where] = numbers
    names = ["", *sorted({str(flag) for flag in status[1] if flag not in (None, "")} | set(signs.values()))]
    number_of = {name: number for number, name in enumerate(names)}
    flags = np.zeros(total, np.int32)
    for at, sign in signs.items():
        flags[at] = number_of[sign]
    codes = np.fromiter((number_of["" if flag is None else str(flag)] for flag in status[1]), np.int32, len(status[1]))
    flags[status[0][codes > 0]] = codes[codes > 0]
    # a dense array says of every cell something; a sparse one only of those that it names
    states = np.full(total, STATES.index(ABSENT), np.int32)
    states[where] = STATES.index(MISSING)
    states[flags > 0] = STATES.index(MISSING)
    states[~np.isnan(values)] = STATES.index(HAS_VALUE)
    extension = data.get("extension") if isinstance(data.get("extension"), dict) else {}
    cells = long_table(dimensions, values, texts_of(flags, names), texts_of(states, list(STATES)))
    labels = (extension.get("status") or {}).get("label") if isinstance(extension.get("status"), dict) else None
    return OfficialTable(
        str(extension.get("id") or extension.get("tableid") or "").lower(), str(data.get("label") or ""),
        str(data.get("source") or ""), str(data.get("updated") or ""), "JSON-stat", dimensions, cells,
        {str(flag): str(text) for flag, text in labels.items()} if isinstance(labels, dict) else {},
    )  # fmt: skip
