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


def open_database(database: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release's file that writes nothing beside it, not even what it spills to the disk.

    Raises NoReleaseError where a log stands beside the file.
    """
    import duckdb  # takes a tenth of a second: `status` opens nothing

    refuse_logs(database)
    connection = duckdb.connect(str(database), read_only=True)
    # By itself DuckDB spills into a folder beside the file. The name is new: files of two processes must not meet.
    [spill] = only_row(connection.execute("select current_setting('temp_directory')"))
    if spill and Path(spill).parent == database.parent:
        elsewhere = Path(tempfile.gettempdir()) / f"smv_ai-{secrets.token_hex(8)}"
        connection.execute("set temp_directory = ?", [str(elsewhere)])
    return connection
