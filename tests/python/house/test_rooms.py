"""The rooms of the package: who may import whom, what they are called, and that each says what belongs in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from importlinter.cli import lint_imports
from support.project import PROJECT

PACKAGE = PROJECT / "smv_ai"
MOST_FLAT_MODULES = 8
MOST_LETTERS = 150

# What the app may use of the package: it reads releases, and draws; nothing that builds.
APP_MAY_IMPORT = {
    "smv_ai.environment", "smv_ai.errors", "smv_ai.passport", "smv_ai.pictures", "smv_ai.reader", "smv_ai.releases",
    "smv_ai.seeds.characters", "smv_ai.settings", "smv_ai.sql",
}  # fmt: skip
# Rooms of the tests for what is no room of the package.
ROOMS_OF_TESTS_ALONE = {"app", "house", "support"}


def rooms() -> list[Path]:
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, a name in a module as `module.name`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_allowed(name: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in APP_MAY_IMPORT)


def test_no_room_imports_from_one_above_it(monkeypatch, capsys):
    """The contracts stand in pyproject.toml."""
    monkeypatch.chdir(PROJECT)
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_the_app_imports_what_reads_and_draws():
    found = {(path.name, name) for path in (PROJECT / "streamlit_app").rglob("*.py") for name in imported(path)}
    ours = {(path, name) for path, name in found if name.split(".")[0] == "smv_ai"}
    assert len(ours) > 5
    assert [name for name in sorted(ours) if not is_allowed(name[1])] == []
    assert not is_allowed("smv_ai.build.run") and not is_allowed("smv_ai.seeds.check")


def test_few_modules_stand_outside_the_rooms():
    assert 0 < len([path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]) <= MOST_FLAT_MODULES


def alike(names: set[str]) -> list[tuple[str, str]]:
    """Pairs of names that one letter more, less or other tells apart."""
    return duckdb.execute(
        "with names as (select unnest(?) as name) select a.name, b.name from names as a"
        " inner join names as b on a.name < b.name and levenshtein(a.name, b.name) = 1 order by all",
        [sorted(names)],
    ).fetchall()


def test_no_two_modules_differ_by_a_letter():
    names = {path.stem for path in PACKAGE.rglob("*.py")} | {room.name for room in rooms()}
    assert alike(names) == []
    assert alike({"release", "releases", "build"}) == [("release", "releases")]


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_every_room_says_what_belongs_in(room: Path):
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert re.search(r"\bbelongs?\b", said) or len(re.findall(r"\.(?:\s|$)", said)) > 1, said


def test_the_tests_have_the_rooms_of_the_package():
    of_tests = {path.name for path in (PROJECT / "tests" / "python").iterdir() if any(path.glob("*.py"))}
    of_package = {room.name for room in rooms()}
    assert of_tests - of_package - ROOMS_OF_TESTS_ALONE == set()
    # `pictures` are tested where they are looked at, in the app
    assert of_package - of_tests <= {"pictures"}


def test_no_line_of_sql_is_too_long():
    """In place of sqlfluff's rule, which takes a seventh of its time to find out how it would break the line."""
    files = [path for folder in ("models", "macros", "tests/dbt") for path in (PROJECT / folder).rglob("*.sql")]
    long = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MOST_LETTERS
    ]
    assert files and long == []
