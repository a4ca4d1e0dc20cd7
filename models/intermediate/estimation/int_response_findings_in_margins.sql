{{ config(materialized='ephemeral') }}
-- Rules about the margins that weights are calibrated to.
with design_cells as (
    select * from {{ ref('int_design_cells') }}
    where calibration_id is not null
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

calibration_categories as (
    select * from {{ ref('int_calibration_categories') }}
),

calibrations as (
    select distinct
        design_cells.calibration_id,
        designs.design_id,
        designs.survey_id,
        designs.survey_wave_id,
        designs.margin_set_id,
    from design_cells
    inner join designs on design_cells.design_id = designs.design_id
),

-- a row per cell and margin
cell_margins as (
    select
        calibration_id,
        design_id,
        survey_wave_id,
        within_category,
        respondents,
        weighted_respondents,
        unnest(margin_columns) as column_name,
        unnest(margin_categories) as category,
    from design_cells
),

present as (
    select
        calibration_id,
        design_id,
        survey_wave_id,
        within_category,
        column_name,
        category,
        sum(respondents) as respondents,
        sum(weighted_respondents) as weighted_respondents,
    from cell_margins
    group by calibration_id, design_id, survey_wave_id, within_category, column_name, category
),

weighted_categories as (
    select distinct
        calibration_id,
        within_category,
        column_name,
        category,
    from present
    where weighted_respondents > 0
),

totals as (
    select
        calibration_id,
        within_category,
        column_name,
        fsum(population_count order by category) as total,
    from calibration_categories
    group by calibration_id, within_category, column_name
)

select
    calibrations.survey_id,
    calibrations.survey_wave_id,
    'margins_agree' as rule,
    'the margins of ' || calibrations.margin_set_id
    || case when totals.within_category <> '' then ' within ' || totals.within_category else '' end || ' contradict each other: '
    || string_agg(totals.column_name || ' adds up to ' || totals.total, ', ' order by totals.column_name) as finding,
    cast(null as varchar) as condition,
    cast(null as varchar) as subject,
    cast(null as varchar) as category,
from totals
inner join calibrations on totals.calibration_id = calibrations.calibration_id
group by calibrations.survey_id, calibrations.survey_wave_id, calibrations.design_id, calibrations.margin_set_id, totals.within_category
having max(totals.total) - min(totals.total) > 1e-6 * max(totals.total)
union all by name
select
    calibrations.survey_id,
    calibrations.survey_wave_id,
    'margin_has_respondents' as rule,
    'margin ' || categories.column_name || ' = ' || categories.category || ' has a population of ' || categories.population_count
    || ' and no respondent with a weight' as finding,
from calibration_categories as categories
inner join calibrations on categories.calibration_id = calibrations.calibration_id
left join weighted_categories
    on categories.calibration_id = weighted_categories.calibration_id
    and categories.within_category = weighted_categories.within_category
    and categories.column_name = weighted_categories.column_name
    and categories.category = weighted_categories.category
where weighted_categories.category is null and categories.population_count > 0
union all by name
select
    calibrations.survey_id,
    present.survey_wave_id,
    'respondent_in_margin' as rule,
    present.respondents || ' respondents have ' || present.column_name || ' = '
    || case when present.category = '' then '(missing)' else present.category end
    || ', which has no population count in margin set ' || calibrations.margin_set_id as finding,
    'equal' as condition,
    present.column_name as subject,
    present.category,
from present
inner join calibrations on present.design_id = calibrations.design_id
left join calibration_categories as categories
    on present.calibration_id = categories.calibration_id
    and present.within_category = categories.within_category
    and present.column_name = categories.column_name
    and present.category = categories.category
where categories.category is null
union all by name
select distinct
    designs.survey_id,
    design_cells.survey_wave_id,
    'post_strata_one_margin' as rule,
    'design ' || design_cells.design_id || ' post-stratifies on ' || len(design_cells.margin_columns)
    || ' margins; poststratify takes one' as finding,
from design_cells
inner join designs on design_cells.design_id = designs.design_id
where design_cells.calibration_method = 'poststratify' and len(design_cells.margin_columns) > 1
