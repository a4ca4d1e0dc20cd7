"""Which waves have response files: what the dbt model `int_response_waves` does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from smv_ai.sql.quoting import literal
from smv_ai.survey.elsewhere import is_elsewhere, listed, wave_files
from smv_ai.survey.engines import SparkSession

ANY_WAVE = "survey_id=*/survey_wave_id=*/*.parquet"
FOLDER_OF_WAVE = re.compile(r"(.*)/survey_id=([^/]+)/survey_wave_id=([^/]+)/[^/]*")
WAVES = pa.schema(
    [(name, pa.string()) for name in ("survey_id", "survey_wave_id", "evidence_type", "response_folder", "files")]
)


def waves_of(
    session: duckdb.DuckDBPyConnection | SparkSession, here: duckdb.DuckDBPyConnection, root: str, *, is_demo: bool
) -> pa.Table:
    """A row per survey wave with files below the root, as a table of WAVES.

    `session` is that of the engine, which lists what only it sees; `here`, DuckDB, lists folders of this machine.
    Raises SystemStateError where the engine cannot list them.
    """
    if isinstance(session, SparkSession):
        # a server has a working folder of its own
        found = _elsewhere(session, root) if is_elsewhere(root) else _here(here, os.path.abspath(root))
    else:
        found = _here(here, root)
    parent = "demo_responses" if is_demo else "responses"
    rows = [
        {
            "survey_id": survey,
            "survey_wave_id": wave,
            "evidence_type": "synthetic" if is_demo else "estimated",
            # where the files lie under their root, which is another on every machine
            "response_folder": f"{parent}/survey_id={survey}/survey_wave_id={wave}",
            "files": files,
        }
        for survey, wave, files in sorted(set(found))
    ]
    return pa.Table.from_pylist(rows, WAVES)


def _here(session: duckdb.DuckDBPyConnection, root: str) -> Iterator[tuple[str, str, str]]:
    for (path,) in session.execute(f"select file from glob({literal(f'{root}/{ANY_WAVE}')})").fetchall():
        if (found := FOLDER_OF_WAVE.fullmatch(path)) is not None:
            yield found[2], found[3], wave_files(found[1], found[2], found[3])


def _elsewhere(session: SparkSession, root: str) -> Iterator[tuple[str, str, str]]:
    for file in listed(session, root):
        if file.wave is not None:
            yield *file.wave, wave_files(root, *file.wave)
