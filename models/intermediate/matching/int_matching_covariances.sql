-- Covariance of each two distance columns over all n rows, divisor n.
with distance_columns as (
    select
        matching_number,
        any_value(firms) as firms,
        list(mean order by column_number) as means,
        list(value_range order by column_number) as value_ranges,
    from {{ ref('int_matching_columns') }}
    group by matching_number
),

centred as (
    select
        firms.matching_number,
        distance_columns.firms,
        distance_columns.value_ranges,
        list_transform(firms.distance_values, lambda x, i: x - distance_columns.means[i]) as deviations,
    from {{ ref('int_matching_rows') }} as firms
    inner join distance_columns on firms.matching_number = distance_columns.matching_number
),

column_pairs as (
    select
        first_columns.matching_number,
        first_columns.column_number as first_column,
        second_columns.column_number as second_column,
    from {{ ref('int_matching_columns') }} as first_columns
    inner join {{ ref('int_matching_columns') }} as second_columns
        on first_columns.matching_number = second_columns.matching_number
        and first_columns.column_number <= second_columns.column_number
),

products as (
    select
        centred.matching_number,
        column_pairs.first_column,
        column_pairs.second_column,
        centred.firms,
        centred.deviations[column_pairs.first_column] * centred.deviations[column_pairs.second_column] as product,
        centred.value_ranges[column_pairs.first_column] * centred.value_ranges[column_pairs.second_column] as largest,
    from centred
    inner join column_pairs on centred.matching_number = column_pairs.matching_number
)

select
    matching_number,
    first_column,
    second_column,
    any_value(firms) as firms,
    {{ reproducible_sum('product', 'largest') }} / any_value(firms) as covariance,
from products
group by matching_number, first_column, second_column
