-- Each published figure of a wave with a codebook and responses beside the estimate that the responses give for the same key: judged in full
-- precision, also where the estimate is withheld. The verdict on a withheld one stays in the build file.
with figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
    where change_column is null
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

breakdowns as (
    select
        *,
        list_sort(list_filter(string_split(coalesce(breakdown_columns, ''), ';'), lambda column_name: column_name <> '')) as column_names,
    from {{ ref('stg_responses__estimation_breakdowns') }}
),

evidence as (
    select * from {{ ref('int_designs_evidenced') }}
),

estimates as (
    select * from {{ ref('int_estimates_rounded') }}
    where is_observation and not is_change
),

engine as (
    select * from {{ ref('int_estimates') }}
),

checks as (
    select * from {{ ref('int_source_checks_by_observation') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

wave_evidence as (
    select
        designs.survey_wave_id,
        max(evidence.evidence_type) as evidence_type,
    from designs
    inner join evidence on designs.design_id = evidence.design_id
    group by designs.survey_wave_id
),

-- what the codebook can yield
codebook as (
    select distinct
        designs.survey_wave_id,
        measures.indicator_id,
        measures.base_population_id,
        measures.technology_id,
        measures.barrier_id,
        coalesce(measures.answer_category_id, 'total') as answer_category_id,
        measures.unit_of_measure,
        breakdowns.column_names,
    from designs
    inner join measures on designs.measure_set_id = measures.measure_set_id
    inner join breakdowns on designs.breakdown_set_id = breakdowns.breakdown_set_id
),

described as (
    select
        figures.* exclude (evidence_type, observation_id),
        figures.observation_id as published_observation_id,
        wave_evidence.evidence_type,
        indicators.theme = 'response' as is_process_figure,
        list_sort(list_filter([
            {% for dimension in var('group_dimensions') -%}
            case when figures.{{ dimension }} <> 'total' then '{{ dimension }}' end{{ ',' if not loop.last }}
            {% endfor -%}
        ], lambda column_name: column_name is not null)) as column_names,
        figures.observation_status in ('label_uncertain', 'base_uncertain', 'ocr_uncertain')
        or figures.label_position is not null
        or 'undetermined' in (
            {% for dimension in var('breakdown_dimensions') -%}
            figures.{{ dimension }},
            {% endfor -%}
            figures.answer_category_id
        ) as is_unsettled,
    from figures
    inner join wave_evidence on figures.survey_wave_id = wave_evidence.survey_wave_id
    inner join indicators on figures.indicator_id = indicators.indicator_id
),

-- part by part: each condition includes the ones before it
{% set parts = {
    'indicator': ['indicator_id'], 'base': ['base_population_id'], 'item': ['technology_id', 'barrier_id'],
    'answer': ['answer_category_id'], 'unit': ['unit_of_measure'], 'breakdown': ['column_names']
} -%}
matched as (
    select
        described.figure_id,
        {% set columns = [] -%}
        {% for part, names in parts.items() -%}
        {% for name in names %}{% do columns.append('described.' ~ name ~ ' = codebook.' ~ name) %}{% endfor -%}
        coalesce(bool_or(
            {{ columns | join('\n            and ') }}
        ), false) as has_{{ part }},
        {% endfor %}
    from described
    left join codebook on described.survey_wave_id = codebook.survey_wave_id and described.indicator_id = codebook.indicator_id
    group by described.figure_id
),

keyed as (
    select
        *,
        {{ observation_id() }} as estimate_observation_id,
    from described
),

compared as (
    select
        keyed.*,
        matched.* exclude (figure_id),
        matched.has_breakdown and keyed.label_position is null as is_covered,
        estimates.observation_id,
        estimates.estimate,
        estimates.standard_error,
        estimates.value_factor * engine.estimate as computed_value,
        estimates.sample_size as estimate_sample_size,
        estimates.quality_grade,
        estimates.is_suppressed,
        coalesce(estimates.is_withheld, false) as is_withheld,
        coalesce(estimates.is_beside_hidden, false) as is_beside_hidden,
        -- as far as the digits that are shown tell
        keyed.printed_lower <= estimates.estimate + estimates.released_step / 2
        and keyed.printed_upper >= estimates.estimate - estimates.released_step / 2 as is_inside_as_shown,
        estimates.source_file as response_folder,
        -- a count is printed as a whole number; the other figures within half of their last digit
        case when keyed.half_width = 0 then round(computed_value) else round(computed_value, 9) end
        between keyed.printed_lower and keyed.printed_upper as is_inside,
        checks.contradiction_check_ids,
    from keyed
    inner join matched on keyed.figure_id = matched.figure_id
    left join estimates on keyed.estimate_observation_id = estimates.observation_id
    left join engine on estimates.estimate_number = engine.estimate_number
    left join checks on keyed.published_observation_id = checks.observation_id
)

select
    * exclude (
        {% for part in parts -%}
        has_{{ part }},
        {% endfor -%}
        is_inside, is_inside_as_shown, is_process_figure
    ),
    case when is_covered then coalesce(is_inside, false) end as is_within_precision,
    case when is_covered then coalesce(is_inside_as_shown, false) end as is_within_shown_digits,
    case
        when is_covered then
            case
                when is_inside then null
                when observation_id is null then 'no_estimate'
                when contradiction_check_ids is not null then 'source_contradiction'
                when is_unsettled then 'text_not_settled'
            end
        when is_cited_evidence then 'cited_evidence'
        when is_process_figure then 'process_figure'
        when is_unsettled then 'text_not_settled'
        {% for part in parts -%}
        when not has_{{ part }} then '{{ part }}_not_in_codebook'
        {% endfor -%}
    end as reproduction_reason,
from compared
