-- Quantiles that are released: their group's mean is shown, and as many firms lie on either side as a cell must rest on. The value is that
-- of a firm, so it is rounded like an estimate; without an error nothing says how far, and it stays in the build file.
with quantiles as (
    select
        *,
        measure_number * 1000000000 + segment_number as estimate_number,
        {{ released_step('standard_error', "''", '0') }} as released_step,
    from {{ ref('int_quantiles') }}
),

shown as (
    select * from {{ ref('int_estimates_shown') }}
    where not is_withheld
)

select
    'qua_' || left(md5(concat_ws(
        '|', shown.evidence_type, shown.design_id, shown.measure_id, shown.breakdown_id, shown.segment, quantiles.quantile,
        quantiles.quantile_rule, quantiles.interval_method
    )), 16) as quantile_id,
    shown.* exclude (
        estimate_number, estimate, is_withheld, is_any_group_withheld, is_beside_hidden, is_any_group_beside_hidden, is_on_answered_base,
        has_telling_degrees, least_error_ratio, most_error_ratio, observation_id, statistic, value_factor
    ),
    quantiles.quantile,
    quantiles.quantile_rule,
    quantiles.interval_method,
    {{ to_step('quantiles.value', 'quantiles.released_step') }} as quantile_value,
    {{ two_digits('quantiles.standard_error') }} as standard_error,
    {{ to_step('quantiles.ci_lower', 'quantiles.released_step') }} as ci_lower,
    {{ to_step('quantiles.ci_upper', 'quantiles.released_step') }} as ci_upper,
    case when not shown.has_telling_degrees then quantiles.degrees_of_freedom end as degrees_of_freedom,
from quantiles
inner join shown on quantiles.estimate_number = shown.estimate_number
where
    quantiles.respondents * least(quantiles.quantile, 1 - quantiles.quantile) >= {{ disclosure_threshold() }}
    and quantiles.standard_error > 0
