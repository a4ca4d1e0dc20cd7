"""datapackage.json (Frictionless) and CITATION.cff: a release describes itself, from the comments in its database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from smv_ai import __version__
from smv_ai.environment import DATABASE_NAME, Kind
from smv_ai.releases.export import CSV, EXCEL, PARQUET, columns_of
from smv_ai.releases.write import sha256_of

PACKAGE_NAME = "datapackage.json"
CITATION_NAME = "CITATION.cff"
TITLES = {
    Kind.WAREHOUSE: "smv_ai: use of AI in Danish small and medium-sized firms",
    Kind.DEMONSTRATION: "smv_ai demonstration: made-up responses beside published figures, no evidence about firms",
}
SUBJECT = (
    "Published figures on the adoption of AI, its barriers and productivity in Danish SMEs, each with source line, "
    "base population and uncertainty. The base is part of the key; compare only inside a comparability group. "
)
DESCRIPTIONS = {
    Kind.WAREHOUSE: SUBJECT.strip(),
    Kind.DEMONSTRATION: (
        "DEMONSTRATION. Rows with evidence_type 'synthetic' are computed from made-up responses: no figures on Danish "
        f"firms. {SUBJECT.strip()}"
    ),
}
LICENCE_NOTE = (
    "The MIT licence covers code, structure and descriptions. The figures belong to the publications under `sources`; "
    "each names the licence of its own."
)
TYPES = {
    "VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "HUGEINT": "integer", "SMALLINT": "integer",
    "DOUBLE": "number", "FLOAT": "number", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime",
}  # fmt: skip
# Measures that are in the unit which the row itself names.
UNIT_COLUMN = "unit_of_measure"
IN_UNIT_OF_ROW = {
    "observation_value", "ci_lower", "ci_upper", "standard_error", "printed_lower", "printed_upper", "earlier_value",
    "later_value", "difference", "previous_wave_value", "change_from_previous_wave", "change_rounding_half_width",
    "change_standard_error", "difference_standard_error", "rounding_half_width", "estimate", "published_value",
}  # fmt: skip
FIXED_UNITS = {
    "sample_size": "respondents", "effective_sample_size": "respondents", "design_effect": "ratio",
    "response_rate_percent": "percent", "code_count": "coded units", "interview_code_count": "coded units",
    "run_seconds": "seconds", "row_count": "rows", "source_line": "line number",
}  # fmt: skip


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _field(column: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    kind = column["data_type"]
    field: dict[str, Any] = {
        "name": column["column_name"],
        "type": "number" if kind.startswith("DECIMAL") else TYPES[kind],
        "description": column["comment"],
    }
    if kind == "TIMESTAMP":
        field["format"] = "any"
    if not column["is_nullable"]:
        field["constraints"] = {"required": True}
    if column["column_name"] in IN_UNIT_OF_ROW and UNIT_COLUMN in names:
        field["unitColumn"] = UNIT_COLUMN
    elif column["column_name"] in FIXED_UNITS:
        field["unit"] = FIXED_UNITS[column["column_name"]]
    return field


def _file(folder: Path, path: str) -> dict[str, Any]:
    return {"path": path, "bytes": (folder / path).stat().st_size, "hash": f"sha256:{sha256_of(folder / path)}"}


def _excel_fields(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [field | {"decimalChar": ","} if field["type"] == "number" else field for field in fields]


def _resources(folder: Path, table: Mapping[str, Any], fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    name = table["table_name"]
    shared = {"title": name, "description": table["comment"]}
    text = {"type": "table", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    return [
        {"name": name, **shared, **text, **_file(folder, f"{CSV}/{name}.csv"), "schema": {"fields": fields}},
        {
            "name": f"{name}-excel", **shared, **text, **_file(folder, f"{EXCEL}/{name}.csv"),
            "encoding": "utf-8-sig", "dialect": {"csv": {"delimiter": ";", "lineTerminator": "\r\n"}},
            "schema": {"fields": _excel_fields(fields)},
        },
        {
            "name": f"{name}-parquet", **shared, "type": "file", "format": "parquet",
            "mediatype": "application/vnd.apache.parquet", **_file(folder, f"{PARQUET}/{name}.parquet"),
        },
    ]  # fmt: skip


def _sources(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    publications = _rows(connection, "from marts.dim_publications order by publication_id")
    return {
        row["publication_id"]: {
            "title": row["citation"],
            "path": row["source_file"],
            "publication_id": row["publication_id"],
            "publisher": row["publisher"],
            "licence": row["licence_note"],
            "source_sha256": row["source_sha256"],
        }
        for row in publications
    }


def write_datapackage(folder: Path, release_id: str, created_at: str, kind: Kind) -> None:
    """Describe every table, field and file of the release; the exports must lie in the folder already."""
    with duckdb.connect(str(folder / DATABASE_NAME), read_only=True) as connection:
        sources = _sources(connection)
        resources = []
        columns = columns_of(connection)
        for table in _rows(
            connection, "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by 1"
        ):
            name = table["table_name"]
            described = connection.execute(
                "select column_name, data_type, is_nullable, comment from duckdb_columns()"
                " where schema_name = 'marts' and table_name = ? order by column_index",
                [name],
            ).fetchall()
            labels = ("column_name", "data_type", "is_nullable", "comment")
            names = {column for column, _ in columns[name]}
            fields = [_field(dict(zip(labels, row, strict=True)), names) for row in described]
            of_table = _resources(folder, table, fields)
            if "publication_id" in names:
                used = connection.execute(
                    f"select distinct publication_id from marts.{name} where publication_id is not null order by 1"
                ).fetchall()
                for resource in of_table:
                    resource["sources"] = [sources[key] for (key,) in used]
            resources += of_table
        package = {
            "name": "smv_ai" if kind is Kind.WAREHOUSE else "smv_ai-demonstration",
            "title": TITLES[kind],
            "description": DESCRIPTIONS[kind],
            "kind": kind,
            "version": release_id,
            "created": created_at,
            "licenses": [{"name": "MIT", "title": LICENCE_NOTE}],
            "sources": list(sources.values()),
            "units": _rows(connection, "from marts.dim_units order by 1"),
            "base_populations": _rows(
                connection, "select base_population_id, label_da, label_en from marts.dim_base_populations order by 1"
            ),
            "resources": [
                {
                    "name": "database", "title": "All tables in one DuckDB file, schema marts", "type": "file",
                    "format": "duckdb", "mediatype": "application/octet-stream", **_file(folder, DATABASE_NAME),
                },
                *resources,
            ],
        }  # fmt: skip
    (folder / PACKAGE_NAME).write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_citation(folder: Path, release_id: str, created_at: str, kind: Kind) -> None:
    """CITATION.cff: how to cite this release and the publications that its figures come from."""
    with duckdb.connect(str(folder / DATABASE_NAME), read_only=True) as connection:
        publications = _rows(connection, "from marts.dim_publications order by publication_id")
    citation = {
        "cff-version": "1.2.0",
        "message": "Cite the publications that the figures come from (references), and this release for the rest.",
        "type": "dataset",
        "title": TITLES[kind],
        "abstract": DESCRIPTIONS[kind],
        "authors": [{"name": "The developers of smv_ai"}],
        "version": f"{__version__}, {'release' if kind is Kind.WAREHOUSE else kind} {release_id}",
        "date-released": created_at[:10],
        "license": "MIT",
        "references": [
            {
                "type": "report",
                "title": row["title_da"],
                "authors": [{"name": row["authors"]}],
                "publisher": {"name": row["publisher"]},
                "year": row["published_year"],
                "languages": [row["language"]],
                "notes": f"{row['citation']} Licence: {row['licence_note']}",
            }
            for row in publications
        ],
    }
    text = yaml.safe_dump(citation, allow_unicode=True, sort_keys=False, width=110)
    (folder / CITATION_NAME).write_text(text, encoding="utf-8")
