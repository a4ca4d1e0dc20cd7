with recomputed as (
    select * from {{ ref('int_index_standard_errors') }}
),

observations as (
    select * from {{ ref('int_published_observations_united') }}
),

compared as (
    select
        observations.figure_id,
        observations.publication_id,
        observations.source_line,
        observations.also_at_lines,
        observations.observation_value,
        observations.printed_value,
        observations.printed_decimals,
        observations.half_width,
        recomputed.recomputed_value,
        recomputed.rounding_half_width,
        recomputed.computed_text,
        recomputed.source_lines as distribution_lines,
    from recomputed
    inner join observations
        on recomputed.survey_wave_id = observations.survey_wave_id
        and recomputed.indicator_id = observations.indicator_id
        and recomputed.base_population_id = observations.base_population_id
        {% for dimension in var('breakdown_dimensions') -%}
        and observations.{{ dimension }} = 'total'
        {% endfor %}
),

judged as (
    select
        *,
        case
            when round(recomputed_value, printed_decimals) = observation_value then 'consistent'
            when abs(recomputed_value - observation_value) <= half_width + rounding_half_width then 'rounding'
            else 'contradiction'
        end as outcome,
    from compared
)

select
    'index_' || figure_id as check_id,
    publication_id,
    'index_recomputed' as check_kind,
    list_aggregate(list_sort(list_distinct(list_concat(
        distribution_lines, [source_line], coalesce(list_transform(string_split(also_at_lines, ','), lambda line: cast(line as integer)), [])
    ))), 'string_agg', ',') as source_lines,
    '(' || computed_text || ') ÷ 100 = ' || round(recomputed_value, 2) || '; printed: ' || printed_value as arithmetic,
    recomputed_value as computed_value,
    observation_value as printed_value,
    outcome,
    cast(null as varchar) as registered_outcome,
    case outcome
        when 'contradiction' then 'Indekset kan ikke genberegnes af sin trykte fordeling.'
        else 'Indekset kan genberegnes af sin trykte fordeling.'
    end as explanation_da,
    case outcome
        when 'contradiction' then 'The index cannot be recomputed from its printed distribution.'
        else 'The index can be recomputed from its printed distribution.'
    end as explanation_en,
from judged
