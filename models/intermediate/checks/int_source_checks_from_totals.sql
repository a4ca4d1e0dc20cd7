-- A total must lie within the range of the groups that make it up.
{% set dimensions = ['industry_id', 'region_id', 'maturity_level_id'] %}
with observations as (
    select * from {{ ref('int_observations_from_figures') }}
),

partitions as (
    select * from {{ ref('stg_catalogue__partitions') }}
),

partition_sizes as (
    select
        partition_id,
        count(*) as members_declared,
    from partitions
    group by partition_id
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

compared as (
    {% for dimension in dimensions %}
    select
        partitions.partition_id,
        totals.figure_id as total_figure_id,
        any_value(totals.publication_id) as publication_id,
        any_value(totals.source_line) as total_line,
        any_value(totals.printed_value) as total_text,
        any_value(totals.observation_value) as total_value,
        any_value(totals.printed_lower) as total_lower,
        any_value(totals.printed_upper) as total_upper,
        min(members.observation_value) as lowest_value,
        max(members.observation_value) as highest_value,
        min(members.printed_lower) as members_lower,
        max(members.printed_upper) as members_upper,
        list_sort(list_distinct(list(members.source_line))) as member_lines,
        count(distinct members.{{ dimension }}) as members_printed,
        any_value(partition_sizes.members_declared) as members_declared,
    from observations as totals
    inner join waves on totals.survey_wave_id = waves.survey_wave_id
    inner join partitions on waves.survey_id = partitions.survey_id and partitions.dimension = '{{ dimension }}'
    inner join partition_sizes on partitions.partition_id = partition_sizes.partition_id
    inner join observations as members
        on totals.survey_wave_id = members.survey_wave_id
        and totals.indicator_id = members.indicator_id
        and totals.base_population_id = members.base_population_id
        and totals.unit_of_measure = members.unit_of_measure
        and totals.answer_category_id = members.answer_category_id
        and members.{{ dimension }} = partitions.member_id
        {% for other in var('breakdown_dimensions') if other != dimension -%}
        and totals.{{ other }} = members.{{ other }}
        {% endfor %}
    where totals.{{ dimension }} = 'total' and members.value_form = 'digits'
    group by partitions.partition_id, totals.figure_id
    {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    'total_' || partition_id || '_' || total_figure_id as check_id,
    publication_id,
    'total_outside_groups' as check_kind,
    list_aggregate(list_sort(list_distinct(list_concat(member_lines, [total_line]))), 'string_agg', ',') as source_lines,
    'groups ' || lowest_value || ' … ' || highest_value || '; total ' || total_text as arithmetic,
    cast(null as double) as computed_value,
    total_value as printed_value,
    case
        when total_value between lowest_value and highest_value then 'consistent'
        when total_lower <= members_upper and total_upper >= members_lower then 'rounding'
        else 'contradiction'
    end as outcome,
    cast(null as varchar) as registered_outcome,
    case
        when total_lower <= members_upper and total_upper >= members_lower then 'Totalen ligger inden for gruppernes spænd, som den skal.'
        else 'Totalen ligger uden for spændet af de grupper, den er sammensat af.'
    end as explanation_da,
    case
        when total_lower <= members_upper and total_upper >= members_lower then 'The total lies within the range of its groups, as it must.'
        else 'The total lies outside the range of the groups that make it up.'
    end as explanation_en,
from compared
where members_printed = members_declared
