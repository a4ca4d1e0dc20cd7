{{ config(materialized='ephemeral') }}
-- Sums of weights, margins and populations that cannot be of the same firms. Weights that add up to the respondents or less are relative and
-- may have any scale, where nothing is added up. Frames and registers of other years differ, weights before calibration lack all who did not
-- answer: only what is ten times off cannot be.
with scales as (
    select * from {{ ref('int_design_scales') }}
    where not has_two_waves
),

totals as (
    select
        designs.design_id,
        min(measures.measure_id) as measure_id,
    from {{ ref('stg_responses__estimation_designs') }} as designs
    inner join {{ ref('stg_responses__estimation_measures') }} as measures on designs.measure_set_id = measures.measure_set_id
    where measures.statistic in ('total', 'population')
    group by designs.design_id
),

compared as (
    select
        scales.*,
        totals.measure_id,
        case
            when margin_total < respondents * (1 - 1e-6) then 'the margins add up to fewer firms than answered'
            when margin_total not between population / 10 and population * 10
                then 'the margins add up to less than a tenth or more than ten times the population'
            when sum_weights > 10 * margin_total and sum_weights > respondents * (1 + 1e-6)
                then 'the weights add up to more than ten times the margins'
            when margin_total is null and totals.measure_id is not null and sum_weights < respondents * (1 - 1e-6)
                then 'the weights add up to fewer firms than answered, and measure ' || totals.measure_id || ' is a total'
            when margin_total is null and totals.measure_id is not null and sum_weights > 10 * population
                then 'the weights add up to more than ten times the population, and measure ' || totals.measure_id || ' is a total'
        end as contradiction,
    from scales
    left join totals on scales.design_id = totals.design_id
)

select
    survey_id,
    survey_wave_id,
    'scales_agree' as rule,
    'design ' || design_id || ' cannot be right: ' || contradiction || ' ('
    || coalesce('sum of margins ' || {{ count_text('margin_total') }} || ', ', '') || 'sum of weights ' || {{ count_text('sum_weights') }}
    || ', sum of populations ' || coalesce({{ count_text('population') }}, 'not known') || ', respondents ' || {{ count_text('respondents') }}
    || '); write all of them as numbers of firms' as finding,
    cast(null as varchar) as condition,
    cast(null as varchar) as subject,
    cast(null as varchar) as category,
from compared
where contradiction is not null
