-- The tracks together, published figures with the intervals that were worked out for them, estimates and matched comparisons with
-- their own, and what is known of each observation: its wave, publication, comparability group, unit, barrier and checks.
with published as (
    select * from {{ ref('int_published_observations_with_intervals') }}
),

estimated as (
    select * from {{ ref('int_observations_from_estimates') }}
),

matched as (
    select * from {{ ref('int_observations_from_matching') }}
),

waves as (
    select * from {{ ref('int_survey_waves_labelled') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

comparability_groups as (
    select * from {{ ref('int_comparability_groups_labelled') }}
),

units as (
    select * from {{ ref('stg_codelists__units') }}
),

barriers as (
    select * from {{ ref('stg_codelists__barriers') }}
),

checks as (
    select * from {{ ref('int_source_checks_by_observation') }}
),

observations as (
    select * from published
    union all by name
    select * from estimated
    union all by name
    select * from matched
)

select
    observations.* replace (coalesce(observations.own_group_id, 'total') as own_group_id),
    waves.* exclude (survey_wave_id),
    -- a figure of the project's own has no publication
    coalesce(publications.publisher, 'smv_ai') as publisher,
    publications.published_date,
    publications.published_year,
    comparability_groups.* exclude (indicator_id, base_population_id),
    units.label_da as unit_label_da,
    units.label_en as unit_label_en,
    coalesce(units.symbol_da, '') as unit_symbol_da,
    coalesce(units.symbol_en, '') as unit_symbol_en,
    barriers.parent_barrier_id,
    -- of the barrier, or the answer itself where barriers are counted by category
    coalesce(barriers.toe_category, nullif(regexp_extract(observations.answer_category_id, '^toe_(.+)$', 1), '')) as toe_category,
    -- every interval of a published figure rests on an assumed design effect
    observations.evidence_type = 'published' and observations.interval_method is not null as is_interval_approximate,
    coalesce(checks.contradiction_count, 0) as contradiction_count,
    checks.contradiction_check_ids,
from observations
inner join waves on observations.survey_wave_id = waves.survey_wave_id
left join publications on observations.publication_id = publications.publication_id
inner join comparability_groups
    on observations.indicator_id = comparability_groups.indicator_id
    and observations.base_population_id = comparability_groups.base_population_id
inner join units on observations.unit_of_measure = units.unit_of_measure
inner join barriers on observations.barrier_id = barriers.barrier_id
left join checks on observations.observation_id = checks.observation_id
