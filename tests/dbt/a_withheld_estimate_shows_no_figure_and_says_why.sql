-- A withheld estimate shows nothing that was computed, and has its reason; a suppressed one not even how many answered.
select
    estimate_id,
    suppression_reason,
    quality_grade,
from {{ ref('fct_estimates') }}
where
    is_withheld <> (suppression_reason is not null or coalesce(quality_grade, '') = 'do_not_publish')
    or is_withheld <> (estimate is null)
    or (is_withheld and coalesce(
        standard_error, ci_lower, ci_upper, design_effect, effective_sample_size, degrees_of_freedom, t_statistic, p_value
    ) is not null)
    or (is_suppressed and sample_size is not null)
