-- Rules about what the catalogue rows of a wave name.
with waves as (
    select * from {{ ref('int_response_waves') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

scores as (
    select * from {{ ref('stg_responses__estimation_scores') }}
),

items as (
    select * from {{ ref('stg_responses__items') }}
),

options as (
    select * from {{ ref('stg_responses__options') }}
),

base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

-- designs that read a wave, each with its measures
designed as (
    select
        waves.survey_id,
        waves.survey_wave_id,
        waves.evidence_type,
        waves.survey_wave_id <> designs.survey_wave_id as is_earlier,
        designs.* exclude (survey_id, survey_wave_id),
    from waves
    inner join designs on waves.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id)
),

measured as (
    select distinct
        designed.survey_id,
        designed.survey_wave_id,
        measures.*,
    from designed
    inner join measures on designed.measure_set_id = measures.measure_set_id
    -- of the earlier wave of a change only what both waves have is read
    where measures.has_change or not designed.is_earlier
),

read_items as (
    select
        *,
        unnest([item_id, denominator_item_id]) as read_item_id,
        denominator_item_id is not null as wants_number,
    from measured
)

select
    waves.survey_id,
    waves.survey_wave_id,
    'item_has_base' as rule,
    'item ' || items.item_id || ' is asked of base population ' || coalesce(items.base_population_id, '(none)')
    || ', which base_populations.csv does not have' as finding,
    cast(null as varchar) as condition,
    cast(null as varchar) as subject,
    cast(null as varchar) as category,
from waves
inner join items on waves.survey_wave_id = items.survey_wave_id
left join base_populations on items.base_population_id = base_populations.base_population_id
where base_populations.base_population_id is null
union all by name
select
    measured.survey_id,
    measured.survey_wave_id,
    'measure_has_base' as rule,
    'measure ' || measured.measure_id || ' refers to base population ' || coalesce(measured.base_population_id, '(none)')
    || ', which base_populations.csv does not have' as finding,
from measured
left join base_populations on measured.base_population_id = base_populations.base_population_id
where base_populations.base_population_id is null
union all by name
select
    read_items.survey_id,
    read_items.survey_wave_id,
    'measure_has_item' as rule,
    'measure ' || read_items.measure_id || ' reads item ' || read_items.read_item_id
    || case when read_items.wants_number then ' as a number' else '' end
    || ', which the survey file does not have' as finding,
from read_items
left join items
    on read_items.survey_wave_id = items.survey_wave_id
    and read_items.read_item_id = items.item_id
    and (not read_items.wants_number or items.value_kind = 'number')
where read_items.read_item_id <> '' and items.item_id is null
union all by name
select
    measured.survey_id,
    measured.survey_wave_id,
    'score_in_catalogue' as rule,
    'measure ' || measured.measure_id || ' scores code ' || scores.code || ' of item ' || measured.item_id
    || ', which is not an option of the survey file' as finding,
from measured
inner join scores on measured.measure_set_id = scores.measure_set_id and measured.measure_id = scores.measure_id
left join options
    on measured.survey_wave_id = options.survey_wave_id
    and measured.item_id = options.item_id
    and scores.code = options.code
where options.item_id is null
union all by name
select
    designed.survey_id,
    designed.survey_wave_id,
    'margins_are_real' as rule,
    'design ' || designed.design_id || ' calibrates real responses to margin set ' || designed.margin_set_id || ', of which '
    || count(*) || ' rows are made up for the demonstration' as finding,
from designed
inner join margins on designed.margin_set_id = margins.margin_set_id
where designed.evidence_type = 'estimated' and designed.calibration_method is not null and margins.is_demonstration
group by designed.survey_id, designed.survey_wave_id, designed.design_id, designed.margin_set_id
union all by name
select distinct
    waves.survey_id,
    waves.survey_wave_id,
    'calibration_has_margins' as rule,
    'design ' || designs.design_id || ' calibrates to margin set ' || coalesce(designs.margin_set_id, '(none)')
    || ', of which calibration_margins.csv has no row' as finding,
from designs
inner join waves on designs.survey_wave_id = waves.survey_wave_id
left join margins on designs.margin_set_id = margins.margin_set_id
where designs.calibration_method is not null and margins.margin_set_id is null
