"""Responses that only the engine sees, in an object store or on another machine: listed and described by Spark.

A path with a scheme (`s3://`, `abfss://`, `file://`) goes to the engine as it stands; no file of it is opened here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from smv_ai.errors import SystemStateError
from smv_ai.settings import ELSEWHERE
from smv_ai.survey.engines import SPARK, SparkSession

LAYOUT = "survey_id=<survey>/survey_wave_id=<wave>/*.parquet"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//[^/]*)?/*")
IN_A_WAVE = re.compile(r"survey_id=([^/]+)/survey_wave_id=([^/]+)/([^/]+)")


def is_elsewhere(path: str) -> bool:
    """Whether a path is one that the engine alone can follow."""
    return ELSEWHERE in path


@dataclass(frozen=True)
class Listed:
    """A file of the store: its path below the root of the responses, its size in bytes, and when it was written."""

    path: str
    size: int
    written: str

    @property
    def wave(self) -> tuple[str, str] | None:
        """Survey and wave, where the file is one that would be read."""
        found = IN_A_WAVE.fullmatch(self.path)
        is_read = found is not None and found[3].endswith(".parquet") and not found[3].startswith((".", "_"))
        return (found[1], found[2]) if found is not None and is_read else None


def listed(session: SparkSession, root: str) -> list[Listed]:
    """All files below the root, in the order of their paths. Raises SystemStateError where the store cannot be read."""
    try:
        found = session.files_below(root)
    except Exception as error:  # noqa: BLE001 - whatever the store says, the person must look at the path
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise SystemStateError(
            f"responses_path: {root} cannot be listed by the engine ({reason}); responses lie in {LAYOUT} there."
        ) from error
    below = SCHEME.sub("", root).strip("/")
    return sorted((Listed(_below(path, below), size, str(written)) for path, size, written in found), key=_path)


def _path(file: Listed) -> str:
    return file.path


def _below(path: str, root: str) -> str:
    """The path below the root; servers write schemes and hosts of their own before it."""
    return SCHEME.sub("", path).lstrip("/").removeprefix(root).lstrip("/")


def wave_files(root: str, survey: str, wave: str) -> str:
    """The pattern of the files of a wave, as the engine reads it."""
    return f"{root.rstrip('/')}/survey_id={survey}/survey_wave_id={wave}/*.parquet"


def values_in(session: SparkSession, files: str, column: str, most: int) -> list[str] | None:
    """The values of a column of the files as text; None where there are more than `most`."""
    name = SPARK.identifier(column)
    rows: list[tuple[Any, ...]] = session.execute(
        f"select distinct cast({name} as string) from {SPARK.response_files(files)} where {name} is not null"
        f" limit {most + 1}"
    ).fetchall()
    return sorted(value for (value,) in rows) if len(rows) <= most else None
