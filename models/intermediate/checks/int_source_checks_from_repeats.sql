-- The same statement printed in several places: do the ranges that the wordings leave open overlap?
with figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

repeated as (
    select
        observation_id,
        min(figure_id) as first_figure_id,
        any_value(publication_id) as publication_id,
        any_value(unit_of_measure) as unit_of_measure,
        string_agg(distinct source_line, ',' order by source_line) as source_lines,
        string_agg(printed_value || ' (line ' || source_line || ')', '; ' order by source_line, figure_id) as arithmetic,
        max(printed_lower) as highest_lower,
        min(printed_upper) as lowest_upper,
        count(distinct observation_value) as distinct_values,
        -- a bound or an "about" never rounds; two exact prints, or a fraction in words and a figure, do
        count(distinct observation_value) filter (where value_qualifier = '=') as distinct_exact_values,
    from figures
    group by observation_id
    having count(*) > 1
)

select
    'repeat_' || first_figure_id as check_id,
    publication_id,
    'repeated_statement' as check_kind,
    source_lines,
    arithmetic,
    cast(null as double) as computed_value,
    cast(null as double) as printed_value,
    case
        when highest_lower > lowest_upper then 'contradiction'
        when distinct_exact_values > 1 then 'rounding'
        else 'consistent'
    end as outcome,
    cast(null as varchar) as registered_outcome,
    case
        when highest_lower > lowest_upper then 'Samme udsagn er trykt flere steder med værdier, der ikke kan være rigtige på én gang.'
        when distinct_exact_values > 1 then 'Samme udsagn er trykt flere steder, afrundet forskelligt eller i ord.'
        else 'Samme udsagn er trykt flere steder og stemmer.'
    end as explanation_da,
    case
        when highest_lower > lowest_upper then 'The same statement is printed in several places with values that cannot all be right.'
        when distinct_exact_values > 1 then 'The same statement is printed in several places, rounded differently or in words.'
        else 'The same statement is printed in several places and agrees.'
    end as explanation_en,
from repeated
