-- What is shown and what is hidden of each question: the figures whose digits must not give a hidden count away. Where its answers
-- lead to a sub-population, the number of firms in it is such a figure, too.
with estimates as (
    select * from {{ ref('int_estimates_described') }}
    where not is_change
),

cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

engine as (
    select * from {{ ref('int_estimates') }}
),

suppressions as (
    select * from {{ ref('int_suppressions_united') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

bases as (
    select * from {{ ref('int_disclosure_bases') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

items as (
    select * from {{ ref('stg_responses__items') }}
),

breakdowns as (
    select
        *,
        list_filter(string_split(coalesce(breakdown_columns, ''), ';'), lambda column_name: column_name <> '') as column_names,
    from {{ ref('stg_responses__estimation_breakdowns') }}
),

-- columns whose groups are the answers to a question, as they are or as that question alone decides them
answer_columns as (
    select
        survey_wave_id,
        item_id,
        column_name,
    from items
    union
    select
        items.survey_wave_id,
        items.item_id,
        derived.column_name,
    from items
    inner join {{ ref('stg_responses__derived_columns') }} as derived
        on items.survey_wave_id = derived.survey_wave_id and items.column_name = derived.if_columns
),

-- the breakdowns whose crossing with the answers is a table, too: the number of firms of each answer stands there
counted as (
    select distinct
        designs.design_id,
        answer_columns.item_id,
        list_sort(list_filter(breakdowns.column_names, lambda column_name: column_name <> answer_columns.column_name)) as column_names,
    from designs
    inner join breakdowns on designs.breakdown_set_id = breakdowns.breakdown_set_id
    inner join answer_columns
        on designs.survey_wave_id = answer_columns.survey_wave_id and list_contains(breakdowns.column_names, answer_columns.column_name)
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
        estimates.segment,
        estimates.statistic,
        estimates.value_factor,
        estimates.estimate,
        estimates.standard_error,
        estimates.ci_lower,
        estimates.ci_upper,
        engine.interval_method,
        engine.estimate as engine_value,
        engine.standard_error as engine_error,
        engine.ci_lower as engine_lower,
        engine.ci_upper as engine_upper,
        engine.effective_sample_size,
        estimates.is_suppressed,
        -- hidden for a rare answer alone, which anybody knows who knows the rule
        coalesce(
            suppressions.suppression_reason = 'few_answers' and cells.has_rare_answer and not cells.is_sensitive, false
        ) as is_rare,
        counted.item_id is not null and not estimates.is_suppressed as is_counted,
        {{ released_step('estimates.standard_error', 'estimates.unit_of_measure', 'estimates.worth_of_three') }} as least_step,
        {{ disclosure_threshold() }} as disclosure_threshold,
    from estimates
    inner join asked on estimates.design_id = asked.design_id and estimates.measure_id = asked.measure_id
    inner join cells on estimates.estimate_number = cells.estimate_number
    inner join engine on estimates.estimate_number = engine.estimate_number
    left join suppressions on estimates.estimate_number = suppressions.estimate_number
    left join counted
        on asked.design_id = counted.design_id
        and asked.item_id = counted.item_id
        and list_sort(cells.column_names) = counted.column_names
),

sizes as (
    select distinct
        estimates.estimate_number,
        figures.design_id,
        estimates.measure_id,
        figures.item_id,
        estimates.breakdown_id,
        'size' as statistic,
        1.0 as value_factor,
        estimates.respondents as estimate,
        false as is_suppressed,
        false as is_rare,
        false as is_counted,
        5 as least_step,
        figures.disclosure_threshold,
    from figures
    inner join bases on figures.design_id = bases.design_id and figures.measure_id = bases.measure_id
    inner join estimates on bases.design_id = estimates.design_id and bases.dependent_id = estimates.measure_id
    left join asked
        on figures.design_id = asked.design_id and figures.item_id = asked.item_id and estimates.measure_id = asked.measure_id
    where estimates.respondents is not null and asked.measure_id is null
)

select
    united.*,
    design_measures.measure_number,
from (
    select * from figures
    union all by name
    select * from sizes
) as united
inner join design_measures on united.design_id = design_measures.design_id and united.measure_id = design_measures.measure_id
