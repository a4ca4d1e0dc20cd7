"""The linter reads macros and generic tests: a fault put into one is found where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.project import PROJECT

from tools.lint_macros import main

FAULTS = {
    "a keyword in capitals": ("tests/dbt/generic/in_codelist.sql", "where code", "WHERE code", "CP01"),
    "a join without its kind": ("tests/dbt/generic/no_near_miss.sql", "inner join counted", "join counted", "AM05"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_in_its_line(kind: str, tmp_path: Path, monkeypatch, capsys):
    name, good, bad, rule = FAULTS[kind]
    monkeypatch.chdir(PROJECT)
    text = (PROJECT / name).read_text(encoding="utf-8")
    file = tmp_path / Path(name).name
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")
    assert main([str(PROJECT / name)]) == 0, capsys.readouterr().out
    assert main([str(file)]) == 1
    line = text[: text.index(good)].count("\n") + 1
    assert f"{file}:{line}: {rule} " in capsys.readouterr().out
