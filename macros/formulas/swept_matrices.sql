{% macro swept_matrices(relation, keys) %}
    {#-
    A query of the keys and a generalised inverse (column `inverse`, double[][]) of each symmetric, positive semi-definite
    matrix (column `matrix`, double[][]) of the relation, by Gauss-Jordan sweeps with a pivot a step.
    The matrix is scaled to a unit diagonal first; a pivot that has shrunk below 1e-10 belongs to a column that depends
    on those before it (margins share their total) and is left out, so that its row and column are 0.
    Source: Goodnight (1979), A tutorial on the SWEEP operator, The American Statistician 33, 149-158.
    -#}
with recursive scaled_matrices as (
    select
        {{ keys | join(', ') }},
        list_transform(matrix, lambda matrix_row, i: case when matrix_row[i] > 0 then 1 / sqrt(matrix_row[i]) else 0.0 end) as scales,
        matrix,
    from {{ relation }}
),

sweeps as (
    select
        {{ keys | join(', ') }},
        0 as pivot_number,
        scales,
        list_transform(matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j: element * scales[i] * scales[j])) as matrix,
    from scaled_matrices
    union all
    select
        {{ keys | join(', ') }},
        pivot_number + 1,
        scales,
        list_transform(matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j:
            case
                when matrix[pivot_number + 1][pivot_number + 1] < 1e-10
                    then case when i = pivot_number + 1 or j = pivot_number + 1 then 0.0 else element end
                when i = pivot_number + 1 and j = pivot_number + 1 then 1 / element
                when i = pivot_number + 1 then element / matrix[pivot_number + 1][pivot_number + 1]
                when j = pivot_number + 1 then -element / matrix[pivot_number + 1][pivot_number + 1]
                else element - matrix_row[pivot_number + 1] * matrix[pivot_number + 1][j] / matrix[pivot_number + 1][pivot_number + 1]
            end
        )),
    from sweeps
    where pivot_number < len(matrix)
)

select
    {{ keys | join(', ') }},
    list_transform(matrix, lambda matrix_row, i: list_transform(matrix_row, lambda element, j: element * scales[i] * scales[j])) as inverse,
from sweeps
where pivot_number = len(matrix)
{% endmacro %}
