"""What the estimation benchmark times: each contender runs in a process of its own and prints one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import estimation_data as data
import numpy as np

KEYS = ["stratum_id", "industry", "size", "region", "design_weight"]
SVY_ITEMS = ["q01", "turnover"]


def floor(file: Path) -> dict:
    """The plain scan: a sum of each item and of the weight, the largest of each other column that the engine reads."""
    sums = [f"sum({name})" for name in [*data.ITEMS, "design_weight", "stratum_population_size"]]
    others = [f"max({name})" for name in ["respondent_id", "stratum_id", "industry", "size", "region"]]
    query = f"select {', '.join(sums + others)} from '{file}'"
    with duckdb.connect() as connection:
        return {"seconds": min(_timed(lambda: connection.execute(query).fetchall())[0] for _ in range(3))}


def engine(file: Path, calibrated: bool = True) -> dict:
    """dbt builds the estimation models; see _models_seconds for what is timed."""
    columns = "measure_id, breakdown_id, segment, estimate, standard_error"
    query = f"select {columns} from intermediate.int_estimates"
    found = _built(data.catalogue(file, calibrated), file, "+int_estimates", query)
    return found | {"estimates": found.pop("rows")}


def pairs(file: Path) -> dict:
    """Of a build with all pairs of three one-way breakdowns: the seconds of the model that compares them."""
    rows = data.catalogue(file, breakdowns=["industry", "size", "region"])
    query = "select count(*) from intermediate.int_group_differences"
    found = _built(rows, file, "+int_estimates +int_group_differences", query)
    return found | {"seconds": found["models"]["int_group_differences"]}


def quantiles(file: Path) -> dict:
    """dbt builds the medians of two amounts in five breakdowns, with all that they need."""
    rows = data.catalogue(file)
    rows["estimation_quantiles"] = [
        {"measure_set_id": "bench", "measure_id": amount, "quantile": 0.5, "quantile_rule": "school",
         "interval_method": "mean"}
        for amount in data.AMOUNTS
    ]  # fmt: skip
    return _built(rows, file, "+int_quantiles", "select count(*) from intermediate.int_quantiles")


def _built(catalogue: dict[str, list[dict]], file: Path, models: str, query: str) -> dict:
    """Seconds of all models, of each, and of the whole run of dbt, and the rows of a query on what was built."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from smv_ai.golden.build import SURVEY_TABLES, build_arguments, link_project, run_dbt
    from smv_ai.golden.catalogue import Catalogue

    with tempfile.TemporaryDirectory() as workspace:
        folder = Path(workspace) / "project"
        link_project(folder)
        Catalogue(tables=catalogue).write(folder / SURVEY_TABLES)
        variables = {"responses_path": str(file.parents[2]), "survey_tables_path": SURVEY_TABLES}
        seconds, database = _timed(lambda: run_dbt(folder, build_arguments(models), variables, is_recorded=True))
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = connection.execute(query).fetchall()
        results = _results(folder)
        each = {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results}
        return {"seconds": _models_seconds(results), "with_dbt": seconds, "models": each, "rows": rows}


def _results(folder: Path) -> list[dict]:
    return json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]


def _models_seconds(results: list[dict]) -> float:
    """Seconds from the first look at the files, which is at their heads, to the end of the last model.

    Lists of folders, of columns, of designs and of what the catalogue names wrongly are made while the seeds are
    loaded; nothing waits for them.
    """
    spans = {
        result["unique_id"].split(".")[-1]: [
            _moment(timing[end]) for timing in result["timing"] for end in ("started_at", "completed_at")
        ]
        for result in results
        if ".int_" in result["unique_id"]
    }
    start = min(spans.pop("int_response_columns"))
    early = {name for name, span in spans.items() if min(span) < start}
    if not early <= {
        "int_response_waves", "int_designs_evidenced", "int_response_findings_in_catalogue", "int_design_measures",
    }:  # fmt: skip
        raise ValueError(f"not on the clock: {early}")
    return (max(map(max, spans.values())) - start).total_seconds()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def polars(file: Path) -> dict:
    """The same point estimates in plain polars: one group-by over the cells, raking in numpy."""
    seconds, rows = _timed(lambda: _polars_estimates(file))
    return {"seconds": seconds, "estimates": rows}


def _polars_estimates(file: Path) -> list[tuple]:
    import polars as pl

    valid = {name: pl.col(name) > (data.NO_NUMBER if name in data.AMOUNTS else data.NO_ANSWER) for name in data.ITEMS}
    cells = (
        pl.scan_parquet(file)
        .group_by(KEYS)
        .agg(
            pl.len().alias("respondents"),
            *(valid[name].sum().alias(f"n_{name}") for name in data.ITEMS),
            *(pl.col(name).cast(pl.Float64).filter(valid[name]).sum().alias(f"y_{name}") for name in data.ITEMS),
        )
        .collect()
    )
    weight = (cells["design_weight"] * cells["respondents"]).to_numpy()
    factor = _raked(
        weight, {column: cells[column].to_numpy() for column in ("industry", "size", "region")}, data.margins(file)
    )
    cells = cells.with_columns((pl.col("design_weight") * pl.Series(factor)).alias("w"))
    rows = []
    for breakdown in data.BREAKDOWNS:
        columns = breakdown.split(";") if breakdown else []
        sums = [
            (pl.col("w") * pl.col(f"{kind}_{name}")).sum().alias(f"{kind}_{name}")
            for name in data.ITEMS
            for kind in "yn"
        ]
        table = cells.group_by(columns).agg(sums) if columns else cells.select(sums)
        for row in table.iter_rows(named=True):
            segment = "|".join(row[column] for column in columns)
            rows += [
                (n, breakdown or "total", segment, row[f"y_{n}"] / row[f"n_{n}"] * (25 if n in data.SCALES else 1))
                for n in data.ITEMS
            ]
    return rows


def _raked(weight: np.ndarray, categories: dict[str, np.ndarray], margins: dict[str, dict[str, float]]) -> np.ndarray:
    factor = np.ones(len(weight))
    for _ in range(1000):
        before = factor.copy()
        for column, counts in margins.items():
            for category, count in counts.items():
                rows = categories[column] == category
                factor[rows] *= count / (weight[rows] * factor[rows]).sum()
        if np.abs(factor / before - 1).max() < 1e-14:
            break
    return factor


def svy(file: Path) -> dict:
    """Two items in the five breakdowns with the Python package svy, design weights, without calibration: seconds per
    item.
    """
    import polars as pl
    from svy import Design, Sample

    columns = ["stratum_id", "industry", "size", "region", "design_weight", "stratum_population_size", *SVY_ITEMS]
    frame = pl.read_parquet(file, columns=columns).with_columns(
        *(
            pl.when(pl.col(n) > (data.NO_NUMBER if n in data.AMOUNTS else data.NO_ANSWER))
            .then(pl.col(n).cast(pl.Float64))
            .alias(n)
            for n in SVY_ITEMS
        ),
    )
    sample = Sample(frame, Design(stratum="stratum_id", wgt="design_weight", pop_size="stratum_population_size"))
    rows, started = [], time.perf_counter()
    for item in SVY_ITEMS:
        for breakdown in data.BREAKDOWNS:
            by = breakdown.split(";") if breakdown else None
            found = sample.estimation.mean(item, by=by, drop_nulls=True)
            rows += _svy_rows(found, item, breakdown)
    return {"seconds_per_item": (time.perf_counter() - started) / len(SVY_ITEMS), "estimates": rows}


def _svy_rows(found: Any, item: str, breakdown: str) -> list[tuple]:
    rows = []
    for estimate in found if isinstance(found, list) else [found]:
        for cell in estimate.estimates:
            level = getattr(cell, "by_level", None) or ()
            segment = "|".join(map(str, level if isinstance(level, (list, tuple)) else [level]))
            rows.append((item, breakdown or "total", segment, cell.est, cell.se))
    return rows


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = run()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    contender, path = sys.argv[1], Path(sys.argv[2])
    found = engine(path, calibrated=False) if contender == "engine_uncalibrated" else globals()[contender](path)
    found["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(found))
