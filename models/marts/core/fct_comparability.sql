-- Each pair of headline figures, and which facets keep them apart.
with headlines as (
    select * from {{ ref('int_headline_figures_valued') }}
),

facets as (
    select * from {{ ref('int_headline_facets_compared') }}
),

explained as (
    select
        comparison_id,
        left_headline_id,
        right_headline_id,
        count(*) filter (where is_different) as differing_facet_count,
        string_agg(facet, ',' order by sort_order) filter (where is_different) as differing_facets,
        {% for language in ['da', 'en'] -%}
        string_agg(
            facet_label_{{ language }} || ': ' || left_facet_value_{{ language }} || ' ↔ ' || right_facet_value_{{ language }},
            '; ' order by sort_order
        ) filter (where is_different) as explanation_{{ language }},
        {% endfor %}
    from facets
    group by comparison_id, left_headline_id, right_headline_id
)

select
    explained.comparison_id,
    explained.left_headline_id,
    explained.right_headline_id,
    left_side.observation_id as left_observation_id,
    right_side.observation_id as right_observation_id,
    left_side.survey_wave_id as left_survey_wave_id,
    right_side.survey_wave_id as right_survey_wave_id,
    left_side.comparability_group_id as left_comparability_group_id,
    right_side.comparability_group_id as right_comparability_group_id,
    left_side.label_da as left_label_da,
    left_side.label_en as left_label_en,
    right_side.label_da as right_label_da,
    right_side.label_en as right_label_en,
    left_side.observation_value as left_value,
    right_side.observation_value as right_value,
    left_side.value_text_da as left_value_text_da,
    left_side.value_text_en as left_value_text_en,
    right_side.value_text_da as right_value_text_da,
    right_side.value_text_en as right_value_text_en,
    left_side.ci_lower as left_ci_lower,
    left_side.ci_upper as left_ci_upper,
    right_side.ci_lower as right_ci_lower,
    right_side.ci_upper as right_ci_upper,
    left_side.absence_reason_en as left_absence_reason_en,
    right_side.absence_reason_en as right_absence_reason_en,
    coalesce(left_side.comparability_group_id = right_side.comparability_group_id, false) as is_comparable,
    explained.differing_facet_count,
    explained.differing_facets,
    explained.explanation_da,
    explained.explanation_en,
from explained
inner join headlines as left_side on explained.left_headline_id = left_side.headline_id
inner join headlines as right_side on explained.right_headline_id = right_side.headline_id
