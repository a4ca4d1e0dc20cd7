"""One statement by anybody on one release, in a process of its own that may only read that release.

DuckDB's manual says to treat SQL like a script and to sandbox it in the operating system, and trying it shows why: deep
nesting brings the parser down with the whole process, one call of a scalar function cannot be interrupted, and strings
lie outside `memory_limit`. So the statement is parsed and run in a process that the kernel limits and that is killed at
its time-out; inside it DuckDB is locked as far as it goes. What either layer lets through, the other stops.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import duckdb

from smv_ai.errors import BadInputError, NoReleaseError, environment_cause
from smv_ai.sql.confidential import REFUSED, forbidden_names, public_message, refused_name
from smv_ai.sql.opening import WAY_OUT, refuse_damaged_head, refuse_logs
from smv_ai.sql.quoting import identifier, literal

if TYPE_CHECKING:
    import pyarrow

MEBIBYTE = 2**20
CODE = Path(__file__).resolve().parents[2]
# The environment of the server stays behind, but for what its Python may need to find its libraries.
ENVIRONMENT = ("LD_LIBRARY_PATH",)
# What tables, CSV and Parquet all can hold; anything else (lists, structures, intervals ...) comes as text.
PLAIN_TYPES = {
    "boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger",
    "float", "double", "decimal", "varchar", "date", "timestamp", "timestamp with time zone",
}  # fmt: skip
# What a program that prints takes as text besides: Python has no date for 'infinity' or the year 5000 BC.
TEMPORAL_TYPES = {"date", "timestamp", "timestamp with time zone"}
# DuckDB's kind of a PIVOT that looks its columns up (it makes a type of its own first), and how one that reads begins.
PIVOT, PIVOT_STARTS = "MULTI", {"pivot", "pivot_wider", "with", "select", "from", "("}


# The first lines of an answer: before the first an end is the machine's doing, then the file's, then the statement's.
STARTED, OPENED = b"started\n", b"opened\n"
DAMAGED = re.compile(r"Corrupt database file|computed checksum|Failed to deserialize|Could not read from file")


@dataclass(frozen=True)
class Limits:
    """What a statement may use; more rows or bytes are cut off, more of the rest ends it. No `seconds`: no time-out."""

    seconds: float | None = 10
    rows: int = 10_000
    result_bytes: int = 16 * MEBIBYTE
    duckdb_bytes: int = 256 * MEBIBYTE
    process_bytes: int = 1536 * MEBIBYTE  # address space, libraries included; SUMMARIZE of a wide mart needs it
    characters: int = 10_000


LIMITS = Limits()


@dataclass(frozen=True)
class Answer:
    """The rows of a statement, whether the limits cut some off, and how long it took."""

    table: pyarrow.Table
    is_cut: bool
    seconds: float


class StatementError(BadInputError):
    """A statement that gives no rows; `reason` is one of REASONS, the message is DuckDB's or empty."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.message = message


# empty: nothing to run; many: more than one statement; kind: not a SELECT; long: too many characters; wrong: DuckDB
# refuses or fails; time, memory: the limits; crash: the process went down; machine: it never came up.
REASONS = ("empty", "many", "kind", "long", "wrong", "time", "memory", "crash", "machine")


def run_statement(
    database: Path,
    sql: str,
    limits: Limits = LIMITS,
    *,
    to_print: bool = False,
    started_as: Callable[[subprocess.Popen], None] | None = None,
) -> Answer:
    """The answer to one SELECT on a release's database; raises StatementError, at the latest after `limits.seconds`.

    `to_print`: dates come as text, as DuckDB writes them, and a PIVOT that looks its columns up is allowed.
    `started_as` is told the process, for whoever may want to end it (the reason is then `crash`).
    Raises NoReleaseError where a log stands beside the database.
    """
    refuse_logs(database)
    refuse_damaged_head(database)
    if len(sql) > limits.characters:
        raise StatementError("long")
    started = time.monotonic()
    task = json.dumps({"database": str(database), "sql": sql, "limits": asdict(limits), "to_print": to_print})
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "smv_ai.sql.sandbox"],
        cwd=CODE,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if started_as:
            started_as(process)
        printed, _ = process.communicate(task.encode(), timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise StatementError("time") from None
    finally:
        process.kill()
        process.communicate()
    if not printed.startswith(STARTED):
        raise StatementError("machine")
    printed = printed.removeprefix(STARTED)
    head, _, body = printed.removeprefix(OPENED).partition(b"\n")
    if process.returncode != 0 or not head:
        if printed.startswith(OPENED):
            raise StatementError("crash")
        raise NoReleaseError(f"The release is damaged: {database.name} cannot be opened; {WAY_OUT}")
    facts = json.loads(head)
    if facts.get("reason") == "damaged":
        raise NoReleaseError(f"The release is damaged: {database.name} cannot be read; {WAY_OUT}")
    if "reason" in facts:
        raise StatementError(facts["reason"], facts["message"])
    import pyarrow

    with pyarrow.ipc.open_stream(body) as reader:
        return Answer(reader.read_all(), facts["is_cut"], time.monotonic() - started)


def _confine(limits: Limits) -> None:
    """Let the kernel hold this process: memory, computing time, and not one byte written to any file."""
    seconds = resource.RLIM_INFINITY if limits.seconds is None else int(limits.seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.process_bytes),
        (resource.RLIMIT_CPU, seconds),  # also where the server has gone and nobody kills
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(10)


def _locked(database: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    """An in-memory connection with the release attached read-only that reaches nothing else and cannot be changed."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{limits.duckdb_bytes}B",
            "threads": 1,
            "temp_directory": "",  # nothing spills to the disk
            "home_directory": "/nonexistent",
            "allow_persistent_secrets": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    connection.execute(f"attach {literal(str(database))} as smv_ai (read_only)")
    connection.execute(
        "use smv_ai.marts; set python_enable_replacements = false; set enable_external_access = false;"
        "set disabled_filesystems = 'LocalFileSystem'; set lock_configuration = true"
    )
    return connection


def _selected(connection: duckdb.DuckDBPyConnection, sql: str, *, may_pivot: bool) -> duckdb.DuckDBPyRelation:
    """The one SELECT of a text, by DuckDB's own parser."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise StatementError("many" if statements else "empty")
    try:
        kind = statements[0].type
    except ValueError:  # a kind that DuckDB's Python has no name for
        kind = None
    is_pivot = kind is not None and kind.name == PIVOT and _first_word(sql) in PIVOT_STARTS
    if kind != duckdb.StatementType.SELECT and not (may_pivot and is_pivot):
        raise StatementError("kind")
    return connection.sql(_without_end(sql))


def _first_word(sql: str) -> str:
    """The first word or sign of a statement, in small letters; comments before it do not count."""
    places = [start for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    first, after = [*places, len(sql.encode()), len(sql.encode())][:2]
    return (sql.encode()[first:after].decode(errors="replace").split() or [""])[0].lower()


def _without_end(sql: str) -> str:
    """The text without semicolons and comments after the statement: DuckDB puts it into brackets to cut the rows."""
    text = sql.encode()
    end = len(text)
    for start, kind in reversed(duckdb.tokenize(sql)):  # the places are of bytes
        if kind != duckdb.token_type.comment and text[start:end].strip() != b";":
            break
        end = start
    return text[:end].decode()


def _plain(relation: duckdb.DuckDBPyRelation, plain_types: set[str]) -> duckdb.DuckDBPyRelation:
    """The rows with every column of another than a plain type written as text."""
    columns = [
        name if kind.id in plain_types else f"{name}::varchar as {name}"
        for name, kind in zip((identifier(name) for name in relation.columns), relation.types, strict=True)
    ]
    return relation.project(", ".join(columns))


def _cut(batches: Iterator[pyarrow.RecordBatch], limits: Limits) -> tuple[list[pyarrow.RecordBatch], bool]:
    """The first batches up to the limits, and whether anything was left out."""
    kept, rows, size = [], 0, 0
    for batch in batches:
        if rows + batch.num_rows > limits.rows:
            return [*kept, batch.slice(0, limits.rows - rows)], True
        if size + batch.nbytes > limits.result_bytes:
            if not kept:
                raise StatementError("memory")
            return kept, True
        kept.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    return kept, False


def _holds_far_times(batches: list[pyarrow.RecordBatch]) -> bool:
    """Whether a time lies outside the years 1 to 9999 or is infinite: programs of readers have none, so it is text."""
    import pyarrow
    from pyarrow import compute, types

    first, last = datetime(1, 1, 1), datetime(9999, 12, 31)
    for column in (column for batch in batches for column in batch.columns if types.is_temporal(column.type)):
        unit = pyarrow.timestamp("us") if types.is_timestamp(column.type) else pyarrow.date32()
        try:
            values = compute.call_function("min_max", [column.cast(unit)])
        except pyarrow.ArrowInvalid:
            return True
        number = pyarrow.int64() if types.is_timestamp(column.type) else pyarrow.int32()
        least, most = (
            pyarrow.scalar(place if types.is_timestamp(unit) else place.date(), unit).cast(number).as_py()
            for place in (first, last)
        )
        found = [values[name].cast(number).as_py() for name in ("min", "max")]
        if any(value is not None and not least <= value <= most for value in found):
            return True
    return False


def _answer(task: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The head of the answer and its rows as an Arrow stream."""
    import pyarrow

    limits = Limits(**task["limits"])
    to_print = task["to_print"]
    plain_types = PLAIN_TYPES - TEMPORAL_TYPES if to_print else PLAIN_TYPES
    try:
        connection = _locked(Path(task["database"]), limits)
    except duckdb.Error as error:
        return {"reason": "machine" if environment_cause(error) else "damaged", "message": ""}, b""
    sys.stdout.buffer.write(OPENED)
    sys.stdout.buffer.flush()
    _confine(limits)
    try:
        if name := refused_name(forbidden_names(connection), task["sql"]):
            return {"reason": "wrong", "message": REFUSED.format(name=name)}, b""
        # One row more than is kept tells whether there are more; small batches keep the cut close to the limit.
        # The limit comes first: it gives columns of the same name names of their own.
        rows = _selected(connection, task["sql"], may_pivot=to_print).limit(limits.rows + 1)
        reader = _plain(rows, plain_types).to_arrow_reader(256)
        batches, is_cut = _cut(reader, limits)
        if _holds_far_times(batches):
            reader = _plain(rows, PLAIN_TYPES - TEMPORAL_TYPES).to_arrow_reader(256)
            batches, is_cut = _cut(reader, limits)
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, reader.schema) as stream:
            for batch in batches:
                stream.write_batch(batch)
        return {"is_cut": is_cut}, sink.getvalue().to_pybytes()
    except StatementError as error:
        return {"reason": error.reason, "message": error.message}, b""
    # pyarrow hands DuckDB's errors on as OSError when they come after the first rows.
    except (duckdb.Error, pyarrow.ArrowException, OSError, MemoryError) as error:
        if isinstance(error, MemoryError) or "Out of Memory Error" in str(error):
            return {"reason": "memory", "message": ""}, b""
        if DAMAGED.search(str(error)):
            return {"reason": "damaged", "message": ""}, b""
        places = (task["database"], str(Path(task["database"]).parent), str(CODE), sys.prefix, sys.base_prefix)
        return {"reason": "wrong", "message": public_message(error, *places)}, b""


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    """The process of one statement: a task as JSON comes in, a line of JSON and an Arrow stream go out."""
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    task = json.load(sys.stdin)
    import pyarrow  # noqa: F401  all that is loaded is loaded before the file is opened

    sys.stdout.buffer.write(STARTED)
    sys.stdout.buffer.flush()
    head, body = _answer(task)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
    os._exit(0)  # closing a result that was cut off would compute the rest of it


if __name__ == "__main__":
    main()
