"""Demonstration and real releases: what each holds, and that neither is written or opened in place of the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from support.commands import run_prepared, smv_ai
from support.small_release import small_release

from smv_ai.environment import RELEASE_FOLDERS, Kind
from smv_ai.errors import BadInputError, ExitCode, OtherKindError
from smv_ai.reader import connect
from smv_ai.releases.folder import current_release, find_release, release_at
from smv_ai.releases.kinds import refuse_folder, refuse_rows
from smv_ai.releases.rollback_and_pins import rollback
from smv_ai.releases.verify import problems_of
from smv_ai.releases.write import misplaced_respondents, rows_by_evidence

OLD_MIXTURE = {"settings": {"demo": True}}


def of_table(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Rows by table and evidence type, in every table that has the column."""
    [(path,)] = connection.execute("select path from duckdb_databases() where not internal").fetchall()
    return rows_by_evidence(Path(path))


def test_no_row_of_the_real_release_is_synthetic(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = of_table(warehouse)
    assert len(found) >= 7 and all(set(rows) <= {"published"} for rows in found.values()), found
    assert found["fct_observations"]["published"] >= 269
    assert found["fct_reproduction"] == found["fct_estimates"] == {}


def test_the_demonstration_has_the_same_tables_and_published_rows_with_synthetic_ones_beside(
    warehouse: duckdb.DuckDBPyConnection, demo_warehouse: duckdb.DuckDBPyConnection
) -> None:
    real, made_up = of_table(warehouse), of_table(demo_warehouse)
    assert made_up["fct_observations"]["synthetic"] > 4000
    assert {table: rows.get("published") for table, rows in real.items()} == {
        table: rows.get("published") for table, rows in made_up.items()
    }
    columns = "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts' order by all"
    assert warehouse.execute(columns).fetchall() == demo_warehouse.execute(columns).fetchall()
    assert not any("estimated" in rows for rows in made_up.values())


def test_each_release_says_what_it_is(release_dir: Path, demo_dir: Path) -> None:
    for folder, kind in ((release_dir, Kind.WAREHOUSE), (demo_dir, Kind.DEMONSTRATION)):
        current = folder / "current"
        assert json.loads((current / "release.json").read_text(encoding="utf-8"))["kind"] == kind
        package = json.loads((current / "datapackage.json").read_text(encoding="utf-8"))
        citation = yaml.safe_load((current / "CITATION.cff").read_text(encoding="utf-8"))
        said = [package["title"], package["name"], citation["title"], citation["version"], citation["abstract"]]
        assert {"demonstration" in text.lower() for text in said} == {kind is Kind.DEMONSTRATION}


def test_a_build_ends_with_the_headlines_of_its_kind(first_build, demo_build) -> None:
    assert "emonstration" not in first_build.stdout and "  app        make app\n" in first_build.stdout + "\n"
    assert "Rows computed from made-up demonstration responses" in demo_build.stdout
    assert "this is no evidence about firms" in demo_build.stdout
    assert demo_build.stdout.rstrip().endswith("make demo-app")


def held(folder: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a process to which a folder is that of the releases of a kind."""
    monkeypatch.setenv(RELEASE_FOLDERS[kind][0], str(folder))
    monkeypatch.setenv(RELEASE_FOLDERS[kind.other][0], str(folder.parent / "another"))


def with_current(folder: Path, **facts: object) -> Path:
    """A folder with two releases, of which the second is current."""
    for name in ("20260101T000000Z", "20260102T000000Z"):
        small_release(folder, name, content_hash="0" * 64, **facts)
    (folder / "current").symlink_to("20260102T000000Z")
    return folder


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"kind": "demonstration"}, Kind.WAREHOUSE),
        ({"kind": "warehouse"}, Kind.DEMONSTRATION),
        ({"kind": "something"}, Kind.WAREHOUSE),
        (OLD_MIXTURE, Kind.WAREHOUSE),
        (OLD_MIXTURE, Kind.DEMONSTRATION),
        ({"settings": {"demo": False}}, Kind.DEMONSTRATION),
    ],
    ids=lambda value: str(value),
)
def test_what_is_of_the_other_kind_is_not_opened(tmp_path, monkeypatch, facts, kind) -> None:
    """By name or as the current one, by the reader, and by a rollback; each time with the way out."""
    folder = with_current(tmp_path / "releases", **facts)
    held(folder, kind, monkeypatch)
    way_out = "make demo" if kind is Kind.DEMONSTRATION else "make warehouse"
    for attempt in (
        lambda: connect(demo=kind is Kind.DEMONSTRATION),
        lambda: current_release(kind=kind),
        lambda: find_release("20260101T000000Z", kind=kind),
        lambda: rollback("20260101T000000Z", kind=kind),
    ):
        with pytest.raises(OtherKindError, match=way_out):
            attempt()
    assert (folder / "current").readlink() == Path("20260102T000000Z")


@pytest.mark.parametrize(
    ("facts", "kind"),
    [({"kind": "demonstration"}, Kind.DEMONSTRATION), ({"settings": {"demo": False}}, Kind.WAREHOUSE)],
)
def test_what_is_of_the_kind_is_opened(tmp_path, monkeypatch, facts, kind) -> None:
    folder = with_current(tmp_path / "releases", **facts)
    held(folder, kind, monkeypatch)
    with connect(demo=kind is Kind.DEMONSTRATION) as connection:
        assert connection.execute("from marts.mart_adoption").fetchall() == [(66,)]
    assert current_release(kind=kind).is_demonstration == (kind is Kind.DEMONSTRATION)


def test_a_folder_that_holds_the_other_kind_is_not_written_to(tmp_path, monkeypatch) -> None:
    for facts, kind, is_refused in (
        ({"kind": "demonstration"}, Kind.WAREHOUSE, True),
        ({"kind": "warehouse"}, Kind.DEMONSTRATION, True),
        (OLD_MIXTURE, Kind.DEMONSTRATION, True),
        (OLD_MIXTURE, Kind.WAREHOUSE, False),
        ({"kind": "demonstration"}, Kind.DEMONSTRATION, False),
        ({"kind": "warehouse"}, Kind.WAREHOUSE, False),
    ):
        folder = tmp_path / f"{kind}_{facts.get('kind')}"
        small_release(folder, "20260101T000000Z", **facts)
        held(folder, kind, monkeypatch)
        if not is_refused:
            refuse_folder(folder, kind)
            continue
        with pytest.raises(BadInputError, match=f"20260101T000000Z.*{RELEASE_FOLDERS[kind][0]}"):
            refuse_folder(folder, kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_folder_of_the_other_kind_is_not_written_to_even_where_it_is_empty(tmp_path, monkeypatch, kind) -> None:
    for variable, _ in RELEASE_FOLDERS.values():
        monkeypatch.setenv(variable, str(tmp_path / "same"))
    with pytest.raises(BadInputError, match=f"is the folder of the other kind, {kind.other}"):
        refuse_folder(tmp_path / "same", kind)


def test_the_rows_decide_whatever_the_options_said() -> None:
    published = {"fct_observations": {"published": 1}}
    made_up = {"fct_observations": {"published": 1, "synthetic": 2}}
    estimated = {"fct_observations": {"published": 1, "synthetic": 2}, "fct_estimates": {"estimated": 3}}
    refuse_rows(Kind.WAREHOUSE, published, [])
    refuse_rows(Kind.WAREHOUSE, {"fct_estimates": {"estimated": 3}}, [])
    refuse_rows(Kind.DEMONSTRATION, made_up, [])
    for kind, rows, misplaced, said in (
        (Kind.WAREHOUSE, made_up, [], "table fct_observations: 2 rows with evidence_type 'synthetic'"),
        (Kind.DEMONSTRATION, estimated, [], "table fct_estimates: 3 rows with evidence_type 'estimated'"),
        (Kind.DEMONSTRATION, published, [], "are there plans in demo/"),
        (Kind.WAREHOUSE, published, ["Survey s, wave w: made up"], "Survey s, wave w: made up"),
    ):
        with pytest.raises(BadInputError, match=f"(?s)nothing was released.*{said}"):
            refuse_rows(kind, rows, misplaced)


@pytest.mark.parametrize("kind", Kind)
def test_a_build_of_the_other_kinds_rows_is_refused_by_the_command(kind, request, workspace, tmp_path) -> None:
    """Everything after dbt is real: what dbt built is of the other kind, and nothing of it is released."""
    source = request.getfixturevalue("demo_dir" if kind is Kind.WAREHOUSE else "release_dir")
    prepared = shutil.copy((source / "current").resolve() / "smv_ai.duckdb", tmp_path / "built.duckdb")
    done = run_prepared(prepared, workspace, *(["--demo"] if kind is Kind.DEMONSTRATION else []))
    assert done.returncode == ExitCode.BAD_INPUT, done.stderr
    assert f"what was built is no {kind}; nothing was released." in done.stderr
    folder = Path(workspace[RELEASE_FOLDERS[kind][0]])
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == ["runs.jsonl"]


def test_every_command_that_reads_a_release_takes_the_demonstration(demo_dir, release_dir, workspace) -> None:
    folders = {"SMV_AI_RELEASE_DIR": str(release_dir), "SMV_AI_DEMO_RELEASE_DIR": str(demo_dir)}
    environment = {name: value for name, value in (workspace | folders).items() if name != "SMV_AI_PROJECT_DIR"}
    release_id = (demo_dir / "current").resolve().name
    for command in (
        ["status"], ["history"], ["verify"], ["diff", release_id, release_id], ["dictionary"],
        ["sql", "select count(*) > 4000 as is_demo from fct_observations where evidence_type = 'synthetic'"],
    ):  # fmt: skip
        done = smv_ai(environment, *command, "--demo")
        assert done.returncode == 0, done.stderr
        if command[0] == "sql":
            assert "true" in done.stdout.lower()
        if command[0] in ("status", "history", "verify"):
            assert release_id in done.stdout and release_id not in smv_ai(environment, command[0]).stdout
    wrong = environment | {"SMV_AI_RELEASE_DIR": str(demo_dir)}
    done = smv_ai(wrong, "sql", "select 1")
    assert done.returncode == ExitCode.NO_RELEASE and "`--demo`" in done.stderr


def test_respondents_of_the_demonstration_among_real_ones_are_found_though_a_setting_lets_them_pass(tmp_path) -> None:
    """`response_checks: reported` lists what breaks a rule and goes on; this rule refuses all the same."""
    file = tmp_path / "build.duckdb"
    duckdb.connect(str(file)).close()
    assert misplaced_respondents(file) == [], "a build file without the rules"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.int_response_problems (rule varchar, message varchar)")
        connection.execute(
            "insert into intermediate.int_response_problems values"
            " ('real_not_demonstration', 'Survey s, wave w: demo_1'), ('psu_present', 'Survey s, wave w: psu_id')"
        )
    assert misplaced_respondents(file) == ["Survey s, wave w: demo_1"]


def test_verify_finds_a_release_that_says_another_kind_than_its_rows(demo_dir, tmp_path) -> None:
    copy = shutil.copytree((demo_dir / "current").resolve(), tmp_path / (demo_dir / "current").resolve().name)
    assert problems_of(release_at(copy)) == []
    facts = json.loads((copy / "release.json").read_text(encoding="utf-8"))
    (copy / "release.json").unlink()
    (copy / "release.json").write_text(json.dumps(facts | {"kind": "warehouse"}), encoding="utf-8")
    assert any(
        "says that it is a warehouse, but table fct_observations" in line for line in problems_of(release_at(copy))
    )
