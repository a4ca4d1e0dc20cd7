-- What each estimate is an estimate of: its evidence, and the key of the observation that it is, in the unit of the catalogue.
with estimates as (
    select * from {{ ref('int_estimates_protected') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

evidence as (
    select * from {{ ref('int_designs_evidenced') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

cells as (
    select * from {{ ref('int_response_cell_weights') }}
),

-- their number of firms tells how many gave the answer that defines the base
on_answered_bases as (
    select distinct
        design_id,
        dependent_id as measure_id,
    from {{ ref('int_disclosure_bases') }}
),

-- how far an answer is from the next one
score_gaps as (
    select
        design_id,
        measure_id,
        min(next_score - score) as score_gap,
    from (
        select
            *,
            lead(score) over (partition by design_id, measure_id order by score) as next_score,
        from {{ ref('int_disclosure_answer_scores') }}
    ) as followed
    where next_score > score
    group by design_id, measure_id
),

-- equal weights are no weights
wave_weights as (
    select
        survey_wave_id,
        fsum(sum_d order by cell_id) <= min(lowest_weight) * sum(respondents) * (1 + 1e-9) as is_unweighted,
    from cells
    group by survey_wave_id
),

described as (
    select
        estimates.*,
        designs.survey_id,
        designs.survey_wave_id,
        designs.earlier_survey_wave_id,
        evidence.evidence_type,
        evidence.response_folder as source_file,
        measures.indicator_id,
        measures.base_population_id,
        {% for dimension in var('breakdown_dimensions') -%}
        {% if dimension in var('group_dimensions') -%}
        coalesce(estimates.categories[list_position(estimates.column_names, '{{ dimension }}')], 'total') as {{ dimension }},
        {% else -%}
        measures.{{ dimension }},
        {% endif -%}
        {% endfor -%}
        coalesce(measures.answer_category_id, 'total') as answer_category_id,
        measures.unit_of_measure,
        cast(null as integer) as label_position,
        measures.indicator_id is not null
        and list_has_all({{ var('group_dimensions') }}, estimates.column_names) as is_observation,
        case
            when designs.calibration_method is not null then 'calibrated'
            when wave_weights.is_unweighted then 'unweighted'
            else 'weighted'
        end as weighting_method,
        -- a part of one is shown in per cent
        case when measures.unit_of_measure = 'percent' then 100.0 else 1.0 end as value_factor,
        -- how far three respondents with the largest weight move the estimate together: to the next answer, or by a standard deviation
        (1 + cast(estimates.is_change as integer)) * 3 * estimates.largest_weight * case
            when estimates.statistic = 'share' then 1 / nullif(estimates.sum_weights, 0)
            when estimates.statistic in ('total', 'population') then 1
            else greatest(estimates.standard_error * sqrt(estimates.respondents), score_gaps.score_gap) / nullif(estimates.sum_weights, 0)
        end as worth_of_three,
        on_answered_bases.measure_id is not null as is_on_answered_base,
        estimates.is_suppressed or estimates.quality_grade = 'do_not_publish' as is_withheld,
    from estimates
    inner join designs on estimates.design_id = designs.design_id
    inner join evidence on designs.design_id = evidence.design_id and designs.survey_wave_id = evidence.survey_wave_id
    inner join measures on designs.measure_set_id = measures.measure_set_id and estimates.measure_id = measures.measure_id
    left join on_answered_bases
        on estimates.design_id = on_answered_bases.design_id and estimates.measure_id = on_answered_bases.measure_id
    left join score_gaps on estimates.design_id = score_gaps.design_id and estimates.measure_id = score_gaps.measure_id
    inner join wave_weights on designs.survey_wave_id = wave_weights.survey_wave_id
)

select
    {{ estimate_keys() }}
    survey_id,
    survey_wave_id,
    earlier_survey_wave_id,
    evidence_type,
    indicator_id,
    base_population_id,
    {% for dimension in var('breakdown_dimensions') -%}
    {{ dimension }},
    {% endfor -%}
    answer_category_id,
    unit_of_measure,
    label_position,
    is_observation,
    case when is_observation then {{ observation_id() }} end as observation_id,
    weighting_method,
    cast(case when is_on_answered_base then 5 * round(respondents / 5) else respondents end as integer) as sample_size,
    is_on_answered_base,
    respondents,
    cast(value_factor as double) as value_factor,
    value_factor * worth_of_three as worth_of_three,
    {% for column in ['estimate', 'standard_error', 'ci_lower', 'ci_upper'] -%}
    case when not is_withheld then value_factor * {{ column }} end as {{ column }},
    {% endfor -%}
    {% for column in ['interval_method', 'degrees_of_freedom', 'design_effect', 'effective_sample_size', 't_statistic', 'p_value'] -%}
    case when not is_withheld then {{ column }} end as {{ column }},
    {% endfor -%}
    interval_level,
    quality_grade,
    -- which rule an unreliable estimate breaks would tell where it lies: 0 or 100 %, a small share, a wide interval
    case
        when not is_withheld or quality_rule_ids = 'no_standard_error' then quality_rule_ids
        when not is_suppressed then 'unreliable'
    end as quality_rule_ids,
    is_listed,
    is_withheld,
    is_suppressed,
    -- and whether a suppressed one is hidden for itself or for another, that it is small
    case when is_suppressed then 'confidential' end as suppression_reason,
    source_file,
from described
