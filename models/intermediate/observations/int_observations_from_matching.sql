-- Mean growth of treated firms and of their neighbours as observations: outcomes of a study that are an indicator of the catalogue.
-- The difference between the two is no observation: int_observation_pairs_differenced has it, with the error that the matching gives.
with comparisons as (
    select * from {{ ref('stg_matching__comparisons') }}
    where outcome_role = 'outcome' and outcome_kind = 'percent_growth' and indicator_id is not null
),

matchings as (
    select * from {{ ref('stg_matching__matchings') }}
    where by_value = ''
),

protected as (
    select * from {{ ref('int_matching_protected') }}
    where not_computed_rule is null
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

evidence_types as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'evidence_types'
),

grouped as (
    {% for group, side, firms in [('ai_users', 'treated', 'treated_matched'), ('non_users', 'control', 'controls_used')] -%}
    select
        comparison_number,
        matching_number,
        '{{ group }}' as ai_use_group_id,
        is_suppressed,
        cast({{ firms }} as integer) as sample_size,
        {{ released_value("'percent_growth'", 'mean_' ~ side) }} as observation_value,
        {{ released_value("'percent_growth'", 'standard_error_' ~ side) }} as standard_error,
        {{ released_value("'percent_growth'", 'mean_' ~ side ~ ' - interval_quantile * standard_error_' ~ side) }} as ci_lower,
        {{ released_value("'percent_growth'", 'mean_' ~ side ~ ' + interval_quantile * standard_error_' ~ side) }} as ci_upper,
        cast(treated_matched as integer) as treated_matched_count,
        cast(controls_used as integer) as controls_used_count,
        {{ released_value("'percent_growth'", 'estimate') }} as matched_difference,
        {{ released_value("'percent_growth'", 'standard_error') }} as matched_standard_error,
        {{ released_value("'percent_growth'", 'ci_lower') }} as matched_ci_lower,
        {{ released_value("'percent_growth'", 'ci_upper') }} as matched_ci_upper,
        round(p_value, 4) as matched_p_value,
    from protected
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

described as (
    select
        comparisons.survey_wave_id,
        comparisons.indicator_id,
        comparisons.base_population_id,
        {% for dimension in var('breakdown_dimensions') if dimension != 'ai_use_group_id' -%}
        'total' as {{ dimension }},
        {% endfor -%}
        grouped.ai_use_group_id,
        'total' as answer_category_id,
        cast(null as integer) as label_position,
        matchings.evidence_type,
        comparisons.comparison_id as matched_comparison_id,
        {% for column in [
            'treated_matched_count', 'controls_used_count', 'matched_difference', 'matched_standard_error', 'matched_ci_lower',
            'matched_ci_upper', 'matched_p_value',
        ] -%}
        grouped.{{ column }},
        {% endfor -%}
        indicators.construct,
        indicators.theme,
        'digits' as value_form,
        grouped.observation_value,
        'percent_change' as unit_of_measure,
        '=' as value_qualifier,
        'exact' as value_direction,
        1 as printed_decimals,
        0.0 as half_width,
        grouped.sample_size,
        grouped.standard_error,
        grouped.ci_lower,
        grouped.ci_upper,
        case when not grouped.is_suppressed then 'abadie_imbens' end as interval_method,
        case when grouped.is_suppressed then 'suppressed' end as no_interval_reason,
        'unweighted' as weighting_method,
        case when grouped.is_suppressed then 'suppressed' else 'normal' end as observation_status,
        false as is_cited_evidence,
        list_min(comparisons.outcome_years) || '/' || list_max(comparisons.outcome_years) as reference_period,
        0 as occurrence_count,
        'panels/' || matchings.study_id || '.yml' as source_file,
        {{ matching_citation() }} as citation,
    from grouped
    inner join comparisons on grouped.comparison_number = comparisons.comparison_number
    inner join matchings on grouped.matching_number = matchings.matching_number
    inner join indicators on comparisons.indicator_id = indicators.indicator_id
    inner join evidence_types on matchings.evidence_type = evidence_types.code_id
    left join publications on comparisons.publication_id = publications.publication_id
)

select
    *,
    {{ observation_id() }} as observation_id,
from described
