with graded as (
    select * from {{ ref('int_estimates_graded') }}
),

cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

one_way as (
    select * from {{ ref('int_suppressions_one_way') }}
),

crossed as (
    select * from {{ ref('int_suppressions_crossed') }}
),

-- a table whose total is sensitive is withdrawn with all its breakdowns
withdrawn_totals as (
    select
        design_id,
        measure_id,
    from cells
    where len(column_names) = 0 and not is_change and (has_few_firms or is_dominated)
),

reasons as (
    select
        estimate_number,
        'few_firms' as suppression_reason,
    from cells
    where has_few_firms
    union all
    select
        estimate_number,
        'dominance' as suppression_reason,
    from cells
    where is_dominated
    union all
    select
        estimate_number,
        suppression_reason,
    from one_way
    union all
    select
        estimate_number,
        suppression_reason,
    from crossed
    union all
    select
        cells.estimate_number,
        'withdrawn' as suppression_reason
    from cells
    inner join withdrawn_totals on cells.design_id = withdrawn_totals.design_id and cells.measure_id = withdrawn_totals.measure_id
),

suppressed as (
    select
        estimate_number,
        min(suppression_reason) as suppression_reason,
    from reasons
    group by estimate_number
),

-- a crossing of three or more columns goes as a whole where anything that its cells add up to is hidden
withdrawn_crossings as (
    select distinct
        higher.design_id,
        higher.measure_id,
        higher.breakdown_id,
    from cells as higher
    inner join cells as lower
        on higher.design_id = lower.design_id
        and higher.measure_id = lower.measure_id
        and list_has_all(higher.column_names, lower.column_names)
    inner join suppressed on lower.estimate_number = suppressed.estimate_number
    where len(higher.column_names) > 2 and not higher.is_change
),

-- a change would give away a hidden level of either wave
hidden_levels as (
    select distinct changes.estimate_number,
    from cells as changes
    inner join designs as change_designs on changes.design_id = change_designs.design_id
    inner join designs as level_designs
        on change_designs.measure_set_id = level_designs.measure_set_id
        and level_designs.survey_wave_id in (change_designs.survey_wave_id, change_designs.earlier_survey_wave_id)
        and level_designs.change_column is null
    inner join cells as levels
        on level_designs.design_id = levels.design_id
        and changes.measure_id = levels.measure_id
        and changes.column_names = levels.column_names
        and changes.categories = levels.categories
    inner join suppressed on levels.estimate_number = suppressed.estimate_number
    where changes.is_change
),

judged as (
    select
        graded.* exclude (estimate_from, estimate_to, variance, two_largest_share, smallest_respondents),
        case
            when suppressed.estimate_number is not null then suppressed.suppression_reason
            when withdrawn_crossings.breakdown_id is not null then 'withdrawn'
            when hidden_levels.estimate_number is not null then 'secondary'
        end as suppression_reason,
    from graded
    left join suppressed on graded.estimate_number = suppressed.estimate_number
    left join withdrawn_crossings
        on graded.design_id = withdrawn_crossings.design_id
        and graded.measure_id = withdrawn_crossings.measure_id
        and graded.breakdown_id = withdrawn_crossings.breakdown_id
    left join hidden_levels on graded.estimate_number = hidden_levels.estimate_number
)

select
    {{ estimate_keys() }}
    {% for column in [
        'estimate', 'respondents', 'weighted_respondents', 'sum_weights', 'standard_error', 'ci_lower', 'ci_upper', 'interval_method',
        'degrees_of_freedom', 'design_effect', 'effective_sample_size', 't_statistic', 'p_value', 'quality_grade', 'quality_rule_ids'
    ] -%}
    case when suppression_reason is null then {{ column }} end as {{ column }},
    {% endfor -%}
    interval_level,
    is_amount,
    suppression_reason is not null as is_suppressed,
    suppression_reason,
from judged
