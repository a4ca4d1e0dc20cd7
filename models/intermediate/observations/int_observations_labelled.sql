-- One wide row per observation with labels in both languages; the headline marts are selections from it.
{% set dimensions = ['industry', 'size_class', 'region', 'technology', 'maturity_level', 'ai_use_group', 'barrier', 'answer_category'] %}
with observations as (
    select * from {{ ref('int_observations_united') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

earlier_waves as (
    select previous_survey_wave_id as survey_wave_id from waves
    where previous_survey_wave_id is not null
),

surveys as (
    select * from {{ ref('stg_catalogue__surveys') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

constructs as (
    select * from {{ ref('stg_codelists__constructs') }}
),

base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
),

comparability_groups as (
    select * from {{ ref('stg_catalogue__comparability_groups') }}
),

units as (
    select * from {{ ref('stg_codelists__units') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
),

industries as (
    select * from {{ ref('stg_codelists__industries') }}
),

size_classes as (
    select * from {{ ref('stg_codelists__size_classes') }}
),

regions as (
    select * from {{ ref('stg_codelists__regions') }}
),

technologies as (
    select * from {{ ref('stg_codelists__technologies') }}
),

barriers as (
    select * from {{ ref('stg_codelists__barriers') }}
),

answer_categories as (
    select * from {{ ref('stg_codelists__answer_categories') }}
),

checks as (
    select * from {{ ref('int_source_checks_by_observation') }}
),

labelled as (
    select
        observations.*,
        waves.survey_id,
        waves.label_da as survey_wave_label_da,
        waves.label_en as survey_wave_label_en,
        waves.collection_start_date,
        waves.collection_end_date,
        waves.survey_wave_id not in (select survey_wave_id from earlier_waves) as is_latest_wave,
        surveys.label_da as survey_label_da,
        surveys.label_en as survey_label_en,
        surveys.statistical_unit,
        -- a figure of the project's own has no publication
        coalesce(publications.publisher, 'smv_ai') as publisher,
        publications.published_date,
        publications.published_year,
        indicators.label_da as indicator_label_da,
        indicators.label_en as indicator_label_en,
        constructs.label_da as construct_label_da,
        constructs.label_en as construct_label_en,
        base_populations.label_da as base_population_label_da,
        base_populations.label_en as base_population_label_en,
        comparability_groups.comparability_group_id,
        comparability_groups.title_da,
        comparability_groups.title_en,
        units.label_da as unit_label_da,
        units.label_en as unit_label_en,
        coalesce(units.symbol_da, '') as unit_symbol_da,
        coalesce(units.symbol_en, '') as unit_symbol_en,
        industries.label_da as industry_label_da,
        industries.label_en as industry_label_en,
        size_classes.label_da as size_class_label_da,
        size_classes.label_en as size_class_label_en,
        regions.label_da as region_label_da,
        regions.label_en as region_label_en,
        technologies.label_da as technology_label_da,
        technologies.label_en as technology_label_en,
        maturity_levels.label_da as maturity_level_label_da,
        maturity_levels.label_en as maturity_level_label_en,
        ai_use_groups.label_da as ai_use_group_label_da,
        ai_use_groups.label_en as ai_use_group_label_en,
        barriers.label_da as barrier_label_da,
        barriers.label_en as barrier_label_en,
        barriers.parent_barrier_id,
        toe_categories.code_id as toe_category,
        toe_categories.label_da as toe_category_label_da,
        toe_categories.label_en as toe_category_label_en,
        answer_categories.label_da as answer_category_label_da,
        answer_categories.label_en as answer_category_label_en,
        statuses.label_da as observation_status_label_da,
        statuses.label_en as observation_status_label_en,
        reasons.label_da as no_interval_reason_label_da,
        reasons.label_en as no_interval_reason_label_en,
        methods.label_da as interval_method_label_da,
        methods.label_en as interval_method_label_en,
        evidence_types.label_da as evidence_type_label_da,
        evidence_types.label_en as evidence_type_label_en,
        case when observations.evidence_type <> 'published' then evidence_types.description_da end as evidence_notice_da,
        case when observations.evidence_type <> 'published' then evidence_types.description_en end as evidence_notice_en,
        -- every interval of a published figure rests on an assumed design effect
        observations.evidence_type = 'published' and observations.interval_method is not null as is_interval_approximate,
        coalesce(checks.contradiction_count, 0) as contradiction_count,
        checks.contradiction_check_ids,
    from observations
    inner join waves on observations.survey_wave_id = waves.survey_wave_id
    inner join surveys on waves.survey_id = surveys.survey_id
    left join publications on observations.publication_id = publications.publication_id
    inner join indicators on observations.indicator_id = indicators.indicator_id
    inner join constructs on indicators.construct = constructs.construct
    inner join base_populations on observations.base_population_id = base_populations.base_population_id
    inner join comparability_groups
        on observations.indicator_id = comparability_groups.indicator_id
        and observations.base_population_id = comparability_groups.base_population_id
    inner join units on observations.unit_of_measure = units.unit_of_measure
    inner join industries on observations.industry_id = industries.industry_id
    inner join size_classes on observations.size_class_id = size_classes.size_class_id
    inner join regions on observations.region_id = regions.region_id
    inner join technologies on observations.technology_id = technologies.technology_id
    inner join barriers on observations.barrier_id = barriers.barrier_id
    inner join answer_categories on observations.answer_category_id = answer_categories.answer_category_id
    inner join codes as maturity_levels
        on observations.maturity_level_id = maturity_levels.code_id and maturity_levels.codelist_id = 'maturity_levels'
    inner join codes as ai_use_groups
        on observations.ai_use_group_id = ai_use_groups.code_id and ai_use_groups.codelist_id = 'ai_use_groups'
    inner join codes as evidence_types
        on observations.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
    inner join codes as statuses
        on observations.observation_status = statuses.code_id and statuses.codelist_id = 'observation_statuses'
    left join codes as toe_categories
        on toe_categories.codelist_id = 'toe_categories'
        -- of the barrier, or the answer itself where barriers are counted by category
        and (barriers.toe_category = toe_categories.code_id or observations.answer_category_id = 'toe_' || toe_categories.code_id)
    left join codes as reasons
        on observations.no_interval_reason = reasons.code_id and reasons.codelist_id = 'no_interval_reasons'
    left join codes as methods
        on observations.interval_method = methods.code_id and methods.codelist_id = 'interval_methods'
    left join checks on observations.observation_id = checks.observation_id
)

select
    *,
    {% for language in ['da', 'en'] %}
    {{ value_text(language) }} as value_text_{{ language }},
    -- what the row is about within its title; empty for the whole base population
    coalesce(nullif(concat_ws(', '
        {%- for dimension in dimensions -%}
        , case when {{ dimension }}_id not in ('total', 'undetermined') then {{ dimension }}_label_{{ language }} end
        {%- endfor -%}
        , case when label_position is not null then {{ "'værdi nr. '" if language == 'da' else "'value no. '" }} || label_position end
    ), ''), {{ "'I alt'" if language == 'da' else "'Total'" }}) as segment_label_{{ language }},
    {% endfor %}
    coalesce(nullif(concat_ws(', '
        {%- for dimension in dimensions -%}
        , case when {{ dimension }}_id <> 'total' then '{{ dimension }}' end
        {%- endfor -%}
    ), ''), 'total') as broken_down_by,
    nullif(concat(
        case observation_status
            when 'label_uncertain' then '†' when 'ocr_uncertain' then '‡'
            when 'base_uncertain' then '§' when 'derived' then '‖'
        end,
        case when contradiction_count > 0 then '¶' end
    ), '') as status_marks,
from labelled
