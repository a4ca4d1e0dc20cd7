-- A matched comparison has its difference within its interval, with the error that made it, or no figure at all where it is withheld.
select
    matched_comparison_id,
    evidence_type,
    matched_difference,
    matched_ci_lower,
    matched_ci_upper,
from {{ ref('fct_matched_comparisons') }}
where
    evidence_type not in ('estimated', 'synthetic')
    or (matched_difference is not null and matched_standard_error is null)
    or matched_difference not between matched_ci_lower and matched_ci_upper
    or mean_treated not between mean_treated_ci_lower and mean_treated_ci_upper
    or mean_control not between mean_control_ci_lower and mean_control_ci_upper
    or (is_suppressed and coalesce(mean_treated, mean_control, matched_difference, matched_ci_lower, matched_ci_upper) is not null)
