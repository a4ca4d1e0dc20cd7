-- The labels of an observation's coded columns, side by side.
{% set coded_columns = var('breakdown_dimensions') + [
    'answer_category_id', 'toe_category', 'evidence_type', 'observation_status', 'no_interval_reason', 'interval_method'
] %}
with observations as (
    select * from {{ ref('int_observations_described') }}
),

categories as (
    select * from {{ ref('int_categories_united') }}
),

coded as (
    {% for column in coded_columns -%}
    select
        observation_id,
        '{{ column }}' as dimension,
        {{ column }} as category,
    from observations
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    coded.observation_id,
    {% for column in coded_columns -%}
    {% for language in ['da', 'en'] -%}
    max(categories.label_{{ language }}) filter (where coded.dimension = '{{ column }}')
        as {{ column | replace('_id', '') }}_label_{{ language }},
    {% endfor -%}
    {% endfor %}
from coded
inner join categories on coded.dimension = categories.dimension and coded.category = categories.category
group by coded.observation_id
