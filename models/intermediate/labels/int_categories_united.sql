-- The names of all categories: one code list for each coded column, read by the name of the column.
{% set own_lists = {
    'industry_id': 'stg_codelists__industries', 'size_class_id': 'stg_codelists__size_classes', 'region_id': 'stg_codelists__regions',
    'technology_id': 'stg_codelists__technologies', 'barrier_id': 'stg_codelists__barriers',
    'answer_category_id': 'stg_codelists__answer_categories'
} %}
{% set codelists = {
    'maturity_levels': 'maturity_level_id', 'ai_use_groups': 'ai_use_group_id', 'toe_categories': 'toe_category',
    'evidence_types': 'evidence_type', 'observation_statuses': 'observation_status',
    'no_interval_reasons': 'no_interval_reason', 'interval_methods': 'interval_method'
} %}
with codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

{% for dimension, codelist in own_lists.items() -%}
select
    '{{ dimension }}' as dimension,
    {{ dimension }} as category,
    label_da,
    label_en,
from {{ ref(codelist) }}
union all
{% endfor -%}
select
    case codelist_id
        {%- for codelist, dimension in codelists.items() %}
        when '{{ codelist }}' then '{{ dimension }}'
        {%- endfor %}
    end as dimension,
    code_id as category,
    label_da,
    label_en,
from codes
where codelist_id in ('{{ codelists | join("', '") }}')
