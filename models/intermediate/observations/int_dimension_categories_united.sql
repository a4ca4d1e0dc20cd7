-- The names of all categories by which anything is broken down.
with industries as (
    select * from {{ ref('stg_codelists__industries') }}
),

size_classes as (
    select * from {{ ref('stg_codelists__size_classes') }}
),

regions as (
    select * from {{ ref('stg_codelists__regions') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

{% for dimension, codelist in {'industry_id': 'industries', 'size_class_id': 'size_classes', 'region_id': 'regions'}.items() -%}
select
    '{{ dimension }}' as dimension,
    {{ dimension }} as category,
    label_da,
    label_en,
from {{ codelist }}
union all
{% endfor -%}
select
    case codelist_id when 'maturity_levels' then 'maturity_level_id' else 'ai_use_group_id' end as dimension,
    code_id as category,
    label_da,
    label_en,
from codes
where codelist_id in ('maturity_levels', 'ai_use_groups')
