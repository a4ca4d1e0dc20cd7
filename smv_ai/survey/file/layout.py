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
        " breakdown_set_id change_column change_from change_to interval_level degrees_of_freedom_rule beta_rows"
        " calibration_lower calibration_upper trim_lower trim_upper trim_is_strict replicate_set_id",
        has_psu="boolean", has_population_correction="boolean", interval_level="double", calibration_lower="double",
        calibration_upper="double", trim_lower="double", trim_upper="double", trim_is_strict="boolean",
    ),
    "estimation_measures": _columns(
        "measure_set_id measure_id statistic item_id denominator_item_id interval_method is_amount indicator_id"
        " base_population_id technology_id barrier_id answer_category_id unit_of_measure has_change",
        is_amount="boolean", has_change="boolean",
    ),
    "estimation_scores": _columns("measure_set_id measure_id code score", code="integer", score="double"),
    "estimation_domains": _columns("measure_set_id measure_id column_name category"),
    "estimation_breakdowns": _columns("breakdown_set_id breakdown_id breakdown_columns item_ids"),
    "estimation_quantiles": _columns(
        "measure_set_id measure_id quantile quantile_rule interval_method", quantile="double"
    ),
    "estimation_comparisons": _columns(
        "breakdown_set_id comparison_id breakdown_id_a segment_a breakdown_id_b segment_b family"
    ),
    "calibration_margins": _columns(
        "margin_set_id column_name category within_category population_count is_demonstration",
        population_count="double", is_demonstration="boolean",
    ),
    "calibration_totals": _columns("margin_set_id column_name total", total="double"),
    "replicate_sets": _columns(
        "replicate_set_id source scale is_combined is_mse", scale="double", is_combined="boolean", is_mse="boolean"
    ),
    "replicate_weights": _columns("replicate_set_id column_name rscale", rscale="double"),
    "quality_rules": _columns(
        "survey_wave_id quality_rule_id statistic metric at_least below quality_grade reason_da reason_en holds",
        at_least="double", below="double", holds="boolean",
    ),
    "group_labels": _columns("survey_wave_id column_name category label_da label_en"),
    "response_rates": _columns(
        "survey_id survey_wave_id stratum_id is_total stratum_population_size sampled_count complete_count"
        " partial_count refusal_count no_contact_count other_count unknown_eligibility_count not_eligible_count"
        " eligible_share response_rate_1 response_rate_2 response_rate_3 response_rate_4 weighted_response_rate_1"
        " weighted_response_rate_2 weighted_response_rate_3 weighted_response_rate_4 source_file",
        "double", survey_id="varchar", survey_wave_id="varchar", stratum_id="varchar", is_total="boolean",
        source_file="varchar",
    ),
}  # fmt: skip

# What survey files add to the catalogue and its code lists, with the columns of the seeds that they stand beside.
CATALOGUE: dict[str, dict[str, str]] = {
    "surveys": _columns(
        "survey_id label_da label_en producer statistical_unit sampling_design_en is_cited_only",
        is_cited_only="boolean",
    ),
    "survey_waves": _columns(
        "survey_wave_id survey_id label_da label_en reference_period collection_start_date collection_end_date"
        " fieldwork_lines collection_mode mode_lines invited invited_lines answered answered_lines valid valid_lines"
        " weighting_method weighting_lines population_da population_en population_lines frame_en frame_lines"
        " publication_id previous_survey_wave_id design_effect design_effect_basis",
        collection_start_date="date", collection_end_date="date", invited="integer", answered="integer",
        valid="integer", design_effect="double",
    ),
    "base_populations": _columns(
        "base_population_id survey_id label_da label_en base_kind size_limits parent_base_population_id publication_id"
        " source_lines"
    ),
    "indicators": _columns("indicator_id label_da label_en construct theme definition_en"),
    "comparability_groups": _columns(
        "comparability_group_id indicator_id base_population_id title_da title_en break_note_en"
    ),
    "questions": _columns(
        "question_id survey_wave_id question_number question_type wording_da wording_en asked_of toe_category toe_lines"
        " indicator_id extent_printed source_lines",
        question_number="integer",
    ),
    "answer_options": _columns(
        "answer_option_id question_id option_order label_da label_en source_line",
        option_order="integer", source_line="integer",
    ),
    "answer_categories": _columns(
        "answer_category_id sort_order label_da label_en category_set description_en", sort_order="integer"
    ),
    "codes": _columns(
        "codelist_id code_id sort_order label_da label_en description_da description_en", sort_order="integer"
    ),
    "constructs": _columns("construct sort_order label_da label_en", sort_order="integer"),
    "units": _columns(
        "unit_of_measure label_da label_en symbol_da symbol_en minimum_value maximum_value",
        minimum_value="double", maximum_value="double",
    ),
}  # fmt: skip

TABLES = {**ESTIMATION, **CATALOGUE}
