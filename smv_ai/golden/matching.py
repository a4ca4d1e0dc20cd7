"""Cases of matched comparisons (cases_matching.jsonl): each becomes a study with a panel for the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.golden.build import PLAN, build_arguments, link_project, run_dbt
from smv_ai.golden.cases import Case
from smv_ai.matching.panel import Panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.rows import condition
from smv_ai.matching.study import Outcome, Study
from smv_ai.matching.terms import Term
from smv_ai.sql.quoting import identifier, literal
from smv_ai.sql.rows import only_row

MODELS = "+fqn:smv_ai.intermediate.matching"
CASES_FILE = "cases_matching.jsonl"
# The panel of a case has two years: that of the first outcome column, with everything else, and that of the last.
BASE_YEAR, END_YEAR = 0, 1
OUTCOME = "outcome of the case"
EFFECT_STATS = {
    "estimate": "estimate",
    "standard_error": "standard_error",
    "z": "z",
    "p_value": "p_value",
    "ci_lower": "ci_lower",
    "ci_upper": "ci_upper",
    "estimate_adjusted": "estimate_adjusted",
    "standard_error_adjusted": "standard_error_adjusted",
    "n_treated": "treated",
    "n_controls": "controls",
    "n_treated_matched": "treated_matched",
    "n_controls_used": "controls_used",
    "n_pairs": "pairs",
}
BALANCE_STATS = [
    f"{s}_{w}" for w in ("before", "after") for s in ("mean_treated", "mean_control", "smd", "variance_ratio")
]


def matching_cases(folder: Path) -> list[Case]:
    """The matching cases of a folder, in the order of its file; none where it has no such file."""
    path = folder / CASES_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Case(folder, json.loads(line)) for line in lines if line.strip()]


def study_of(case: Case) -> Study:
    """The study that a case asks for: one outcome, every column in the same year."""
    spec = case.spec
    return Study(
        study_id=case.case_id, label_da=case.case_id, label_en=case.case_id, base_year=BASE_YEAR, end_year=END_YEAR,
        treatment=spec["treatment"], exact=spec["exact"], match_on=[Term(column) for column in spec["match_on"]],
        outcomes=[Outcome(column=Term(OUTCOME), kind=spec["outcome"]["kind"], trim=spec["trim_outcome"])],
        balance=[Term(column) for column in spec["balance"]],
        **{name: spec[name] for name in (
            "distance", "neighbours", "ties", "caliper", "variance_neighbours", "bias_adjust", "level"
        )},
    )  # fmt: skip


def results_of(cases: list[Case], folder: Path) -> dict[str, dict[tuple[str, str, str, str], float]]:
    """Values of the cases by (variable, level, segment, stat), from one dbt build in the folder. Raises BuildError."""
    link_project(folder)
    panels = [_panel(case, folder) for case in cases]
    write_plan(panels, folder / PLAN)
    database = run_dbt(folder, build_arguments(MODELS))
    with duckdb.connect(str(database), read_only=True) as connection:
        return {case.case_id: _values(connection, case) for case in cases}


def _panel(case: Case, folder: Path) -> Panel:
    """Write the rows of the case as a panel of two years and return it with the relation that reads it."""
    spec = case.spec
    path = folder / "panels" / f"{case.case_id}.parquet"
    path.parent.mkdir(exist_ok=True)
    numbers = dict.fromkeys([spec["treatment"], *spec["match_on"], *spec["balance"]])
    texts = [column for column in spec["exact"] if column not in numbers]
    conditions = [
        condition("source", column, value if isinstance(value, list) else [value])
        for column, value in (spec["where"] or {}).items()
    ]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table source as select * from read_csv({literal(case.folder / spec['data'])}, all_varchar = true,"
            " header = true, delim = ',', quote = '\"', nullstr = '') as source"
            f" where {' and '.join(conditions) or 'true'}"
        )
        kind = _id_type(connection, spec["id"])
        years = [
            ", ".join(
                [
                    f"cast({identifier(spec['id'])} as {kind}) as firm_id",
                    f"{year} as year",
                    f"cast({identifier(column)} as double) as {identifier(OUTCOME)}",
                    *map(identifier, texts),
                    *(f"cast({identifier(number)} as double) as {identifier(number)}" for number in numbers),
                ]
            )
            for year, column in zip((BASE_YEAR, END_YEAR), _outcome_columns(spec), strict=True)
        ]
        rows = " union all ".join(f"select {columns} from source" for columns in years)
        connection.execute(f"copy ({rows}) to {literal(path)} (format parquet)")
    return Panel(study_of(case), f"read_parquet({literal(path)})")


def _outcome_columns(spec: dict[str, Any]) -> tuple[str, str]:
    """Columns of the outcome in the base year and the end year; a level has the latter only."""
    columns = spec["outcome"]["columns"]
    return columns[0], columns[-1]


def _id_type(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """Whole numbers where all ids are, so that they sort as numbers and are written as in the file."""
    for kind in ("bigint", "double"):
        is_one = f"bool_and(try_cast({identifier(column)} as {kind}) is not null)"
        if only_row(connection.execute(f"select {is_one} from source"))[0]:
            return kind
    return "varchar"


def _values(connection: duckdb.DuckDBPyConnection, case: Case) -> dict[tuple[str, str, str, str], float]:
    def rows(query: str) -> list[tuple]:
        return connection.execute(query, [f"{case.case_id}/%"]).fetchall()

    found: dict[tuple[str, str, str, str], Any] = {}
    of_case = "inner join staging.stg_matching__matchings as matchings using (matching_number) where matching_id like ?"
    columns = ", ".join(EFFECT_STATS.values())
    for row in rows(f"select {columns} from intermediate.int_matching_results {of_case}"):
        found |= {("effect", "", "", stat): value for stat, value in zip(EFFECT_STATS, row, strict=True)}
    for name, *row in rows(
        f"select column_name, {', '.join(BALANCE_STATS)} from intermediate.int_matching_balance {of_case}"
    ):
        found |= {("balance", name, "", stat): value for stat, value in zip(BALANCE_STATS, row, strict=True)}
    if case.get("pairs"):
        query = (
            "select treated.firm_id, controls.firm_id, pair_weight from intermediate.int_matching_pairs as pairs"
            " inner join intermediate.int_matching_outcomes as treated using (matching_number, firm_number)"
            " inner join intermediate.int_matching_outcomes as controls"
            " on pairs.matching_number = controls.matching_number and pairs.control_number = controls.firm_number"
            " inner join staging.stg_matching__matchings as matchings"
            " on pairs.matching_number = matchings.matching_number"
            " where matching_id like ?"
        )
        found |= {("pairs", treated, control, "pair_weight"): weight for treated, control, weight in rows(query)}
    return {key: value for key, value in found.items() if value is not None}
