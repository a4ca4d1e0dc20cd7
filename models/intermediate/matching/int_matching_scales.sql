-- The linear map after which the distance is Euclidean: z = W (x - mean), with W'W = A.
-- Mahalanobis: W is the inverse of the Cholesky factor of the covariance matrix, by elimination on the correlation matrix.
-- Source: Golub and Van Loan (2013), Matrix Computations, 4.2. Inverse variance: W is diagonal.
with recursive distance_columns as (
    select
        matching_number,
        any_value(firms) as firms,
        list(mean order by column_number) as means,
        bool_or(value_range = 0) as is_constant,
    from {{ ref('int_matching_columns') }}
    group by matching_number
),

covariances as (
    select * from {{ ref('int_matching_covariances') }}
),

variances as (
    select
        matching_number,
        list(sqrt(covariance) order by first_column) as deviations,
    from covariances
    where first_column = second_column
    group by matching_number
),

both_halves as (
    select
        matching_number,
        first_column,
        second_column,
        covariance,
    from covariances
    union
    select
        matching_number,
        second_column as first_column,
        first_column as second_column,
        covariance,
    from covariances
),

matrix_rows as (
    select
        matching_number,
        first_column,
        list(covariance order by second_column) as matrix_row,
    from both_halves
    group by matching_number, first_column
),

matrices as (
    select
        matching_number,
        list(matrix_row order by first_column) as matrix,
    from matrix_rows
    group by matching_number
),

started as (
    select
        matchings.matching_number,
        distance_columns.means,
        variances.deviations,
        list_transform(variances.deviations, lambda deviation: case matchings.distance
            when 'mahalanobis' then deviation
            -- the inverse variance has the divisor n - 1
            else deviation * sqrt(distance_columns.firms / (distance_columns.firms - 1))
        end) as scales,
        list_transform(matrices.matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j: case
            when i = j then cast(1 as double)
            when matchings.distance = 'mahalanobis' then element / (variances.deviations[i] * variances.deviations[j])
            else 0
        end)) as matrix,
        list_transform(matrices.matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j: cast(i = j as double))) as eliminated,
    from {{ ref('stg_matching__matchings') }} as matchings
    inner join distance_columns on matchings.matching_number = distance_columns.matching_number
    inner join variances on matchings.matching_number = variances.matching_number
    inner join matrices on matchings.matching_number = matrices.matching_number
    where not distance_columns.is_constant
),

steps as (
    select
        *,
        1 as pivot_number,
    from started
    union all
    select
        matching_number,
        means,
        deviations,
        scales,
        list_transform(matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j: case
            when i <= pivot_number then element
            else element - matrix_row[pivot_number] / matrix[pivot_number][pivot_number] * matrix[pivot_number][j]
        end)),
        list_transform(eliminated, lambda eliminated_row, i: list_transform(eliminated_row, lambda element, j: case
            when i <= pivot_number then element
            else element - matrix[i][pivot_number] / matrix[pivot_number][pivot_number] * eliminated[pivot_number][j]
        end)),
        pivot_number + 1,
    from steps
    -- a column that depends on those before it has no pivot left
    where pivot_number <= len(matrix) and matrix[pivot_number][pivot_number] >= 1e-10
)

select
    matching_number,
    means,
    deviations,
    list_transform(
        eliminated,
        lambda eliminated_row, i: list_transform(eliminated_row, lambda element, j: element / sqrt(matrix[i][i]) / scales[j])
    ) as whitening,
from steps
where pivot_number = len(matrix) + 1
