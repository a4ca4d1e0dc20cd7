-- The names of what is estimated and of the segment. A value outside the code lists is shown only where enough firms share it.
with estimates as (
    select * from {{ ref('int_estimates_rounded') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
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

base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
),

segments as (
    select * from {{ ref('int_estimate_segments_labelled') }}
)

select
    estimates.* exclude (segment, column_names, categories, value_factor, worth_of_three, released_step, error_step),
    array_to_string(estimates.column_names, ';') as breakdown_columns,
    coalesce(segments.is_segment_hidden, false) as is_segment_hidden,
    case when not coalesce(segments.is_segment_hidden, false) then estimates.segment end as segment,
    {% for language in ['da', 'en'] -%}
    case
        when segments.estimate_number is null then '{{ "I alt" if language == "da" else "Total" }}'
        when segments.is_segment_hidden then '..'
        else segments.segment_label_{{ language }}
    end as segment_label_{{ language }},
    coalesce(nullif(concat_ws(
        ', ',
        indicators.label_{{ language }},
        case when estimates.technology_id <> 'total' then technologies.label_{{ language }} end,
        case when estimates.barrier_id <> 'total' then barriers.label_{{ language }} end,
        case when estimates.answer_category_id <> 'total' then answer_categories.label_{{ language }} end
    ), ''), estimates.measure_id) as measure_label_{{ language }},
    base_populations.label_{{ language }} as base_population_label_{{ language }},
    {% endfor %}
from estimates
left join segments on estimates.estimate_number = segments.estimate_number
left join indicators on estimates.indicator_id = indicators.indicator_id
left join technologies on estimates.technology_id = technologies.technology_id
left join barriers on estimates.barrier_id = barriers.barrier_id
left join answer_categories on estimates.answer_category_id = answer_categories.answer_category_id
left join base_populations on estimates.base_population_id = base_populations.base_population_id
