"""Cases with known answers run through the models: those of R's survey package and those of the oracle."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import golden_extra

from smv_ai.golden import main
from smv_ai.golden.cases import read_cases
from smv_ai.golden.command import run_cases
from smv_ai.golden.comparison import largest_difference

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
# What tells kinds of cases apart: a case that shows a kind which none before it shows is in `make test`.
RULES = (
    "statistic", "lonely_stratum", "calibration", "interval", "replicates", "change", "quantile_rule", "family",
    "distance", "ties", "bias_adjust",
)  # fmt: skip
# The first set: levels and changes; for what the second has, the oracle is another (test_further_statistics).
LEVELS = {json.loads(line)["case_id"] for line in (GOLDEN / "cases.jsonl").read_text(encoding="utf-8").splitlines()}


def failures(folder: Path, variables: dict | None = None) -> list[str]:
    """The cases that cannot be built or are off."""
    cases = read_cases(folder)
    results = run_cases(cases, variables)
    broken = [case.case_id for case in cases if isinstance(results[case.case_id], Exception)]
    return broken + [
        case.case_id
        for case in cases
        if case.case_id not in broken and not largest_difference(case, results[case.case_id])[0] <= case.tolerance
    ]


@pytest.fixture(scope="module")
def extra_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("extra")
    golden_extra.write_folder(folder)
    return folder


def first_of_each_kind(lines: list[str]) -> list[str]:
    """The cases of a set that show a statistic, rule or method that none before them shows."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for line in lines:
        found = {name: value for name, value in json.loads(line).items() if name in RULES and value is not None}
        kinds = {
            (name, str(value.get("method") or value.get("source")) if isinstance(value, dict) else str(value))
            for name, value in found.items()
        }
        kept += [] if kinds <= seen else [line]
        seen |= kinds
    return kept


@pytest.mark.build
@pytest.mark.parametrize(
    ("chosen", "count"), [(first_of_each_kind, 37), pytest.param(list, 134, marks=pytest.mark.long)]
)
def test_command_passes_the_kept_cases(
    tmp_path: Path, capsys, monkeypatch, chosen: Callable[[list[str]], list[str]], count: int
) -> None:
    shutil.copytree(GOLDEN, tmp_path / "cases")
    for cases in (tmp_path / "cases").glob("*.jsonl"):
        lines = cases.read_text(encoding="utf-8").splitlines(keepends=True)
        cases.write_text("".join(chosen(lines)), encoding="utf-8")
    monkeypatch.setenv("GOLDEN_DIR", str(tmp_path / "cases"))
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{count} of {count} cases within tolerance"
    assert len(lines) == count + 1


def test_every_rule_against_the_oracle(extra_folder: Path) -> None:
    assert failures(extra_folder) == []


@pytest.mark.long
def test_every_rule_where_weights_are_summed_row_by_row(extra_folder: Path) -> None:
    """Weights in the cell or summed row by row: both give the oracle's values, 0 for a number that never varies."""
    assert failures(extra_folder, {"weight_in_cell": "never"}) == []


@pytest.mark.long
def test_oracle_agrees_with_r() -> None:
    """The oracle is worth comparing with: it gives R's values where R's are known."""
    from support import estimation_oracle

    levels = [case for case in read_cases(GOLDEN) if case.case_id in LEVELS]
    assert len(levels) == len(LEVELS)
    for case in levels:
        found = estimation_oracle.run(case.spec, case.folder)
        for key, expected in case.expected().items():
            assert math.isclose(found[key], expected, rel_tol=max(case.tolerance, 1e-9), abs_tol=1e-12), (
                case.case_id,
                key,
            )


@pytest.mark.build
def test_command_fails_on_a_wrong_value_and_a_case_that_cannot_be_built(tmp_path: Path, capsys) -> None:
    """A value off by 2e-9, a row that should be there and a column that does not exist are failures; the other cases
    still run.
    """
    shutil.copytree(GOLDEN, tmp_path / "cases")
    folder = tmp_path / "cases"
    for other in ("cases_matching.jsonl", "cases_v2.jsonl"):
        (folder / other).unlink()
    specs = [json.loads(line) for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines()][:4]
    specs[3]["variables"] = ["no_such_column"]
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, specs)), encoding="utf-8")
    for number, change in [(0, lambda value: repr(float(value) * (1 + 2e-9))), (1, lambda value: value)]:
        path = folder / specs[number]["expected"]
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows[0]["value"] = change(rows[0]["value"])
        if number == 1:
            rows.append({**rows[0], "segment": "nowhere"})
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    assert main([str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 of 4 cases within tolerance"
    assert [line[:4] for line in lines if line[:4] in ("ok  ", "FAIL")] == ["FAIL", "FAIL", "ok  ", "FAIL"]


def test_folder_that_cannot_be_read(tmp_path: Path, capsys) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no cases can be read" in capsys.readouterr().err
