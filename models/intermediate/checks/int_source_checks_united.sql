{% set kinds = ['terms', 'repeats', 'totals', 'indexes', 'readings'] %}
with
{%- for kind in kinds %}
{{ kind }} as (
    select * from {{ ref('int_source_checks_from_' ~ kind) }}
){{ ',' if not loop.last }}
{% endfor %}

{% for kind in kinds -%}
select * from {{ kind }}
{% if not loop.last %}union all by name{% endif %}
{% endfor -%}
