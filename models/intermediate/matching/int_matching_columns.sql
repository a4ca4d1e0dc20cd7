-- Mean and standard deviation of each distance column over all n rows.
with column_values as (
    select
        matching_number,
        unnest(generate_series(1, len(distance_values))) as column_number,
        unnest(distance_values) as column_value,
    from {{ ref('int_matching_rows') }}
),

ranges as (
    select
        matching_number,
        column_number,
        count(*) as firms,
        min(column_value) as smallest,
        max(column_value) as largest,
    from column_values
    group by matching_number, column_number
),

totals as (
    select
        column_values.matching_number,
        column_values.column_number,
        {{ reproducible_sum('column_values.column_value', 'greatest(abs(ranges.smallest), abs(ranges.largest))') }} as total,
    from column_values
    inner join ranges
        on column_values.matching_number = ranges.matching_number
        and column_values.column_number = ranges.column_number
    group by column_values.matching_number, column_values.column_number
)

select
    ranges.matching_number,
    ranges.column_number,
    ranges.firms,
    totals.total / ranges.firms as mean,
    ranges.largest - ranges.smallest as value_range,
from ranges
inner join totals
    on ranges.matching_number = totals.matching_number
    and ranges.column_number = totals.column_number
