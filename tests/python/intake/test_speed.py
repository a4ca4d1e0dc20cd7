"""How long a load takes, beside what reads the file alone: on a machine that does nothing else (`make test-load`)."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import python_calamine
import xlsxwriter
from support import intake_project

ROWS = 1_000_000
pytestmark = pytest.mark.load


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor, of this process and of those that it waits for."""

    def used() -> float:
        spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in spent)

    before = used()
    work()
    return used() - before


def test_a_million_rows_take_five_times_as_long_as_reading_them(tmp_path: Path):
    path = tmp_path / "big.csv"
    codes = [f"(hash(i * {n}) % 5 + 1)::int as q{n}" for n in range(1, 30)]
    texts = [f"case hash(i * {n}) % 3 when 0 then 'Ja' when 1 then 'Nej' else '' end as t{n}" for n in range(1, 11)]
    columns = ["'T' || i as firm_key", *codes, *texts]
    duckdb.sql(f"copy (select {', '.join(columns)} from range({ROWS}) r (i)) to '{path}' (header)")
    project = intake_project.new_project(tmp_path / "project")
    intake_project.draft(project, [path])
    with duckdb.connect(config={"threads": 2}) as connection:
        alone = seconds(lambda: connection.execute(f"create table t as from read_csv('{path}')"))
    assert seconds(lambda: intake_project.load(project)) <= 5 * alone
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= 2 * 2**20


def test_a_workbook_of_fifty_thousand_rows_takes_fifteen_seconds_at_most(tmp_path: Path):
    path = tmp_path / "big.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["firm_key", *(f"q{n}" for n in range(39))])
        for row in range(50_000):
            sheet.write_row(row + 1, 0, [f"T{row}", *((row * n) % 5 + 1 for n in range(1, 40))])
    project = intake_project.new_project(tmp_path / "project")
    intake_project.draft(project, [path])
    floor = seconds(lambda: python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    spent = seconds(lambda: intake_project.load(project))
    print(f"workbook: {spent:.1f} s, of which reading alone takes {floor:.1f}")
    assert spent <= 15
