-- An estimate from responses, of a level or of a change, lies in its interval; a bound never stands alone.
select
    estimate_id,
    estimate,
    ci_lower,
    ci_upper,
from {{ ref('fct_estimates') }}
where
    not coalesce(estimate between ci_lower and ci_upper, true)
    or (ci_lower is null) <> (ci_upper is null)
