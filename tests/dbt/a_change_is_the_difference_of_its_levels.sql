-- However a change was estimated, it is the later value minus the earlier one (rounded to six decimals in the table).
select
    change_id,
    from_value,
    to_value,
    difference,
from {{ ref('fct_changes') }}
where abs(difference - (to_value - from_value)) > 1e-6
