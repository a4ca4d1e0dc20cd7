select
    arithmetic_id,
    term_order,
    term_role,
    figure_id,
    constant_value,
    coefficient,
from {{ ref('arithmetic_terms') }}
