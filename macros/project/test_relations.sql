{% macro own_cells(target) %}
    {#- The condition on a row under which a target of refers_to counts for it. -#}
    {%- set conditions = ['true'] -%}
    {%- for column, value in target.get('if', {}).items() -%}{%- do conditions.append('checked.' ~ column ~ " = '" ~ value ~ "'") -%}{%- endfor -%}
    {{ return('(' ~ conditions | join(' and ') ~ ')') }}
{% endmacro %}


{% macro catalogued_values() %}
    {#- A query with the values (column_name, named) that the catalogue lists for columns of responses: options, rules, dimensions, waves. -#}
    select items.column_name, cast(options.code as varchar) as named
    from {{ ref('response_items') }} as items
    inner join {{ ref('response_options') }} as options
        on items.survey_wave_id = options.survey_wave_id and items.item_id = options.item_id
    union all
    select column_name, unnest(['{{ var('reserved_codes').values() | join("', '") }}']) from {{ ref('response_items') }}
    union all
    select column_name, value from {{ ref('derived_columns') }}
    union all
    select 'survey_wave_id', survey_wave_id from {{ ref('survey_waves') }}
    {%- for dimension, seed in {'industry_id': 'industries', 'size_class_id': 'size_classes', 'region_id': 'regions'}.items() %}
    union all
    select '{{ dimension }}', {{ dimension }} from {{ ref(seed) }}
    {%- endfor %}
    union all
    select case codelist_id when 'ai_use_groups' then 'ai_use_group_id' else 'maturity_level_id' end, code_id
    from {{ ref('codes') }}
    where codelist_id in ('ai_use_groups', 'maturity_levels')
{%- endmacro %}
