"""A release is complete in itself: exports, data package, citation; and Excel takes no cell for a formula."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from support.project import PROJECT

from smv_ai.releases.export import export_tables
from smv_ai.releases.write import sha256_of


@pytest.fixture(scope="module")
def current(release_dir) -> Path:
    return (release_dir / "current").resolve()


@pytest.fixture(scope="module")
def package(current) -> dict:
    return json.loads((current / "datapackage.json").read_text(encoding="utf-8"))


def tables_of(warehouse) -> list[str]:
    return [row[0] for row in warehouse.execute("select table_name from duckdb_tables() order by 1").fetchall()]


def test_the_data_package_is_valid_in_every_table_and_checksum(current):
    from frictionless import validate

    report = validate(str(current / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "note"])[:10]


def test_a_wrong_cell_or_checksum_would_be_noticed(current, tmp_path):
    import shutil

    from frictionless import validate

    copy = Path(shutil.copytree(current, tmp_path / "copy"))
    path = copy / "csv" / "dim_units.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("100.0", "many"), encoding="utf-8")
    found = {error[0] for error in validate(str(copy / "datapackage.json")).flatten(["type"])}
    assert {"hash-count", "type-error"} & found, found


def test_the_data_package_describes_every_file_table_and_field(current, package, warehouse):
    paths = {resource["path"] for resource in package["resources"]}
    exported = {p.relative_to(current).as_posix() for name in ("csv", "csv_excel", "parquet")
                for p in (current / name).iterdir()}  # fmt: skip
    assert paths == exported | {"smv_ai.duckdb"}
    for resource in package["resources"]:
        assert resource["hash"] == f"sha256:{sha256_of(current / resource['path'])}"
    comments = dict(
        warehouse.execute(
            "select table_name || '.' || column_name, comment from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    )
    described = {
        f"{resource['name']}.{field['name']}": field["description"]
        for resource in package["resources"]
        if resource["path"].startswith("csv/")
        for field in resource["schema"]["fields"]
    }
    assert described == comments


def test_units_bases_sources_and_licences_are_stated(package, warehouse):
    assert {unit["unit_of_measure"] for unit in package["units"]} >= {"percent", "index_points"}
    [bases] = warehouse.execute("select count(*) from marts.dim_base_populations").fetchone()
    assert len(package["base_populations"]) == bases
    publications = warehouse.execute(
        "select publication_id, licence_note, source_sha256 from marts.dim_publications"
    ).fetchall()
    stated = [(source["publication_id"], source["licence"], source["source_sha256"]) for source in package["sources"]]
    assert sorted(stated) == sorted(publications)
    [adoption] = [resource for resource in package["resources"] if resource["name"] == "mart_adoption"]
    assert len(adoption["sources"]) > 2
    fields = {field["name"]: field for field in adoption["schema"]["fields"]}
    assert fields["ci_lower"]["unitColumn"] == "unit_of_measure"
    assert fields["sample_size"]["unit"] == "respondents"
    assert fields["observation_id"]["constraints"] == {"required": True}
    assert "code, structure" in package["licenses"][0]["title"]


def test_the_citation_names_every_publication(current, warehouse):
    citation = yaml.safe_load((current / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0" and current.name in citation["version"]
    titles = {row[0] for row in warehouse.execute("select title_da from marts.dim_publications").fetchall()}
    assert {reference["title"] for reference in citation["references"]} == titles
    assert all("Licence:" in reference["notes"] for reference in citation["references"])


def test_parquet_and_csv_hold_the_rows_of_the_tables(current, warehouse):
    with duckdb.connect() as reader:
        for table in tables_of(warehouse):
            [rows] = warehouse.execute(f"select count(*) from marts.{table}").fetchone()
            assert reader.execute(f"select count(*) from '{current}/parquet/{table}.parquet'").fetchone() == (rows,)
            for folder, delimiter in (("csv", ","), ("csv_excel", ";")):
                with (current / folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as handle:
                    assert sum(1 for _ in csv.reader(handle, delimiter=delimiter)) == rows + 1, (folder, table)


def test_the_variant_for_excel_has_mark_semicolon_decimal_comma_and_line_ends(current):
    content = (current / "csv_excel" / "mart_adoption.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfobservation_id;")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert "12,1" in {row["observation_value"] for row in rows}
    assert not [row for row in rows if "." in row["observation_value"]]
    assert content.count(b"\r\n") >= len(rows) + 1
    plain = (current / "csv" / "mart_adoption.csv").read_bytes()
    assert plain.startswith(b"observation_id,") and b",12.1," in plain and b"\r\n" not in plain


def test_pandas_reads_the_variant_for_excel_as_the_tables_cell_by_cell(current, warehouse):
    """A second reader with semicolon, decimal comma and byte order mark; a text may carry the apostrophe."""
    for table in tables_of(warehouse):
        kinds = {row[0]: row[1] for row in warehouse.execute(f"describe marts.{table}").fetchall()}
        numbers = [name for name, kind in kinds.items() if kind in ("DOUBLE", "INTEGER", "BIGINT")]
        excel = pd.read_csv(
            current / "csv_excel" / f"{table}.csv", sep=";", decimal=",", encoding="utf-8-sig",
            dtype={name: str for name in kinds if name not in numbers},
            keep_default_na=False, na_values={name: [""] for name in numbers},
        )  # fmt: skip
        assert list(excel.columns) == list(kinds)
        cells = ", ".join(f"{name}::{'double' if name in numbers else 'varchar'} as {name}" for name in kinds)
        expected = warehouse.execute(f"select {cells} from marts.{table}").df()
        for name in kinds:
            if name in numbers:
                # a column without a row has no type
                assert excel.empty or pd.api.types.is_numeric_dtype(excel[name].dtype), (table, name)
                assert np.array_equal(excel[name].astype(float), expected[name], equal_nan=True), (table, name)
            else:
                texts = [text or "" for text in expected[name].astype(object).where(expected[name].notna(), None)]
                texts = [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]
                assert excel[name].tolist() == texts, (table, name)


def test_cells_that_excel_would_take_for_formulas_are_neutralised(tmp_path):
    starts = ["=1+1", "+45 12", "-5 %", "@SUM(A1)", "\tx", "\rx", "plain = text", 'a;"b"', "ærø", None, ""]
    with duckdb.connect(str(tmp_path / "cells.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.cells (cell varchar, amount double)")
        connection.executemany("insert into marts.cells values (?, -1.5)", [[cell] for cell in starts])
    export_tables(tmp_path / "cells.duckdb", tmp_path)
    with (tmp_path / "csv_excel" / "cells.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle, delimiter=";"))
    cells = [row[0] for row in rows[1:]]
    assert cells == ["'=1+1", "'+45 12", "'-5 %", "'@SUM(A1)", "'\tx", "'\rx", "plain = text", 'a;"b"', "ærø", "", ""]
    assert {row[1] for row in rows[1:]} == {"-1,5"}  # a number is no formula
    with (tmp_path / "csv" / "cells.csv").open(encoding="utf-8", newline="") as handle:
        assert next(row for row in csv.reader(handle) if row[0].startswith("="))[0] == "=1+1"


def test_the_first_release_says_that_there_is_nothing_to_compare_with(current):
    assert "There is no earlier release" in (current / "changes.md").read_text(encoding="utf-8")


def test_the_dictionary_page_is_current(current):
    from smv_ai.releases.dictionary import dictionary
    from smv_ai.releases.folder import find_release

    page = (PROJECT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary(find_release(None, current.parent)), "run `make warehouse dictionary`"


@pytest.mark.other_version
def test_the_release_opens_in_duckdb_1_5(current):
    """SMV_AI_DUCKDB_1_5 names a Python that has DuckDB 1.5: `make test-reliability` installs one."""
    python = os.environ.get("SMV_AI_DUCKDB_1_5")
    if python is None:
        pytest.skip("SMV_AI_DUCKDB_1_5 does not name a Python with DuckDB 1.5; make test-reliability installs one")
    code = (
        "import duckdb, sys; assert duckdb.__version__.startswith('1.5.'), duckdb.__version__;"
        "c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(c.execute('select count(*) from marts.mart_adoption').fetchone()[0])"
    )
    done = subprocess.run([python, "-c", code, str(current / "smv_ai.duckdb")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
