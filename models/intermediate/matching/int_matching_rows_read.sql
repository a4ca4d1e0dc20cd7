{{ config(materialized='view') }}
with read as (
    {%- for query_number, row_query in matching_row_queries().items() %}
    select
        {{ query_number }} as query_number,
        *,
    from (
        {{ row_query | indent(8) }}
    )
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as integer) as query_number,
        cast(null as bigint) as firm_number,
        cast(null as varchar) as firm_id,
        cast(null as varchar) as by_value,
        cast(null as double) as treatment,
        cast(null as varchar[]) as exact_values,
        cast(null as double[]) as distance_values,
        cast(null as double[]) as balance_values,
        cast(null as double[][]) as outcome_values,
        cast(null as integer[]) as missing_years,
    where false
    {%- endfor %}
),

matchings as (
    select * from {{ ref('stg_matching__matchings') }}
)

select
    matchings.matching_number,
    read.firm_number,
    read.firm_id,
    read.treatment = 1 as is_treated,
    read.exact_values,
    read.distance_values,
    read.balance_values,
    read.outcome_values,
    read.missing_years,
from read
inner join matchings on read.query_number = matchings.query_number and read.by_value = matchings.by_value
