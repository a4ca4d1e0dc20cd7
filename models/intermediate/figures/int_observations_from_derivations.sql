-- Observations that no report prints but that follow from printed figures by one line of arithmetic.
with derivations as (
    select * from {{ ref('stg_catalogue__derivations') }}
),

arithmetic as (
    select * from {{ ref('int_arithmetic_evaluated') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

valued as (
    select
        derivations.derivation_id as figure_id,
        arithmetic.publication_id,
        list_sort(arithmetic.source_lines)[1] as source_line,
        'Beregnet af trykte tal' as source_section,
        'digits' as value_form,
        derivations.survey_wave_id,
        derivations.indicator_id,
        derivations.base_population_id,
        {% for dimension in var('breakdown_dimensions') -%}
        'total' as {{ dimension }},
        {% endfor -%}
        derivations.answer_category_id,
        cast(null as integer) as label_position,
        round(arithmetic.computed_value, 1) as observation_value,
        derivations.unit_of_measure,
        '=' as value_qualifier,
        'exact' as value_direction,
        case
            when arithmetic.operation = 'share' then cast(arithmetic.denominator_value as integer)
            when arithmetic.sample_size = arithmetic.largest_sample_size then arithmetic.sample_size
        end as sample_size,
        waves.weighting_method,
        waves.reference_period,
        'derived' as observation_status,
        false as is_cited_evidence,
        derivations.note_en as note,
        case when arithmetic.computed_value = round(arithmetic.computed_value) then 0 else 1 end as printed_decimals,
        'published' as evidence_type,
        publications.source_file,
        publications.citation || ' (beregnet af linje ' || list_aggregate(arithmetic.source_lines, 'string_agg', ', ') || ')' as citation,
        (arithmetic.computed_upper - arithmetic.computed_lower) / 2 as half_width,
        1 as occurrence_count,
        list_aggregate(arithmetic.source_lines[2:], 'string_agg', ',') as also_at_lines,
        arithmetic.computed_text || ' = ' || round(arithmetic.computed_value, 1) as derivation,
    from derivations
    inner join arithmetic on derivations.derivation_id = arithmetic.arithmetic_id
    inner join publications on arithmetic.publication_id = publications.publication_id
    inner join waves on derivations.survey_wave_id = waves.survey_wave_id
)

select
    *,
    {{ observation_id() }} as observation_id,
from valued
