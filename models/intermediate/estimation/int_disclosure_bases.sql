-- Measures whose base is a sub-population that questions define (by a domain or by routing), and the measures of those questions: the
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

derived as (
    select distinct
        survey_wave_id,
        column_name,
        unnest(string_split(if_columns, ';')) as if_column,
    from {{ ref('stg_responses__derived_columns') }}
    where if_columns is not null
),

design_measures as (
    select
        designs.design_id,
        designs.survey_wave_id,
        measures.measure_set_id,
        measures.measure_id,
        unnest([measures.item_id, measures.denominator_item_id]) as item_id,
    from designs
    inner join measures on designs.measure_set_id = measures.measure_set_id
),

measured as (
    select distinct
        design_measures.design_id,
        design_measures.survey_wave_id,
        design_measures.measure_id,
        items.column_name,
    from design_measures
    inner join items
        on design_measures.survey_wave_id = items.survey_wave_id and design_measures.item_id = items.item_id
),

-- What decides a column, by derivation or by routing. The answers to a construct of several questions that is estimated itself tell
-- who is in the base, those to each of its questions do not; of a condition that nothing is estimated of, its questions tell.
deciding as (
    select
        designs.design_id,
        derived.column_name,
        derived.if_column,
    from designs
    inner join derived on designs.survey_wave_id = derived.survey_wave_id
    left join measured on designs.design_id = measured.design_id and derived.column_name = measured.column_name
    group by designs.design_id, derived.column_name, derived.if_column
    qualify count(*) over (partition by designs.design_id, derived.column_name) = 1 or count(measured.measure_id) = 0
    union
    select
        designs.design_id,
        items.column_name,
        items.asked_if_column as if_column,
    from designs
    inner join items on designs.survey_wave_id = items.survey_wave_id
    where items.asked_if_column is not null
),

-- what an estimate is computed from: a construct is about those who were asked its questions
read_columns as (
    select * from measured
    union
    select
        read_columns.design_id,
        read_columns.survey_wave_id,
        read_columns.measure_id,
        derived.if_column as column_name,
    from read_columns
    inner join derived on read_columns.survey_wave_id = derived.survey_wave_id and read_columns.column_name = derived.column_name
),

-- the column that a base is said by, and each that decides it
base_columns as (
    select
        design_measures.design_id,
        design_measures.measure_id,
        domains.column_name as base_column,
        domains.column_name,
    from design_measures
    inner join domains
        on design_measures.measure_set_id = domains.measure_set_id and design_measures.measure_id = domains.measure_id
    union
    select
        read_columns.design_id,
        read_columns.measure_id,
        items.asked_if_column as base_column,
        items.asked_if_column as column_name,
    from read_columns
    inner join items
        on read_columns.survey_wave_id = items.survey_wave_id and read_columns.column_name = items.column_name
    where items.asked_if_column is not null
    union
    select
        base_columns.design_id,
        base_columns.measure_id,
        base_columns.base_column,
        deciding.if_column as column_name,
    from base_columns
    inner join deciding on base_columns.design_id = deciding.design_id and base_columns.column_name = deciding.column_name
)

select
    base_columns.design_id,
    measured.measure_id,
    base_columns.measure_id as dependent_id,
    -- a measure that is on the base itself knows nobody outside it
    bool_or(of_defining.measure_id is null) as is_wider,
from base_columns
inner join measured on base_columns.design_id = measured.design_id and base_columns.column_name = measured.column_name
left join base_columns as of_defining
    on measured.design_id = of_defining.design_id
    and measured.measure_id = of_defining.measure_id
    and base_columns.base_column = of_defining.base_column
where measured.measure_id <> base_columns.measure_id
group by base_columns.design_id, measured.measure_id, base_columns.measure_id
