"""The models that protect the demonstration's figures, run anew with a rule of theirs switched off: no dbt, seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
from support.algebra_attack import TABLES, THRESHOLD
from support.project import PROJECT

COMPILED = PROJECT / "target" / "demo" / "compiled" / "smv_ai" / "models" / "intermediate"
# from what is sensitive to what is shown, each after those that it reads
CHAIN = [
    "int_disclosure_cells", "int_suppressions_one_way", "int_suppressions_crossed", "int_suppressions_by_measure",
    "int_suppressions_united", "int_estimates_graded", "int_estimates_protected", "int_estimates_described",
    "int_estimates_rounded", "int_estimates_labelled", "int_estimates_shown", "int_group_differences_shown",
    "int_shares_of_totals_shown", "int_independence_tests_shown", "int_quantiles_shown",
    "int_response_rates_protected",
]  # fmt: skip
# what the attacks know of the truth: which figures must not be shown
TRUTH = {
    "measured": """
        select design_id, measure_id, item_id from staging.stg_responses__estimation_designs
        inner join staging.stg_responses__estimation_measures using (measure_set_id)
    """,
    "on_bases": "select distinct design_id, dependent_id as measure_id from intermediate.int_disclosure_bases",
    "rare_answers": """
        select design_id, measure_id, breakdown_id, segment, rarest_answer_count
        from intermediate.int_disclosure_rarest_answers
        inner join intermediate.int_estimates using (estimate_number) where not is_change
    """,
    "rare_bases": """
        select bases.design_id, bases.dependent_id as measure_id, breakdown_id, segment
        from intermediate.int_disclosure_bases as bases inner join rare_answers
            on bases.design_id = rare_answers.design_id and bases.measure_id = rare_answers.measure_id
        where bases.is_wider and rarest_answer_count > 0 and rarest_answer_count < 5
    """,
    "dominated": """
        select design_id, measure_id, breakdown_id, segment
        from "smv_ai"."intermediate"."int_estimates" where is_amount and two_largest_share > 0.85 and not is_change
    """,
    "widths": """
        select estimate_number, ci_upper - ci_lower as width, coalesce(at_least, below) as width_limit
        from "smv_ai"."intermediate"."int_estimates"
        inner join "smv_ai"."intermediate"."int_quality_rules" using (design_id, statistic)
        where is_change and metric = 'interval_width'
    """,
    "numbered": """
        select truth.design_id, truth.measure_id, truth.column_names, truth.categories, shown.sample_size,
            least(truth.smallest_respondents, truth.segment_unit_count) < {few} as is_tabled
        from "smv_ai"."intermediate"."int_estimates" as truth
        inner join fct_estimates as shown using (estimate_number)
        where not truth.is_change and (truth.design_id, truth.measure_id) not in (from on_bases)
        qualify dense_rank() over (partition by truth.design_id order by truth.measure_id) <= 5
    """,
}


def compiled(model: str) -> str:
    """The SQL of a model of the demonstration as dbt ran it."""
    [path] = COMPILED.glob(f"*/{model}.sql")
    return path.read_text(encoding="utf-8")


class Switched:
    """A build file beside which models can be run anew. The attacks read `connection`."""

    def __init__(self, build_file: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{build_file}' as smv_ai (read_only)")
        self.connection.execute("use smv_ai")

    def show(
        self,
        rules: dict[str, tuple[str, str]] | None = None,
        models: dict[str, str] | None = None,
        few: int = THRESHOLD,
        read: Iterable[str] = TABLES,
    ) -> int:
        """Run the chain from the first model that differs.

        `rules`: by model, a text of it and what stands in its place; `models`: queries that stand for whole models;
        `few`: so many firms are enough for a cell, where the demonstration's tables are to hide more than they do. It
        is returned. `read`: the tables that are needed beside the estimates.
        """
        names: dict[str, str] = {}
        for model, query in (models or {}).items():
            self._make(model, query, names)
        skipped = {model for table, model in TABLES.items() if table not in {*read, "fct_estimates"}}
        for model in (one for one in CHAIN if one not in skipped):
            text = compiled(model)
            if rules and model in rules:
                old, new = rules[model]
                assert old in text, f"{model} has no '{old}' any more: switch its rule off otherwise"
                text = text.replace(old, new)
            text = text.replace(f"greatest(3, {THRESHOLD})", f"greatest(3, {few})")
            is_other = text != compiled(model) or any(name in text for name in names)
            if is_other and model not in (models or {}):
                self._make(model, text, names)
        for table, model in TABLES.items():
            place = names.get(_name(model), f"smv_ai.intermediate.{model}")
            self.connection.execute(f"create or replace temp view {table} as from {place}")
        for name, query in TRUTH.items():
            query = _renamed(query.replace("{few}", str(few)), names)
            self.connection.execute(f"create or replace temp view {name} as {query}")
        return few

    def _make(self, model: str, query: str, names: dict[str, str]) -> None:
        self.connection.execute(f"create or replace temp table {model} as {_renamed(query, names)}")
        names[_name(model)] = f"temp.{model}"


def _name(model: str) -> str:
    schema = "staging" if model.startswith("stg_") else "intermediate"
    return f'"smv_ai"."{schema}"."{model}"'


def _renamed(query: str, names: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, names)) or "(?!)", lambda found: names[found[0]], query)
