"""Open a released database for reading, where it may be read: the one place that decides."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.sql.rows import only_row

# A checksum of eight bytes, then the mark; the three headers of a database take 4,096 bytes each.
HEAD_BYTES = 3 * 4096
WAY_OUT = "go back with `smv-ai rollback` or build anew with `smv-ai build --force`."


def refuse_logs(database: Path) -> None:
    """Raise NoReleaseError where a file named after the database stands beside it: everything that reads asks this.

    A release is one closed file. DuckDB takes a log (`.wal`, `.wal.checkpoint` ...) for changes that are not in the
    file yet and shows them to every reader, whoever wrote it; a `.tmp` is the folder of somebody who spills here.
    """
    name = database.name.casefold()
    found = {
        entry
        for folder in {database.parent, Path(os.path.realpath(database)).parent}
        if folder.is_dir()
        for entry in os.listdir(folder)
        if entry.casefold().startswith(f"{name}.")
    }
    if found:
        raise NoReleaseError(
            f"The release at {database.parent} is not read: beside {database.name} stands {', '.join(sorted(found))}, "
            "which is no part of a release and would change its figures. Go back with `smv-ai rollback`, or find out "
            "who wrote it, remove it and run `smv-ai verify`."
        )


def refuse_damaged_head(database: Path, said: int | None = None) -> None:
    """Raise NoReleaseError where a file is no DuckDB database by its first bytes, or not as long as the release says.

    `said`: bytes, None where the release does not say. This costs nothing; `verify` looks at every byte.
    """
    try:
        regular_size = database.stat().st_size if database.is_file() else None
        with database.open("rb") if regular_size else open(os.devnull, "rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise NoReleaseError(
            f"The release is damaged: {database.name} cannot be read ({error.strerror}); {WAY_OUT}"
        ) from error
    if regular_size is None:
        raise NoReleaseError(f"The release is damaged: {database.name} is no file; {WAY_OUT}")
    if len(head) < HEAD_BYTES or head[8:12] != b"DUCK":
        raise NoReleaseError(f"The release is damaged: {database.name} is no DuckDB database; {WAY_OUT}")
    if said is not None and regular_size != said:
        raise NoReleaseError(
            f"The release is damaged: {database.name} has {regular_size} bytes, {said} were released; {WAY_OUT}"
        )


def open_database(database: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release's file that writes nothing beside it, not even what it spills to the disk.

    Raises NoReleaseError where a log stands beside the file, or it cannot be opened.
    """
    import duckdb  # takes a tenth of a second: `status` opens nothing

    refuse_logs(database)
    refuse_damaged_head(database)
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise NoReleaseError(
            f"The release is damaged: {database.name} cannot be opened ({first}); {WAY_OUT}"
        ) from error
    # By itself DuckDB spills into a folder beside the file. The name is new: files of two processes must not meet.
    [spill] = only_row(connection.execute("select current_setting('temp_directory')"))
    if spill and Path(spill).parent == database.parent:
        elsewhere = Path(tempfile.gettempdir()) / f"smv_ai-{secrets.token_hex(8)}"
        connection.execute("set temp_directory = ?", [str(elsewhere)])
    return connection
