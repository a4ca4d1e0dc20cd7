"""Responses of the estimation benchmark: 120 strata (industry × size), five regions, 40 items, missing answers; written
by DuckDB.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

INDUSTRIES, SIZES, REGIONS = 20, 6, 5
YES_NO = [f"q{number:02d}" for number in range(1, 35)]
SCALES = [f"s{number}" for number in range(1, 5)]
AMOUNTS = ["turnover", "growth"]
ITEMS = [*YES_NO, *SCALES, *AMOUNTS]
BREAKDOWNS = ["", "industry", "size", "region", "industry;size"]
NO_ANSWER, NO_NUMBER = -2, -9000000002


def write_responses(folder: Path, respondents: int, row_weights: bool = False) -> Path:
    """Write one wave with so many respondents below the folder, and return the path of its file.

    The design weight is constant in a stratum, or different in every row (`row_weights`).
    """
    target = folder / "survey_id=bench" / "survey_wave_id=bench_1" / "responses.parquet"
    target.parent.mkdir(parents=True)
    stratum = f"cast(hash(i, 1) % {INDUSTRIES * SIZES} as integer)"
    weight = "2.0 + 0.125 * stratum" + (" + random_part" if row_weights else "")
    yes = "cast(hash(i, {0}) % 100 < {1} + 2 * (stratum % 6) as integer)"
    asked = "case when hash(i, {0}) % 20 = 0 then {1} else {2} end"
    answers = [
        *(
            f"cast({asked.format(k, NO_ANSWER, yes.format(k + 100, 20 + k))} as tinyint) as {name}"
            for k, name in enumerate(YES_NO, 10)
        ),
        *(
            f"cast({asked.format(k, NO_ANSWER, f'hash(i, {k + 100}) % 5')} as tinyint) as {name}"
            for k, name in enumerate(SCALES, 300)
        ),
        *(
            f"cast({asked.format(k, NO_NUMBER, f'(hash(i, {k + 100}) % 100000) / 7.0')} as double) as {name}"
            for k, name in enumerate(AMOUNTS, 500)
        ),
    ]
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (
                select
                    i as respondent_id,
                    'stratum ' || lpad(cast(stratum as varchar), 3, '0') as stratum_id,
                    cast({weight} as double) as design_weight,
                    cast({respondents} // 40 as double) as stratum_population_size,
                    'industry ' || lpad(cast(stratum // {SIZES} as varchar), 2, '0') as industry,
                    'size ' || stratum % {SIZES} as size,
                    'region ' || hash(i, 2) % {REGIONS} as region,
                    {", ".join(answers)}
                from (select i, {stratum} as stratum, (hash(i, 3) % 1000000) / 4e6 as random_part from
                range({respondents}) as r(i))
            ) to '{target}' (format parquet)
        """)
    return target


def margins(file: Path) -> dict[str, dict[str, float]]:
    """Population counts by margin and category: the weighted counts, shifted so that calibration has work to do."""
    counts: dict[str, dict[str, float]] = {}
    with duckdb.connect() as connection:
        for column in ("industry", "size", "region"):
            rows = connection.execute(
                f"select {column}, fsum(design_weight) from '{file}' group by 1 order by 1"
            ).fetchall()
            counts[column] = {
                category: weight * (1 + 0.02 * (number % 5)) for number, (category, weight) in enumerate(rows)
            }
    total = sum(counts["industry"].values())
    return {
        column: {c: n * total / sum(values.values()) for c, n in values.items()} for column, values in counts.items()
    }


def catalogue(
    file: Path, calibrated: bool = True, breakdowns: Sequence[str] = tuple(BREAKDOWNS)
) -> dict[str, list[dict]]:
    """Rows of the response catalogue by seed: every item as a share or mean, in five breakdowns (unless told), raked to
    three margins or not.
    """
    rows: dict[str, list[dict]] = {
        "response_items": [],
        "response_options": [],
        "estimation_measures": [],
        "estimation_scores": [],
        "estimation_breakdowns": [],
        "calibration_margins": [],
    }
    rows["estimation_designs"] = [
        {
            "design_id": "bench",
            "survey_id": "bench",
            "survey_wave_id": "bench_1",
            "stratum_scope": "wave",
            "has_psu": "false",
            "has_population_correction": "true",
            "lonely_stratum": "adjust",
            **(
                {"calibration_method": "raking", "residual_weights": "base", "margin_set_id": "bench"}
                if calibrated
                else {}
            ),
            "measure_set_id": "bench",
            "breakdown_set_id": "bench",
            "interval_level": 0.95,
            "degrees_of_freedom_rule": "design",
        }
    ]
    for name in ITEMS:
        codes = {name in YES_NO: range(2), name in SCALES: range(5)}.get(True, [])
        rows["response_items"].append(
            {
                "survey_wave_id": "bench_1",
                "item_id": name,
                "column_name": name,
                "value_kind": "code" if codes else "number",
                "base_population_id": "caisa_smes",
            }
        )
        rows["response_options"] += [
            {"survey_wave_id": "bench_1", "item_id": name, "code": c, "label_da": c, "label_en": c} for c in codes
        ]
        rows["estimation_measures"].append(
            {
                "measure_set_id": "bench",
                "measure_id": name,
                "statistic": "share" if name in YES_NO else "mean",
                "item_id": name,
                "interval_method": "logit" if name in YES_NO else "wald",
                "is_amount": str(name == "turnover").lower(),
                "base_population_id": "caisa_smes",
            }
        )
        rows["estimation_scores"] += [
            {"measure_set_id": "bench", "measure_id": name, "code": c, "score": c * (1 if name in YES_NO else 25)}
            for c in codes
        ]
    rows["estimation_breakdowns"] = [
        {"breakdown_set_id": "bench", "breakdown_id": b or "total", "breakdown_columns": b} for b in breakdowns
    ]
    rows["calibration_margins"] = [
        {"margin_set_id": "bench", "column_name": column, "category": category, "population_count": repr(count)}
        for column, categories in margins(file).items()
        for category, count in categories.items()
    ]
    return rows
