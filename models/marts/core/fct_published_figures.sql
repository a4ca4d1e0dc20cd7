with figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

comparability_groups as (
    select * from {{ ref('stg_catalogue__comparability_groups') }}
)

select
    figures.figure_id,
    figures.observation_id,
    figures.publication_id,
    figures.survey_wave_id,
    figures.indicator_id,
    figures.base_population_id,
    comparability_groups.comparability_group_id,
    {% for dimension in var('breakdown_dimensions') -%}
    figures.{{ dimension }},
    {% endfor -%}
    figures.answer_category_id,
    figures.label_position,
    figures.candidate_labels,
    figures.observation_value,
    figures.unit_of_measure,
    figures.value_qualifier,
    figures.value_direction,
    figures.value_form,
    figures.printed_value,
    figures.printed_lower,
    figures.printed_upper,
    figures.sample_size,
    figures.weighting_method,
    figures.observation_status,
    figures.is_cited_evidence,
    figures.reference_period,
    figures.source_file,
    figures.source_line,
    figures.source_section,
    figures.citation,
    figures.note,
from figures
inner join comparability_groups
    on figures.indicator_id = comparability_groups.indicator_id
    and figures.base_population_id = comparability_groups.base_population_id
