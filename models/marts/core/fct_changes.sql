with differences as (
    select * from {{ ref('int_observation_pairs_differenced') }}
)

select
    change_id,
    from_observation_id,
    to_observation_id,
    comparability_group_id,
    change_type,
    changed_dimension,
    evidence_type,
    theme,
    indicator_id,
    base_population_id,
    from_survey_wave_id,
    survey_wave_id as to_survey_wave_id,
    title_da,
    title_en,
    from_label_da,
    from_label_en,
    to_label_da,
    to_label_en,
    {% for dimension in var('breakdown_dimensions') -%}
    {{ dimension }},
    {% endfor -%}
    answer_category_id,
    unit_of_measure,
    from_value,
    to_value,
    round(difference, 6) as difference,
    rounding_half_width,
    standard_error,
    difference - rounding_half_width - {{ var('confidence_level_z') }} * standard_error as ci_lower,
    difference + rounding_half_width + {{ var('confidence_level_z') }} * standard_error as ci_upper,
    interval_method,
    no_interval_reason,
    abs(difference) <= rounding_half_width as is_within_rounding,
    is_disputed,
    source_file,
    from_source_line,
    to_source_line,
from differences
