with observations as (
    select * from {{ ref('int_published_observations_united') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

index_errors as (
    select * from {{ ref('int_index_standard_errors') }}
),

distributions as (
    select distinct distribution_indicator_id as indicator_id from {{ ref('stg_catalogue__index_scores') }}
),

disputed as (
    select distinct observation_id from {{ ref('int_source_checks_disputed_shares') }}
),

reasoned as (
    select
        observations.*,
        indicators.construct,
        indicators.theme,
        waves.design_effect,
        index_errors.standard_error as index_standard_error,
        observations.sample_size / waves.design_effect as effective_sample_size,
        case
            when indicators.theme = 'response' or observations.unit_of_measure in ('firms', 'interviews', 'countries')
                then 'count_without_sampling_error'
            when distributions.indicator_id is not null and observations.answer_category_id = 'total' then 'whole_by_definition'
            when observations.observation_status in ('label_uncertain', 'ocr_uncertain', 'base_uncertain') then observations.observation_status
            when observations.value_qualifier in ('<', '>') then 'bound_only'
            when observations.value_qualifier = '~' or observations.value_form = 'word_fraction' then 'approximate_wording'
            when observations.unit_of_measure = 'percent_change' then 'variance_not_published'
            when disputed.observation_id is not null then 'disputed_share'
            when observations.unit_of_measure = 'index_points' and index_errors.standard_error is null then 'sample_size_not_published'
            when observations.sample_size is null and observations.observation_status = 'derived' then 'derived_without_sample_size'
            when observations.sample_size is null then 'sample_size_not_published'
            when waves.design_effect is null then 'ineligible_design_effect'
        end as no_interval_reason,
    from observations
    inner join indicators on observations.indicator_id = indicators.indicator_id
    inner join waves on observations.survey_wave_id = waves.survey_wave_id
    left join distributions on observations.indicator_id = distributions.indicator_id
    left join disputed on observations.observation_id = disputed.observation_id
    -- an index is recomputable for the whole sample only
    left join index_errors
        on observations.survey_wave_id = index_errors.survey_wave_id
        and observations.indicator_id = index_errors.indicator_id
        and observations.base_population_id = index_errors.base_population_id
        {% for dimension in var('breakdown_dimensions') -%}
        and observations.{{ dimension }} = 'total'
        {% endfor %}
),

methods as (
    select
        *,
        case
            when no_interval_reason is not null then null
            when unit_of_measure = 'index_points' then 'normal_distribution_rounding'
            else 'wilson_rounding'
        end as interval_method,
        (observation_value - half_width) / 100 as share_lower,
        (observation_value + half_width) / 100 as share_upper,
    from reasoned
)

select
    * exclude (share_lower, share_upper, index_standard_error, effective_sample_size),
    case when interval_method is not null then effective_sample_size end as effective_sample_size,
    case interval_method
        when 'wilson_rounding' then 100 * sqrt(observation_value / 100 * (1 - observation_value / 100) / effective_sample_size)
        when 'normal_distribution_rounding' then index_standard_error
    end as standard_error,
    case interval_method
        when 'wilson_rounding' then 100 * {{ wilson_bound('greatest(0, share_lower)', 'effective_sample_size', 'lower') }}
        when 'normal_distribution_rounding' then observation_value - half_width - {{ var('confidence_level_z') }} * index_standard_error
    end as ci_lower,
    case interval_method
        when 'wilson_rounding' then 100 * {{ wilson_bound('least(1, share_upper)', 'effective_sample_size', 'upper') }}
        when 'normal_distribution_rounding' then observation_value + half_width + {{ var('confidence_level_z') }} * index_standard_error
    end as ci_upper,
from methods
