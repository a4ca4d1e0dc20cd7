-- The register of known source errors: a check whose outcome changes means that a figure or a rule was changed.
select
    check_id,
    outcome,
    registered_outcome,
    arithmetic,
from {{ ref('fct_source_checks') }}
where registered_outcome is not null and outcome <> registered_outcome
