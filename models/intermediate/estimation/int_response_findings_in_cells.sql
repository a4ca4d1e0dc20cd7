{{ config(materialized='ephemeral') }}
-- Rules about weights, strata, populations and sampling units.
with cells as (
    select * from {{ ref('int_response_cells') }}
    -- where a wave was scanned twice, the finer cells
    qualify is_by_unit = bool_or(is_by_unit) over (partition by survey_wave_id)
),

wholes as (
    select * from {{ ref('int_response_cell_weights') }}
    qualify is_by_unit = bool_or(is_by_unit) over (partition by survey_wave_id)
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

strata as (
    select
        survey_id,
        survey_wave_id,
        stratum_id,
        sum(weighted_respondents) as weighted_respondents,
        count(distinct coalesce(stratum_population_size, -1)) as population_sizes,
        min(stratum_population_size) as stratum_population_size,
        {{ sampling_units('psu_id', 'respondents') }} as unit_count,
    from wholes
    group by survey_id, survey_wave_id, stratum_id
),

designed as (
    select
        cells.*,
        designs.design_id,
        designs.has_psu,
        designs.has_population_correction,
    from cells
    inner join designs on cells.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id)
),

-- columns of numbers that stand beside the answers of each respondent
numeric_columns as (
    select
        designs.survey_wave_id,
        replicate_weights.column_name,
        'a replicate weight' as role,
    from designs
    inner join {{ ref('stg_responses__replicate_weights') }} as replicate_weights
        on designs.replicate_set_id = replicate_weights.replicate_set_id
    union all
    select
        designs.survey_wave_id,
        totals.column_name,
        'a number whose total is known' as role,
    from designs
    inner join {{ ref('stg_responses__calibration_totals') }} as totals on designs.margin_set_id = totals.margin_set_id
    where totals.column_name is not null
)

select distinct
    survey_id,
    survey_wave_id,
    'weight_not_negative' as rule,
    'design_weight is negative' as finding,
    'negative' as condition,
    'design_weight' as subject,
    cast(null as varchar) as category,
from cells
where lowest_weight < 0
union all by name
select distinct
    survey_id,
    survey_wave_id,
    'weight_present' as rule,
    'design_weight is missing' as finding,
    'missing' as condition,
    'design_weight' as subject,
from wholes
where weights_present < respondents
union all by name
select distinct
    survey_id,
    survey_wave_id,
    'number_finite' as rule,
    'column design_weight holds values that are not finite numbers' as finding,
    'not_finite' as condition,
    'design_weight' as subject,
from cells
where not isfinite(lowest_weight)
union all by name
select distinct
    survey_id,
    survey_wave_id,
    'stratum_present' as rule,
    'stratum_id is missing' as finding,
    'empty' as condition,
    'stratum_id' as subject,
from cells
where coalesce(trim(stratum_id), '') = ''
union all by name
select
    survey_id,
    survey_wave_id,
    'stratum_has_weight' as rule,
    'all design weights of stratum ' || stratum_id || ' are 0' as finding,
    'equal' as condition,
    'stratum_id' as subject,
    stratum_id as category,
from strata
where weighted_respondents = 0 and stratum_id is not null
union all by name
select
    survey_id,
    survey_wave_id,
    'population_constant' as rule,
    'stratum_population_size of stratum ' || stratum_id || ' has ' || population_sizes || ' values; it must have one' as finding,
    'equal' as condition,
    'stratum_id' as subject,
    stratum_id as category,
from strata
where population_sizes > 1 and stratum_id is not null
union all by name
select
    survey_id,
    survey_wave_id,
    'population_covers_respondents' as rule,
    'stratum ' || stratum_id || ' has ' || unit_count || ' respondents of a population of '
    || cast(stratum_population_size as varchar) || '; stratum_population_size cannot be smaller' as finding,
from strata
where stratum_population_size < unit_count and stratum_id is not null
union all by name
select distinct
    survey_id,
    survey_wave_id,
    'population_present' as rule,
    'stratum_population_size is missing, but design ' || design_id || ' corrects for the finite population' as finding,
    'missing' as condition,
    'stratum_population_size' as subject,
from designed
where has_population_correction and stratum_population_size is null and stratum_id <> ''
union all by name
select distinct
    survey_id,
    survey_wave_id,
    'psu_present' as rule,
    'psu_id is missing, but design ' || design_id || ' samples units' as finding,
    'missing' as condition,
    'psu_id' as subject,
from designed
where has_psu and psu_id is null
union all by name
select distinct
    cells.survey_id,
    cells.survey_wave_id,
    'column_holds_numbers' as rule,
    'column ' || numeric_columns.column_name || ' is ' || numeric_columns.role || ', but holds what is no number' as finding,
    'not_number' as condition,
    numeric_columns.column_name as subject,
from cells
inner join numeric_columns on cells.survey_wave_id = numeric_columns.survey_wave_id
where not coalesce(isfinite(try_cast(cells.attributes[numeric_columns.column_name] as double)), false)
