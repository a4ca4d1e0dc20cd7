-- Each pair of headline figures, and which facets keep them apart.
with headlines as (
    select * from {{ ref('stg_catalogue__headline_figures') }}
),

facets as (
    select * from {{ ref('stg_catalogue__headline_facets') }}
),

facet_names as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'comparability_facets'
),

observations as (
    select * from {{ ref('int_observations_labelled') }}
),

figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

valued as (
    select
        headlines.*,
        waves.survey_id,
        observations.observation_id,
        observations.comparability_group_id,
        observations.observation_value,
        observations.value_text_da,
        observations.value_text_en,
        observations.ci_lower,
        observations.ci_upper,
    from headlines
    inner join waves on headlines.survey_wave_id = waves.survey_wave_id
    left join figures on headlines.figure_id = figures.figure_id
    left join observations
        on figures.observation_id = observations.observation_id
        or headlines.derivation_id = observations.figure_id
),

compared_facets as (
    select
        left_facets.headline_id as left_headline_id,
        right_facets.headline_id as right_headline_id,
        string_agg(left_facets.facet, ',' order by facet_names.sort_order) as differing_facets,
        string_agg(
            facet_names.label_da || ': ' || left_facets.value_da || ' ↔ ' || right_facets.value_da, '; ' order by facet_names.sort_order
        ) as explanation_da,
        string_agg(
            facet_names.label_en || ': ' || left_facets.value_en || ' ↔ ' || right_facets.value_en, '; ' order by facet_names.sort_order
        ) as explanation_en,
        count(*) as differing_facet_count,
    from facets as left_facets
    inner join facets as right_facets on left_facets.facet = right_facets.facet
    inner join facet_names on left_facets.facet = facet_names.code_id
    -- a facet that neither source states is unknown, which is a difference that nobody can rule out
    where left_facets.facet_code <> right_facets.facet_code or left_facets.facet_code = 'not_stated'
    group by left_facets.headline_id, right_facets.headline_id
)

select
    left_side.headline_id || '__' || right_side.headline_id as comparison_id,
    left_side.headline_id as left_headline_id,
    right_side.headline_id as right_headline_id,
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
    coalesce(left_side.value_text_da, '–') as left_value_text_da,
    coalesce(left_side.value_text_en, '–') as left_value_text_en,
    coalesce(right_side.value_text_da, '–') as right_value_text_da,
    coalesce(right_side.value_text_en, '–') as right_value_text_en,
    left_side.ci_lower as left_ci_lower,
    left_side.ci_upper as left_ci_upper,
    right_side.ci_lower as right_ci_lower,
    right_side.ci_upper as right_ci_upper,
    left_side.absence_reason_en as left_absence_reason_en,
    right_side.absence_reason_en as right_absence_reason_en,
    coalesce(left_side.comparability_group_id = right_side.comparability_group_id, false) as is_comparable,
    coalesce(compared_facets.differing_facet_count, 0) as differing_facet_count,
    compared_facets.differing_facets,
    compared_facets.explanation_da,
    compared_facets.explanation_en,
from valued as left_side
inner join valued as right_side on left_side.sort_order < right_side.sort_order
left join compared_facets
    on left_side.headline_id = compared_facets.left_headline_id
    and right_side.headline_id = compared_facets.right_headline_id
