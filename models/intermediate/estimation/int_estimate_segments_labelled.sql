-- The name of each segment in full, and whether a release may not show it: a value outside the code lists with hidden figures.
with estimates as (
    select * from {{ ref('int_estimates_rounded') }}
),

categories as (
    select * from {{ ref('int_categories_united') }}
),

parts as (
    select
        estimate_number,
        is_suppressed,
        unnest(column_names) as column_name,
        unnest(categories) as category,
        generate_subscripts(column_names, 1) as part_order,
    from estimates
)

select
    parts.estimate_number,
    bool_or(parts.is_suppressed and categories.category is null) as is_segment_hidden,
    {% for language in ['da', 'en'] -%}
    string_agg(coalesce(categories.label_{{ language }}, parts.column_name || ' = ' || parts.category), ', ' order by parts.part_order)
        as segment_label_{{ language }},
    {% endfor %}
from parts
left join categories on parts.column_name = categories.dimension and parts.category = categories.category
group by parts.estimate_number
