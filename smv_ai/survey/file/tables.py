"""The tables that survey files expand to, with their columns and types: what the models of dbt read."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def _columns(names: str, kind: str = "varchar", **others: str) -> dict[str, str]:
    return {name: others.get(name, kind) for name in names.split()}


ESTIMATION: dict[str, dict[str, str]] = {
    "response_items": _columns(
        "survey_wave_id item_id column_name value_kind question_id base_population_id asked_if_column asked_if_values"
    ),
    "response_options": _columns(
        "survey_wave_id item_id code answer_category_id label_da label_en", code="integer"
    ),
    "derived_columns": _columns(
        "survey_wave_id column_name rule_order value at_least if_columns if_values",
        rule_order="integer", at_least="integer",
    ),
    "estimation_designs": _columns(
        "design_id survey_id survey_wave_id earlier_survey_wave_id stratum_scope has_psu has_population_correction"
        " lonely_stratum calibration_method residual_weights calibration_within_column margin_set_id measure_set_id"
        " breakdown_set_id change_column change_from change_to interval_level degrees_of_freedom_rule beta_rows",
        has_psu="boolean", has_population_correction="boolean", interval_level="double",
    ),
    "estimation_measures": _columns(
        "measure_set_id measure_id statistic item_id denominator_item_id interval_method is_amount indicator_id"
        " base_population_id technology_id barrier_id answer_category_id unit_of_measure has_change",
        is_amount="boolean", has_change="boolean",
    ),
    "estimation_scores": _columns("measure_set_id measure_id code score", code="integer", score="double"),
    "estimation_domains": _columns("measure_set_id measure_id column_name category"),
    "estimation_breakdowns": _columns("breakdown_set_id breakdown_id breakdown_columns"),
    "calibration_margins": _columns(
        "margin_set_id column_name category within_category population_count is_demonstration",
        population_count="double", is_demonstration="boolean",
    ),
}  # fmt: skip

TABLES = {**ESTIMATION}
