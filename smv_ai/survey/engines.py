"""Where response rows are read: by DuckDB in this process, or by Spark, which gets the scan and gives back its cells.

A session is whatever has `execute(query).fetchall()`: DuckDB's connection, or SparkSession here. What the two spell
differently is a Dialect; everything else that is asked of rows is SQL that both read alike.
"""

from __future__ import annotations

import functools
import socket
import warnings
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

from smv_ai.environment import spark_remote
from smv_ai.errors import SystemStateError
from smv_ai.sql.quoting import identifier, literal

PORT = 15002  # Spark Connect's own
PATIENCE = 10  # seconds until a machine takes a call
Engine = Literal["duckdb", "spark"]
# Spark's names of types as DuckDB calls them, where they differ by more than capitals.
SPARK_TYPES = {"int": "INTEGER", "string": "VARCHAR", "binary": "BLOB"}


class Answer(Protocol):
    """What a query gives."""

    def fetchall(self) -> list[Any]:
        """The rows as tuples."""
        ...


class Session(Protocol):
    """What runs a query."""

    def execute(self, query: str) -> Answer:
        """Run a query."""
        ...


@dataclass(frozen=True)
class Dialect:
    """What an engine spells in its own way.

    `is_in_file_order`: rows come in the order of the file, so that the row before can be looked at.
    """

    engine: Engine
    is_in_file_order: bool

    def response_files(self, files: str) -> str:
        """The files of a pattern as an SQL relation; a column that one of them lacks is null there."""
        if self.engine == "spark":
            return f"parquet.{self.identifier(files)}"
        return f"read_parquet({literal(files)}, union_by_name = true, hive_partitioning = false)"

    def identifier(self, name: str) -> str:
        """A name as an SQL identifier."""
        return "`" + name.replace("`", "``") + "`" if self.engine == "spark" else identifier(name)

    def sum_of_whole(self, value: str) -> str:
        """The exact sum of 64-bit numbers below 10 ** 18, which does not fit 64 bits."""
        # Spark adds whole numbers in 64 bits, so that they must be decimals first; DuckDB adds them in 128 bits
        decimals = f"sum(cast({value} as decimal(18, 0)))"
        return decimals if self.engine == "spark" else f"cast(sum({value}) as decimal(38, 0))"

    def two_largest(self, value: str) -> str:
        """The aggregate of the two largest values, as a list, the largest first."""
        if self.engine == "spark":
            return f"slice(sort_array(collect_list({value}), false), 1, 2)"
        return f"max({value}, 2)"

    def matches(self, text: str, pattern: str) -> str:
        """SQL that holds where a part of the text matches a regular expression without backslashes and quotes."""
        return f"{'regexp_like' if self.engine == 'spark' else 'regexp_matches'}({text}, '{pattern}')"


DUCKDB, SPARK = Dialect("duckdb", is_in_file_order=True), Dialect("spark", is_in_file_order=False)


class SparkSession:
    """Spark Connect: queries go there, small results come back."""

    def __init__(self, remote: str) -> None:
        """Connect to `sc://host:port`. Raises SystemStateError where the client is missing or nobody answers."""
        where = urlsplit(remote)
        try:
            # asked first, as the client calls an address where nobody listens for many minutes
            socket.create_connection((where.hostname or "", where.port or PORT), timeout=PATIENCE).close()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of a pandas that the client does not know yet
                from pyspark.sql.connect.session import SparkSession as Connected
            self.spark = Connected.builder.remote(remote).create()
            patient = self.spark.client.get_retry_policies()
            self.spark.client.set_retry_policies([])
            self.spark.conf.set("spark.sql.parquet.mergeSchema", "true")
            self.spark.client.set_retry_policies(patient)
        except ImportError as error:
            raise SystemStateError(
                "engine: spark needs Spark's client, which is not installed; install smv_ai[spark]."
            ) from error
        except Exception as error:  # noqa: BLE001 - whatever the client says, the person must look at the address
            raise SystemStateError(f"SMV_AI_SPARK_REMOTE: {remote} does not answer ({_first_line(error)}).") from error

    def types(self, files: str) -> dict[str, str]:
        """The columns of the files and their types, as DuckDB calls them; no row is read."""
        fields = self.spark.read.option("mergeSchema", "true").parquet(files).schema.fields
        names = {field.name: field.dataType.simpleString() for field in fields}
        return {name: SPARK_TYPES.get(kind, kind.upper()) for name, kind in names.items()}

    def files_below(self, root: str) -> list[tuple[str, int, Any]]:
        """Path, size in bytes and time of every file below a folder, as the server sees them."""
        files = self.spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(root)
        rows = files.select("path", "length", "modificationTime").distinct().toArrow()
        return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))

    def table(self, query: str) -> pa.Table:
        """The rows of a query as an Arrow table."""
        return self.spark.sql(query).toArrow()

    def execute(self, query: str) -> SparkAnswer:
        """Run a query."""
        return SparkAnswer(self.table(query))


@dataclass(frozen=True)
class SparkAnswer:
    """The rows that Spark gave back."""

    rows: pa.Table

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows as tuples."""
        return list(zip(*(column.to_pylist() for column in self.rows.columns), strict=True))


def dialect_of(session: Session) -> Dialect:
    """The dialect of a session."""
    return SPARK if isinstance(session, SparkSession) else DUCKDB


@functools.cache
def connected(remote: str) -> SparkSession:
    """One connection a process: dbt runs the models that ask for it in several threads."""
    return SparkSession(remote)


def remote_of(engine: str) -> str | None:
    """The address of the engine's server; None where it has none. Raises SystemStateError where it is missing."""
    if engine != "spark":
        return None
    if not (remote := spark_remote()):
        raise SystemStateError("engine: spark needs the address of its server: SMV_AI_SPARK_REMOTE=sc://host:15002.")
    return remote


def reach(engine: str) -> None:
    """Connect to the engine, so that a server that does not answer is told before any work is done.

    Raises SystemStateError where Spark is asked for and cannot be reached.
    """
    if remote := remote_of(engine):
        connected(remote)


def session_of(engine: str, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection | SparkSession:
    """The session that reads response rows; `session` is that of the warehouse. Raises as `reach`."""
    remote = remote_of(engine)
    return connected(remote) if remote else session


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
