"""Files of SPSS and Stata by pyreadstat: user-missing values and ranges are kept, labels become the definition."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyreadstat

from smv_ai.errors import BadInputError
from smv_ai.intake.reading import apart
from smv_ai.intake.reading.files import Form

ENCODINGS = (None, "cp1252", "utf-8")


def read_labelled(path: Path, folder: Path, form: Form) -> None:
    """Write the cells and the labels of a file to a folder. Raises BadInputError."""
    content, meta = _read(path, form)
    columns: list[list[str]] = []
    numeric: dict[int, list[bool]] = {}
    for position, name in enumerate(meta.column_names):
        is_text = meta.readstat_variable_types.get(name) == "string"
        told = [
            ("" if value is None else str(value), False) if is_text else _text(value, form) for value in content[name]
        ]
        columns.append([text for text, _ in told])
        flags = [is_number for _, is_number in told]
        if any(flags):
            numeric[position] = flags
    apart.write(
        folder, columns, numeric, names=list(meta.column_names), encoding=str(meta.file_encoding or ""),
        meta={
            "labels": {name: label or "" for name, label in meta.column_names_to_labels.items()},
            "values": {
                name: {_text(value, form)[0]: str(label) for value, label in values.items()}
                for name, values in meta.variable_value_labels.items()
            },
            "missing": {name: _missing(ranges) for name, ranges in (meta.missing_ranges or {}).items()},
            "formats": dict(meta.original_variable_types or {}),
        },
    )  # fmt: skip


def _read(path: Path, form: Form) -> tuple[dict[str, Any], Any]:
    reader = pyreadstat.read_sav if form is Form.SPSS else pyreadstat.read_dta
    reason = ""
    for encoding in ENCODINGS:
        try:
            content, meta = reader(
                str(path), encoding=encoding, user_missing=True, disable_datetime_conversion=True, output_format="dict"
            )
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the library has many errors of its own
            reason = reason or (str(error).splitlines() or [type(error).__name__])[0]
            if "encod" not in reason.lower() and "convert" not in reason.lower():
                break
        else:
            return content, meta
    raise BadInputError(f"cannot be read as {form} ({reason}); save it anew, or export the answers as CSV")


def _text(value: Any, form: Form) -> tuple[str, bool]:
    """A value as text, and whether it was a number; Stata's missing values are .a to .z, a missing number is blank."""
    if value is None:
        return "", False
    if isinstance(value, str):
        return (f".{value}" if form is Form.STATA and len(value) == 1 and value.islower() else value), False
    number = float(value)
    if math.isnan(number):
        return "", False
    return (str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)), True


def _missing(ranges: list[Any]) -> list[list[str]]:
    return [
        [str(_text(found["lo"], Form.SPSS)[0]), str(_text(found["hi"], Form.SPSS)[0])] if isinstance(found, dict)
        else [str(found), str(found)]
        for found in ranges
    ]  # fmt: skip
