-- Reports print no covariance of two figures: a difference of printed figures has neither a t statistic nor a p value.
select
    change_id,
    t_statistic,
    p_value,
from {{ ref('fct_changes') }}
where evidence_type = 'published' and (t_statistic is not null or p_value is not null)
