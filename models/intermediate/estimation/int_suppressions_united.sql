-- Every hidden estimate, with the reason: for itself, and for what another measure or another wave would give away.
with cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

by_measure as (
    select * from {{ ref('int_suppressions_by_measure') }}
),

companions as (
    select * from {{ ref('int_disclosure_companions') }}
),

bases as (
    select * from {{ ref('int_disclosure_bases') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

{# a hidden cell hides the same cell of the measures that the link names -#}
{% set links = {
    'of_question': ('by_measure', 'companions', 'companion_id'), 'of_base': ('in_question', 'bases', 'dependent_id')
} -%}
{% for name, (hidden, link, linked_id) in links.items() -%}
{{ name }} as (
    select distinct cells.*
    from {{ hidden }} as hidden
    inner join {{ link }} as links on hidden.design_id = links.design_id and hidden.measure_id = links.measure_id
    inner join cells
        on links.design_id = cells.design_id
        and links.{{ linked_id }} = cells.measure_id
        and hidden.column_names = cells.column_names
        and hidden.categories = cells.categories
        and hidden.is_change = cells.is_change
),

{% if loop.first -%}
in_question as (
    select * from by_measure
    union all by name
    select * from of_question
),

{% endif -%}
{% endfor -%}
levels as (
    select * from in_question
    union all by name
    select * from of_base
),

-- a change would give away a hidden level of either wave
of_level as (
    select distinct changes.estimate_number,
    from cells as changes
    inner join designs as change_designs on changes.design_id = change_designs.design_id
    inner join designs as level_designs
        on change_designs.measure_set_id = level_designs.measure_set_id
        and level_designs.survey_wave_id in (change_designs.survey_wave_id, change_designs.earlier_survey_wave_id)
        and level_designs.change_column is null
    inner join levels
        on level_designs.design_id = levels.design_id
        and changes.measure_id = levels.measure_id
        and changes.column_names = levels.column_names
        and changes.categories = levels.categories
    where changes.is_change
),

united as (
    select
        estimate_number,
        suppression_reason,
    from levels
    union all by name
    select estimate_number from of_level
)

select
    estimate_number,
    coalesce(min(suppression_reason), 'secondary') as suppression_reason,
from united
group by estimate_number
