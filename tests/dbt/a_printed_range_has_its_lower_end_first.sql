-- The range that a printed wording leaves open has its lower end below its upper end or on it.
select
    figure_id,
    printed_value,
    printed_lower,
    printed_upper,
from {{ ref('fct_published_figures') }}
where not coalesce(printed_lower <= printed_upper, false)
