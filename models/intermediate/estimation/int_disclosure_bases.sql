-- Measures whose base is a sub-population that a question defines (by a domain or by its routing), and the measures of that question: the
-- number of firms in the base is the number that answered so, and two shares of one answer on both bases give the share of the base.
with recursive designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

domains as (
    select * from {{ ref('stg_responses__estimation_domains') }}
),

items as (
    select * from {{ ref('stg_responses__items') }}
),

-- a derived column that looks at one other column tells nothing that this one does not
derived as (
    select
        survey_wave_id,
        column_name,
        min(if_columns) as if_column,
    from {{ ref('stg_responses__derived_columns') }}
    where if_columns is not null
    group by survey_wave_id, column_name
    having count(distinct if_columns) = 1 and not contains(min(if_columns), ';')
),

design_measures as (
    select
        designs.design_id,
        designs.survey_wave_id,
        measures.measure_set_id,
        measures.measure_id,
        measures.item_id,
    from designs
    inner join measures on designs.measure_set_id = measures.measure_set_id
),

base_columns as (
    select
        design_measures.design_id,
        design_measures.survey_wave_id,
        design_measures.measure_id,
        domains.column_name,
    from design_measures
    inner join domains
        on design_measures.measure_set_id = domains.measure_set_id and design_measures.measure_id = domains.measure_id
    union
    select
        design_measures.design_id,
        design_measures.survey_wave_id,
        design_measures.measure_id,
        items.asked_if_column as column_name,
    from design_measures
    inner join items
        on design_measures.survey_wave_id = items.survey_wave_id and design_measures.item_id = items.item_id
    where items.asked_if_column is not null
    union
    -- what decides on the deciding column, by derivation or by routing
    select
        base_columns.design_id,
        base_columns.survey_wave_id,
        base_columns.measure_id,
        coalesce(derived.if_column, items.asked_if_column) as column_name,
    from base_columns
    left join derived
        on base_columns.survey_wave_id = derived.survey_wave_id and base_columns.column_name = derived.column_name
    left join items
        on base_columns.survey_wave_id = items.survey_wave_id and base_columns.column_name = items.column_name
    where coalesce(derived.if_column, items.asked_if_column) is not null
)

select distinct
    base_columns.design_id,
    defining.measure_id,
    base_columns.measure_id as dependent_id,
from base_columns
inner join items
    on base_columns.survey_wave_id = items.survey_wave_id and base_columns.column_name = items.column_name
inner join design_measures as defining
    on base_columns.design_id = defining.design_id and items.item_id = defining.item_id
where defining.measure_id <> base_columns.measure_id
