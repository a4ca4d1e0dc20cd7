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

from smv_ai.survey.file.expansion import expanded_rows, rows_of_csv
from smv_ai.survey.file.layout import TABLES

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
        """Make the schema before any thread asks for a table: two that make it at once end in a conflict."""
        conn.execute(f"create schema if not exists {SCHEMA}")

    def load(self, source_config: SourceConfig) -> pyarrow.Table:
        """One table; from CSV files where the source names a folder of them (survey_tables_path), as golden cases do.

        Raises BadInputError where a survey file cannot be understood.
        """
        table = source_config.identifier
        folder = str(source_config.get("tables_path") or "")
        # dbt may be started anywhere
        project = Path(get_flags().PROJECT_DIR)
        rows = rows_of_csv(Path(folder), table) if folder else expanded_rows(project)[table]
        schema = pyarrow.schema([(name, TYPES[kind]) for name, kind in TABLES[table].items()])
        return pyarrow.Table.from_pylist(rows, schema=schema)
