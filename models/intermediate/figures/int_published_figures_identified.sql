with figures as (
    select * from {{ ref('stg_published__figures') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

with_evidence as (
    select
        figures.*,
        'published' as evidence_type,
        publications.source_file,
        publications.citation || ' (linje ' || figures.source_line || ', ' || figures.source_section || ')' as citation,
        {{ printed_half_width('observation_value', 'unit_of_measure', 'value_form', 'value_qualifier', 'printed_decimals') }} as half_width,
    from figures
    inner join publications on figures.publication_id = publications.publication_id
)

select
    *,
    {{ observation_id() }} as observation_id,
    -- the range that the printed wording leaves open; a bound excludes its own value
    case
        when value_qualifier = '<' then 0.0
        when value_qualifier = '>' then observation_value + 1e-9
        when value_direction = 'above' then observation_value
        else observation_value - half_width
    end as printed_lower,
    case
        when value_qualifier = '<' then observation_value - 1e-9
        when value_qualifier = '>' then case when unit_of_measure = 'percent' then 100.0 else cast('infinity' as double) end
        when value_direction = 'below' then observation_value
        else observation_value + half_width
    end as printed_upper,
from with_evidence
