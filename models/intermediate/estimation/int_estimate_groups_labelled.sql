-- Estimates that a column or question of the survey's own splits: their group with its name, and the key of the observation that they are.
-- Columns of the product's dimensions stand in columns of their own (int_estimates_described).
with estimates as (
    select * from {{ ref('int_estimates_rounded') }}
),

group_labels as (
    select * from {{ ref('stg_responses__group_labels') }}
),

categories as (
    select * from {{ ref('int_categories_united') }}
),

parts as (
    select
        estimate_number,
        survey_wave_id,
        unnest(column_names) as column_name,
        unnest(categories) as category,
        generate_subscripts(column_names, 1) as part_order,
    from estimates
),

named as (
    select
        parts.*,
        not list_contains({{ var('group_dimensions') }}, parts.column_name) as is_own,
        group_labels.category is not null as is_listed,
        {% for language in ['da', 'en'] -%}
        coalesce(
            group_labels.label_{{ language }}, categories.label_{{ language }}, parts.column_name || ' = ' || parts.category
        ) as label_{{ language }},
        {% endfor %}
    from parts
    left join group_labels
        on parts.survey_wave_id = group_labels.survey_wave_id
        and parts.column_name = group_labels.column_name
        and parts.category = group_labels.category
    left join categories on parts.column_name = categories.dimension and parts.category = categories.category
),

grouped as (
    select
        estimate_number,
        bool_and(is_listed) filter (where is_own) as is_listed,
        string_agg(column_name || '=' || category, ';' order by part_order) filter (where is_own) as own_group_id,
        string_agg(column_name, ';' order by part_order) filter (where is_own) as own_group_columns,
        {% for language in ['da', 'en'] -%}
        string_agg(label_{{ language }}, ', ' order by part_order) filter (where is_own) as own_group_label_{{ language }},
        string_agg(label_{{ language }}, ', ' order by part_order) as segment_label_{{ language }},
        {% endfor %}
    from named
    group by estimate_number
    having bool_or(is_own)
),

-- what no list has may be text that a firm wrote: withheld, it is not named either
shown as (
    select
        grouped.*,
        estimates.is_change,
        estimates.indicator_id is not null and (grouped.is_listed or not estimates.is_suppressed) as is_named,
        {{ observation_id('estimates') }} as observation_id_without_group,
    from grouped
    inner join estimates on grouped.estimate_number = estimates.estimate_number
)

select
    * exclude (observation_id_without_group, is_change, is_named),
    is_named and not is_change as is_observation,
    -- of a change: the observation that it leads to
    case when is_named then 'obs_' || left(md5(observation_id_without_group || '|' || own_group_id), 16) end as observation_id,
from shown
