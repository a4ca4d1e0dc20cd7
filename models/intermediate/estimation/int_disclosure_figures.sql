-- What is shown and what is hidden of each question with a hidden count: the figures whose digits must not give it away.
with estimates as (
    select * from {{ ref('int_estimates_described') }}
    where not is_change
),

cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

suppressions as (
    select * from {{ ref('int_suppressions_united') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

-- numbers are protected as amounts are
asked as (
    select distinct
        design_id,
        measure_id,
        item_id,
    from {{ ref('int_disclosure_answer_scores') }}
),

figures as (
    select
        estimates.estimate_number,
        estimates.design_id,
        estimates.survey_wave_id,
        estimates.measure_id,
        asked.item_id,
        estimates.breakdown_id,
        estimates.statistic,
        estimates.value_factor,
        estimates.estimate,
        estimates.standard_error,
        estimates.ci_lower,
        estimates.ci_upper,
        estimates.interval_method,
        estimates.is_suppressed,
        -- hidden for a rare answer alone, which anybody knows who knows the rule
        coalesce(
            suppressions.suppression_reason = 'few_answers' and cells.has_rare_answer and not cells.is_sensitive, false
        ) as is_rare,
        {{ released_step('estimates.standard_error', 'estimates.unit_of_measure', 'estimates.worth_of_three') }} as least_step,
        {{ disclosure_threshold() }} as disclosure_threshold,
    from estimates
    inner join asked on estimates.design_id = asked.design_id and estimates.measure_id = asked.measure_id
    inner join cells on estimates.estimate_number = cells.estimate_number
    left join suppressions on estimates.estimate_number = suppressions.estimate_number
    qualify bool_or(estimates.is_suppressed) over (partition by estimates.design_id, asked.item_id)
)

select
    figures.*,
    design_measures.measure_number,
from figures
inner join design_measures on figures.design_id = design_measures.design_id and figures.measure_id = design_measures.measure_id
