"""Benchmark of matched comparisons: `python benchmarks/matching.py` (1,000 treated × 100,000 controls without a key;
10,000 × 1,000,000 in 20 industries; five distance columns, three neighbours, Abadie-Imbens errors).

Writes a panel, builds the matching models with dbt, and prints their seconds and the peak of memory. Exit code 1 where
a promise is broken. `python benchmarks/matching.py one <treated> <controls> <industries>` runs one size in this process
and prints it as JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb

from smv_ai.golden.build import PLAN, build_arguments, link_project, run_dbt
from smv_ai.golden.matching import MODELS
from smv_ai.matching.panel import open_panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.study import Study

COLUMNS = ["log(full_time_equivalents)", "log(turnover)", "exports / turnover", "age", "log(payroll)"]
# treated, controls, industries (1: no exact key), most seconds, most GiB
PROMISES = [(1_000, 100_000, 1, 5.0, 2.0), (10_000, 1_000_000, 20, 90.0, 4.0)]


def write_panel(path: Path, treated: int, controls: int, industries: int) -> None:
    """A register of two years: size, turnover and payroll go together, firms with AI are larger."""
    path.parent.mkdir(parents=True)
    normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.17)")
        connection.execute(
            f"create table firms as select firm_id, firm_id <= {treated} as is_treated, firm_id % {industries} as code,"
            f" {normal} as a, {normal} as b, {normal} as c, random() as d, random() as e, {normal} as f"
            f" from range(1, {treated + controls + 1}) as firms (firm_id)"
        )
        for year in (2021, 2023):
            growth = 0.0 if year == 2021 else "0.1 * f"
            connection.execute(
                f"create table year_{year} as select firm_id, {year} as year, is_treated::integer as treatment,"
                " 'industry ' || code as industry, exp(3 + a + case when is_treated then 0.5 else 0 end) as"
                f" full_time_equivalents, exp(10 + 0.8 * a + 0.5 * b + {growth}) as turnover, d * turnover as exports,"
                " floor(e * 40) as age, exp(8 + 0.9 * a + 0.3 * c) as payroll from firms"
            )
        connection.execute(f"copy (from year_2021 union all by name from year_2023) to '{path}' (format parquet)")


def run_one(treated: int, controls: int, industries: int) -> dict[str, float]:
    """Seconds from the start of the first model to the end of the last, and peak of memory of this process."""
    import dbt.cli.main as dbt_main

    seconds: dict[str, float] = {}
    moments: list[datetime] = []

    class Runner(dbt_main.dbtRunner):
        """Adds up what each model took."""

        def invoke(self, *args: object, **settings: object) -> object:
            result = super().invoke(*args, **settings)
            for run in getattr(result.result, "results", []):
                if "matching" in run.node.name:
                    seconds[run.node.name] = run.execution_time
                    moments.extend(moment for part in run.timing for moment in (part.started_at, part.completed_at))
            return result

    dbt_main.dbtRunner = Runner
    with tempfile.TemporaryDirectory() as workspace:
        folder = Path(workspace) / "project"
        link_project(folder)
        write_panel(folder / "panels" / "study_id=speed" / "panel.parquet", treated, controls, industries)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        study = Study(
            study_id="speed", label_da="", label_en="", base_year=2021, end_year=2023, match_on=COLUMNS,
            outcomes=[{"column": "turnover", "kind": "log_growth"}], exact=["industry"] if industries > 1 else [],
        )  # fmt: skip
        write_plan([open_panel(study, str(folder / "panels"))], folder / PLAN)
        database = run_dbt(folder, build_arguments(MODELS))
        with duckdb.connect(str(database), read_only=True) as connection:
            pairs = connection.execute("select sum(pairs) from intermediate.int_matching_results").fetchone()[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest = dict(sorted(seconds.items(), key=lambda item: -item[1])[:8])
    return {
        "seconds": (max(moments) - min(moments)).total_seconds(),
        "sum_of_models": sum(seconds.values()),
        "peak_gib": peak / 2**20,
        "before_gib": before / 2**20,
        "pairs": pairs,
        "slowest": slowest,
    }


def main() -> int:
    """Every size in a process of its own; 1 where a promise is broken."""
    is_kept = True
    for treated, controls, industries, most_seconds, most_gib in PROMISES:
        command = [sys.executable, __file__, "one", str(treated), str(controls), str(industries)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        kept = found["seconds"] <= most_seconds and found["peak_gib"] <= most_gib
        is_kept = is_kept and kept
        print(
            f"{treated:>7,} treated × {controls:>9,} controls, {industries} keys: {found['seconds']:.1f} s"
            f" (at most {most_seconds:.0f}), peak {found['peak_gib']:.2f} GiB (at most {most_gib:.0f})"
            f"{'' if kept else ' BROKEN'}"
        )
    return 0 if is_kept else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(json.dumps(run_one(*map(int, sys.argv[2:5]))))
        sys.exit(0)
    sys.exit(main())
