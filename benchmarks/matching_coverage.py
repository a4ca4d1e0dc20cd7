"""Simulation of the intervals of matched comparisons: 2,000 panels of 60 treated and 340 untreated firms with a known
effect, matched in one run of the models (the study is broken down by panel). Treated firms are larger and grow faster
for it; the outcome's spread differs from firm to firm. Prints the coverage of the 95 % intervals; exit code 1 where one
is not between 93 and 97 %.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from smv_ai.golden.build import PLAN, build_arguments, link_project, run_dbt
from smv_ai.golden.matching import MODELS
from smv_ai.matching.panel import open_panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.study import Study

PANELS, TREATED, UNTREATED, EFFECT = 2_000, 60, 340, 0.04
LEAST, MOST = 93.0, 97.0


def write_panels(path: Path) -> None:
    """Panels of two years: log turnover grows by 0.02 a standard deviation of size, the effect and noise."""
    path.parent.mkdir(parents=True)
    normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
    firms = TREATED + UNTREATED
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.execute("select setseed(0.2023)")
        connection.execute(
            f"create table firms as select firm_id, 'p' || (firm_id // {firms}) as panel,"
            f" (firm_id % {firms} < {TREATED})::integer as treatment, {normal} as a, {normal} as b, {normal} as noise"
            f" from range({PANELS * firms}) as firms (firm_id)"
        )
        connection.execute("update firms set a = a + 0.5 where treatment = 1")
        growth = f"0.02 * a + 0.02 * b * b + {EFFECT} * treatment + (0.1 + 0.03 * abs(a)) * noise"
        connection.execute(
            "copy (select firm_id, year, panel, treatment, a as size, a + b as age,"
            f" exp(case when year = 2023 then {growth} else 0 end) as turnover"
            f" from firms cross join (values (2021), (2023)) as years (year)) to '{path}' (format parquet)"
        )


def intervals() -> tuple[float, float, int]:
    """Per cent of the intervals, plain and bias-adjusted, that hold the effect; and how many there are."""
    study = Study(
        study_id="coverage", label_da="", label_en="", base_year=2021, end_year=2023, by="panel", neighbours=3,
        match_on=["size", "age"], outcomes=[{"column": "turnover", "kind": "log_growth"}],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as workspace:
        folder = Path(workspace) / "project"
        link_project(folder)
        write_panels(folder / "panels" / "study_id=coverage" / "panel.parquet")
        write_plan([open_panel(study, str(folder / "panels"))], folder / PLAN)
        database = run_dbt(folder, build_arguments(MODELS))
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(
                f"select 100 * avg(({EFFECT} between ci_lower and ci_upper)::integer),"
                f" 100 * avg(({EFFECT} between ci_lower_adjusted and ci_upper_adjusted)::integer),"
                " count(estimate) from intermediate.int_matching_results"
            ).fetchone()


def main() -> int:
    """Print the coverage; 1 where it is not what it should be."""
    plain, adjusted, panels = intervals()
    print(f"{panels} panels: the 95 % interval holds the effect in {plain:.1f} %, adjusted in {adjusted:.1f} %")
    return 0 if panels == PANELS and all(LEAST <= one <= MOST for one in (plain, adjusted)) else 1


if __name__ == "__main__":
    sys.exit(main())
