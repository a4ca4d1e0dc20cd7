-- Every hidden estimate, with the reason: for what its own measure shows, and a change for a hidden level of either wave.
with cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

by_measure as (
    select * from {{ ref('int_suppressions_by_measure') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

-- a change is estimated of what both waves define alike: the levels are the measures of that name and item
of_level as (
    select distinct changes.estimate_number,
    from cells as changes
    inner join designs as change_designs on changes.design_id = change_designs.design_id
    inner join design_measures as change_measures
        on changes.design_id = change_measures.design_id and changes.measure_id = change_measures.measure_id
    inner join designs as level_designs
        on level_designs.survey_wave_id in (change_designs.survey_wave_id, change_designs.earlier_survey_wave_id)
        and level_designs.change_column is null
    inner join design_measures as level_measures
        on level_designs.design_id = level_measures.design_id
        and changes.measure_id = level_measures.measure_id
        and change_measures.statistic = level_measures.statistic
        and change_measures.item_id is not distinct from level_measures.item_id
    inner join by_measure
        on level_designs.design_id = by_measure.design_id
        and changes.measure_id = by_measure.measure_id
        and changes.column_names = by_measure.column_names
        and changes.categories = by_measure.categories
    where changes.is_change
),

united as (
    select
        estimate_number,
        suppression_reason,
    from by_measure
    union all by name
    select estimate_number from of_level
)

select
    estimate_number,
    coalesce(min(suppression_reason), 'secondary') as suppression_reason,
from united
group by estimate_number
