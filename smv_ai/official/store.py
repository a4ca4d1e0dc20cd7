"""Loaded tables on the disk: the raw file under its hash, its cells as Parquet, and where it came from.

official/tables/<table_id>/<sha256>.raw.<suffix>  the file as it came, byte for byte
official/tables/<table_id>/<sha256>.parquet       its cells, one row each (cells.py)
official/tables/<table_id>/<sha256>.json          origin, access date, dimensions with labels, counts
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from smv_ai.errors import BadInputError
from smv_ai.official.cells import STATES, OfficialTable
from smv_ai.official.recognise import read_text

FOLDER = Path("official") / "tables"
TABLE_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")
# What the offices say of their data, by the name that the command knows them by.
LICENCES = {
    "eurostat": "Reuse is authorised with acknowledgement of the source (Commission Decision 2011/833/EU)",
    "statbank": "CC BY 4.0",
    "": "not stated; read it at the office",
}


@dataclass(frozen=True)
class Origin:
    """Where a file came from; empty texts where that is not known."""

    office: str = ""
    address: str = ""
    request: str = ""
    etag: str = ""
    accessed_at: str = ""


@dataclass(frozen=True)
class Loaded:
    """A table that was stored: its id, the folder, the SHA-256 of the raw file, and whether it was there already."""

    table_id: str
    folder: Path
    sha256: str
    was_there: bool
    facts: dict[str, Any]


def table_id_of(table: OfficialTable, path: Path, given: str | None) -> str:
    """The id that was given, that of the file's content, or its name. Raises BadInputError where none can be one."""
    found = [given] if given else [name for name in (table.table_id, path.name.split(".")[0]) if name]
    for name in found:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        if TABLE_ID.fullmatch(plain) and (not given or given.lower() == plain):
            return plain
    shown = found[0] if found else ""
    raise BadInputError(
        f"{path.name}: '{shown}' is no name of a table; small letters, digits and _, a letter first. "
        "Give one with --table. Nothing was loaded."
    )


def facts_of(table: OfficialTable, table_id: str, path: Path, raw: bytes, origin: Origin) -> dict[str, Any]:
    """What is kept beside the cells."""
    return {
        "table_id": table_id, "title": table.title, "form": table.form, "updated": table.updated,
        "source": table.office, "file_name": path.name,
        "sha256": hashlib.sha256(raw).hexdigest(), "byte_count": len(raw),
        "licence": LICENCES.get(origin.office, LICENCES[""]), **asdict(origin),
        "accessed_at": origin.accessed_at or datetime.now(UTC).isoformat(timespec="seconds"),
        "cell_count": table.cells.num_rows, "cube_size": table.cube_size,
        "cells": {state: table.count(state) for state in STATES}, "flags": table.flag_counts(),
        "flag_labels": table.flag_labels,
        "dimensions": [
            {"code": one.code, "label": one.label, "categories": dict(zip(one.codes, one.labels, strict=True))}
            for one in table.dimensions
        ],
    }  # fmt: skip


def _write_whole(path: Path, content: bytes) -> None:
    """A file is there whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def load_bytes(project: Path, path: Path, raw: bytes, given: str | None = None, origin: Origin | None = None) -> Loaded:
    """Read the bytes of an answer and keep them; a file that is kept already is not written again.

    Raises BadInputError where they are no whole table; then nothing is written.
    """
    table = read_text(path, raw)
    table_id = table_id_of(table, path, given)
    facts = facts_of(table, table_id, path, raw, origin or Origin())
    folder = project / FOLDER / table_id
    name = folder / facts["sha256"]
    if (kept := name.with_suffix(".json")).exists():
        return Loaded(table_id, folder, facts["sha256"], True, json.loads(kept.read_text(encoding="utf-8")))
    folder.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", path.suffix) else ".txt"
    suffix = f".raw{suffix}"  # a raw file may end in .json as the facts do
    _write_whole(name.with_suffix(suffix), raw)
    partial = folder / f".{facts['sha256']}.parquet.{os.getpid()}"
    pq.write_table(table.cells, partial, compression="zstd")
    os.replace(partial, name.with_suffix(".parquet"))
    # last: a table counts once its facts are there
    _write_whole(kept, json.dumps(facts, ensure_ascii=False, indent=1).encode())
    return Loaded(table_id, folder, facts["sha256"], False, facts)


def load_file(project: Path, path: Path, given: str | None = None) -> Loaded:
    """Load a file from the disk. Raises BadInputError where there is none, or it is no whole table."""
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise BadInputError(f"{path}: is no file; name the file that holds the table. Nothing was loaded.") from error
    return load_bytes(project, path, raw, given)


def loaded_tables(project: Path) -> list[dict[str, Any]]:
    """The facts of all loaded files, by table and access date. Raises BadInputError where a raw file has changed."""
    found = []
    for path in sorted((project / FOLDER).glob("*/*.json")):
        if ".raw" in path.suffixes:
            continue
        where = f"{FOLDER.as_posix()}/{path.parent.name}/{path.stem}"
        again = "remove the three files of that name and load the table again."
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadInputError(f"{where}: the facts are damaged ({error}); {again}") from error
        raw = next(path.parent.glob(f"{path.stem}.raw*"), None)
        if raw is None or hashlib.sha256(raw.read_bytes()).hexdigest() != path.stem:
            raise BadInputError(f"{where}: the raw file is missing or not the one that came; {again}")
        if not path.with_suffix(".parquet").exists():
            raise BadInputError(f"{where}: the cells are missing; {again}")
        found.append({**facts, "parquet": str(path.with_suffix(".parquet"))})
    return sorted(found, key=lambda one: (one["table_id"], one["accessed_at"], one["sha256"]))


def in_words(loaded: Loaded) -> str:
    """What was loaded: every cell accounted for."""
    facts = loaded.facts
    cells = facts["cells"]
    sizes = " × ".join(f"{one['code']} {len(one['categories'])}" for one in facts["dimensions"])
    flags = ", ".join(f"{flag} {count}" for flag, count in facts["flags"].items()) or "none"
    return "\n".join([
        f"{loaded.table_id} ({facts['form']}): {facts['title']}".rstrip(": "),
        f"  dimensions: {sizes} = {facts['cube_size']} cells; the file accounts for {sum(cells.values())}",
        f"  {cells['value']} values, {cells['missing']} without a value as the file says, "
        f"{cells['absent']} not in the file",
        f"  flags: {flags}",
        f"  {'was kept already' if loaded.was_there else 'kept'}: sha256 {loaded.sha256}",
    ])  # fmt: skip
