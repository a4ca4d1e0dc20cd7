"""The matching engine against an oracle that computes every distance, and against itself in other conditions."""

from __future__ import annotations

import json
import math
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from support import matching_oracle
from support import matching_project as project

from smv_ai.golden import main
from smv_ai.golden.cases import SETS
from smv_ai.golden.matching import CASES_FILE, matching_cases
from smv_ai.matching.study import Trim

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
COLUMNS = [["a"], ["a", "b"], ["c", "d"], ["a", "b", "c"], ["b", "c", "a", "d"]]
KINDS = ["percent_growth", "log_growth", "difference", "level"]


def drawn_spec(random: np.random.Generator, distance: str, ties: str, caliper: float | None) -> dict:
    return {
        "distance": distance,
        "ties": ties,
        "caliper": caliper,
        "match_on": COLUMNS[random.integers(len(COLUMNS))],
        "exact": [[], ["sector"]][random.integers(2)],
        "neighbours": int(random.integers(1, 6)),
        "variance_neighbours": int(random.integers(0, 4)),
        "kind": KINDS[random.integers(len(KINDS))],
        "lower": [None, 0.01, 0.05][random.integers(3)],
        "upper": [None, 0.99, 0.9][random.integers(3)],
        "level": [0.95, 0.9][random.integers(2)],
    }


def drawn_firms(random: np.random.Generator, number: int):
    """Firms of every third study are many, so that keys have several blocks; every second one has missing values."""
    rows = project.firms(random, *((900, 60) if number % 3 == 0 else (150, 30)))
    if number % 2:
        for column in ("a", "sector", "y1", "treatment"):
            rows.loc[random.choice(len(rows), 4, replace=False), column] = None
        rows.loc[random.choice(len(rows), 3, replace=False), "y1"] = 0.0
    return rows


@pytest.fixture(scope="module", params=[1, 3])
def drawn(request: pytest.FixtureRequest):
    """Studies with every distance, tie rule and kind of caliper, so many of each; everything else drawn."""
    random = np.random.default_rng(17)
    settings = list(product(["mahalanobis", "inverse_variance"], ["all", "smallest_id"], [None, 0.3, 1.0]))
    settings *= request.param
    found = []
    for number, (distance, ties, caliper) in enumerate(settings):
        spec = drawn_spec(random, distance, ties, caliper)
        kept = ("match_on", "exact", "distance", "ties", "caliper", "neighbours", "variance_neighbours", "level")
        study = project.study(
            f"drawn_{number:02d}",
            outcomes=[{"column": "turnover", "kind": spec["kind"]}],
            trim=Trim(lower=spec["lower"], upper=spec["upper"]),
            **{field: spec[field] for field in kept},
        )
        found.append((study, spec, drawn_firms(random, number)))
    return found


@pytest.fixture(scope="module")
def panels(drawn) -> list[tuple]:
    return [(study, project.panel(rows)) for study, _, rows in drawn]


@pytest.fixture(scope="module")
def built(panels, tmp_path_factory) -> Path:
    return project.build(tmp_path_factory.mktemp("matching") / "project", panels)


@pytest.fixture(scope="module")
def panels_with_large(panels) -> list[tuple]:
    """The drawn studies, and one so large that several threads share its sums."""
    large = project.study("large", match_on=["a", "b"], exact=["sector"], neighbours=2)
    return [*panels, (large, project.panel(project.firms(np.random.default_rng(18), 300_000, 100)))]


@pytest.fixture(scope="module")
def built_with_large(panels_with_large, tmp_path_factory) -> Path:
    return project.build(tmp_path_factory.mktemp("matching") / "project", panels_with_large)


def test_every_setting_gives_the_oracles_values(drawn, built) -> None:
    found = project.values(built)
    wrong = []
    for study, spec, rows in drawn:
        expected = matching_oracle.run(rows, spec)
        mine = found[f"{study.study_id}/turnover"]
        if missing := {*expected} ^ {*mine}:
            wrong.append((study.study_id, spec, sorted(missing)[:3]))
            continue
        wrong += [
            (study.study_id, spec, key, value, mine[key])
            for key, value in expected.items()
            if not math.isclose(mine[key], value, rel_tol=1e-9, abs_tol=1e-12)
        ]
    assert wrong == []
    blocks = project.frame(
        built,
        "select max(blocks) from (select count(*) as blocks from intermediate.int_matching_blocks group by key_number)",
    )
    assert blocks.iloc[0, 0] > 4


@pytest.mark.parametrize("drawn", [3], indirect=True)
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_shuffled_rows_and_other_threads_give_the_same_bits(
    panels_with_large, built_with_large, threads: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(threads)
    shuffled = [(study, rows.sample(frac=1, random_state=random.integers(2**31))) for study, rows in panels_with_large]
    again = project.build(tmp_path / "project", shuffled, threads)
    for table in ("int_matching_results", "int_matching_balance", "int_matching_sensitivity"):
        query = f"from intermediate.{table} order by all"
        first, second = project.frame(built_with_large, query), project.frame(again, query)
        assert len(first) > 0
        # equal to the last bit: compared as they are written, not within a tolerance
        assert first.to_csv() == second.to_csv()


def test_command_fails_on_a_wrong_value_a_missing_row_and_a_case_that_cannot_be_built(tmp_path: Path, capsys) -> None:
    shutil.copytree(GOLDEN, tmp_path / "cases")
    folder = tmp_path / "cases"
    for other in SETS:
        (folder / other).unlink()
    specs = [case.spec for case in matching_cases(folder)][:4]
    specs[3]["match_on"] = ["no_such_column"]
    (folder / CASES_FILE).write_text("\n".join(map(json.dumps, specs)), encoding="utf-8")
    changes = [("effect,,,estimate,0.01", "effect,,,estimate,0.02"), ("smd_after", "smd_after_all")]
    for spec, (old, new) in zip(specs, changes, strict=False):
        path = folder / spec["expected"]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main([str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 of 4 cases within tolerance"
    assert [line[:4] for line in lines if line[:4] in ("ok  ", "FAIL")] == ["FAIL", "FAIL", "ok  ", "FAIL"]
