"""How survey files enter dbt: the source `surveys` (models/staging/responses) asks here for each of its tables.

A plain `dbt build` in the project folder needs nothing else; profiles.yml names the module.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from dbt.flags import get_flags
from duckdb import DuckDBPyConnection

from smv_ai.survey.dispositions import loaded_rows
from smv_ai.survey.file.expansion import expanded_rows, read_surveys, rows_of_csv
from smv_ai.survey.file.layout import TABLES, Row

RATES = "response_rates"
SCHEMA = "surveys"  # that of the source in models/staging/responses/_responses.yml
TYPES = {
    "varchar": pyarrow.string(),
    "integer": pyarrow.int32(),
    "double": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
}


class Plugin(BasePlugin):
    """Gives dbt the tables that follow from the survey files of the folder it runs in."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Make the schema before any thread asks for a table (two that make it at once end in a conflict), and let the
        footer of a response file, which is asked several times within a build, be read once.

        The cache is set here because `settings` of profiles.yml are given anew for each seed, model and test.
        """
        conn.execute(f"create schema if not exists {SCHEMA}")
        conn.execute("set global parquet_metadata_cache = true")

    def load(self, source_config: SourceConfig) -> pyarrow.Table:
        """One table; from CSV files where the source names a folder of them (survey_tables_path), as golden cases do.

        Raises BadInputError where a survey file cannot be understood.
        """
        table = source_config.identifier
        folder = str(source_config.get("tables_path") or "")
        # dbt may be started anywhere
        project = Path(get_flags().PROJECT_DIR)
        rows = rows_of_csv(Path(folder), table) if folder else expanded_rows(project)[table]
        if table == RATES and not folder:
            rows = _rates(project, rows, source_config)
        schema = pyarrow.schema([(name, TYPES[kind]) for name, kind in TABLES[table].items()])
        return pyarrow.Table.from_pylist(rows, schema=schema)


def _rates(project: Path, stated: list[Row], source_config: SourceConfig) -> list[Row]:
    """Those that survey files state and those of loads; none in a demonstration, which reads nothing real."""
    if str(source_config.get("demo")).lower() == "true":
        return []
    waves = {wave.wave_id: wave.survey_id for wave in read_surveys(project).waves}
    has_stated = {row["survey_wave_id"] for row in stated}
    root = project / str(source_config.get("responses_path"))
    return [*stated, *loaded_rows(root, {wave: survey for wave, survey in waves.items() if wave not in has_stated})]
