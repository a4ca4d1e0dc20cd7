-- One staging model for all reports: they share one layout, and a new report is a seed and a line in dbt_project.yml.
with figures as (
    {% for report in var('published_reports') %}
    select
        figure_id,
        publication_id,
        source_line,
        source_section,
        printed_value,
        value_form,
        survey_wave_id,
        indicator_id,
        base_population_id,
        industry_id,
        size_class_id,
        region_id,
        technology_id,
        maturity_level_id,
        ai_use_group_id,
        barrier_id,
        answer_category_id,
        label_position,
        candidate_labels,
        observation_value,
        unit_of_measure,
        value_qualifier,
        value_direction,
        sample_size,
        weighting_method,
        reference_period,
        observation_status,
        is_cited_evidence,
        note,
    from {{ ref('published_' ~ report) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    *,
    -- decimals behind a Danish comma; a number in words has none
    cast(case when value_form = 'digits' then length(regexp_extract(printed_value, '\d,(\d+)', 1)) else 0 end as integer) as printed_decimals,
from figures
