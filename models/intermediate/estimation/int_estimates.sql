-- depends_on: {{ ref('int_response_problems') }} (responses that cannot be used have no estimates)
with recursive scored_cells as (
    select * from {{ ref('int_cells_scored') }}
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

weighted_cells as (
    select * from {{ ref('int_cells_weighted') }}
),

segments as (
    select * from {{ ref('int_design_segments') }}
),

strata as (
    select * from {{ ref('int_design_strata') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

inverses as (
    select * from {{ ref('int_calibration_inverses') }}
),

residuals as (
    select * from {{ ref('int_calibration_residuals') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

{{ estimate_cells('scored_cells', 'weighted_cells', 'segments') }},

{{ estimate_sides('estimate_cells', 'segments', 'design_measures') }},

{{ estimate_variances('estimate_cells', 'estimate_sides', 'designs', 'strata', 'factors', 'inverses', 'residuals') }},

-- the two sides of a change become one row; two numbers have the same sum in either order
united as (
    select
        estimate_number,
        any_value(design_id) as design_id,
        any_value(measure_id) as measure_id,
        any_value(breakdown_id) as breakdown_id,
        any_value(column_names) as column_names,
        any_value(categories) as categories,
        any_value(segment) as segment,
        any_value(statistic) as statistic,
        count(*) > 1 as is_change,
        sum(change_sign * estimate) as estimate,
        max(case when change_sign = -1 then estimate end) as estimate_from,
        max(case when change_sign = 1 then estimate end) as estimate_to,
        cast(sum(respondents) as bigint) as respondents,
        cast(sum(weighted_respondents) as bigint) as weighted_respondents,
        cast(min(respondents) as bigint) as smallest_respondents,
        list({'respondents': respondents, 'sum_y': sum_y} order by change_sign) as side_sums,
        -- of the two sides of a change the more dominated one counts
        max(list_sum(largest_values) / nullif(sum_y, 0)) as two_largest_share,
        sum(sum_w) as sum_weights,
        max(largest_weight) as largest_weight,
        sum(sum_ww) as sum_squared_weights,
        sum(weighted_squares) as weighted_squares,
    from estimate_sides
    group by estimate_number
),

-- a unit counts once it has a row with a weight that is not 0
design_strata as (
    select
        design_id,
        stratum_key,
        {{ sampling_units('psu_id', 'weighted_respondents') }} as unit_count,
    from design_cells
    where weighted_respondents > 0
    group by all
),

design_counts as (
    select
        design_id,
        sum(unit_count) - count(*) as degrees_of_freedom,
    from design_strata
    group by design_id
),

design_rows as (
    select
        design_id,
        cast(sum(respondents) as bigint) as respondents,
    from design_cells
    group by design_id
),

-- everything but the interval
measured as materialized (
    select
        united.*,
        designs.lonely_stratum,
        designs.interval_level,
        measures.interval_method,
        measures.is_amount,
        variances.variance,
        sqrt(variances.variance) as standard_error,
        variances.segment_unit_count,
        variances.lonely_stratum_count,
        case designs.degrees_of_freedom_rule
            when 'design' then cast(design_counts.degrees_of_freedom as double)
            when 'segment' then cast(variances.segment_unit_count - variances.segment_stratum_count as double)
            else cast('infinity' as double)
        end as degrees_of_freedom,
        cast(variances.segment_unit_count - variances.segment_stratum_count as double) as segment_degrees_of_freedom,
        cast(case designs.beta_rows when 'design' then design_rows.respondents else united.weighted_respondents end - 1 as double)
            as beta_degrees_of_freedom,
        case
            when united.statistic in ('share', 'mean') and not united.is_change
                then {{ design_effect('variances.variance', 'united.weighted_squares', 'united.sum_weights', 'united.weighted_respondents') }}
        end as design_effect,
        {{ kish_effective_n('united.sum_weights', 'united.sum_squared_weights') }} as kish_effective_sample_size,
    from united
    inner join estimate_variances as variances on united.estimate_number = variances.estimate_number
    inner join designs on united.design_id = designs.design_id
    inner join measures on designs.measure_set_id = measures.measure_set_id and united.measure_id = measures.measure_id
    inner join design_counts on united.design_id = design_counts.design_id
    inner join design_rows on united.design_id = design_rows.design_id
),

{{ interval_quantiles('measured') }},

{{ beta_bounds('measured', 'quantiles') }},

methods as (
    select
        measured.*,
        quantiles.quantile,
        beta_bounds.ci_lower as beta_lower,
        beta_bounds.ci_upper as beta_upper,
        case
            when quantiles.quantile is null or measured.variance is null then null
            when measured.is_change or measured.interval_method = 'wald' then 'wald'
            when measured.estimate in (0, 1) and measured.kish_effective_sample_size > 0 then 'wilson'
            when measured.estimate <= 0 or measured.estimate >= 1 then null
            when measured.interval_method = 'beta' and beta_bounds.ci_lower is null then null
            else measured.interval_method
        end as used_method,
        abs(measured.estimate) / nullif(measured.standard_error, 0) as absolute_t,
    from measured
    left join quantiles
        on measured.degrees_of_freedom = quantiles.degrees_of_freedom and measured.interval_level = quantiles.interval_level
    left join beta_bounds on measured.estimate_number = beta_bounds.estimate_number
)

select
    {{ estimate_keys() }}
    estimate,
    estimate_from,
    estimate_to,
    respondents,
    weighted_respondents,
    smallest_respondents,
    side_sums,
    segment_unit_count,
    is_amount,
    two_largest_share,
    sum_weights,
    largest_weight,
    variance,
    standard_error,
    {% for bound, sign in {'lower': '-1', 'upper': '1'}.items() -%}
    case used_method
        when 'wald' then estimate + {{ sign }} * quantile * standard_error
        when 'logit' then {{ logit_bound('estimate', 'standard_error', 'quantile', sign) }}
        when 'asin' then {{ arcsine_bound('estimate', 'standard_error', 'quantile', sign) }}
        when 'beta' then beta_{{ bound }}
        when 'wilson' then {{ wilson_t_bound('estimate', 'kish_effective_sample_size', 'quantile', sign) }}
    end as ci_{{ bound }},
    {% endfor -%}
    used_method as interval_method,
    interval_level,
    degrees_of_freedom,
    design_effect,
    coalesce(respondents / nullif(design_effect, 0), kish_effective_sample_size) as effective_sample_size,
    case when is_change then estimate / nullif(standard_error, 0) end as t_statistic,
    case when is_change and degrees_of_freedom > 0 then {{ student_t_tail('absolute_t', 'degrees_of_freedom') }} end as p_value,
    lonely_stratum,
    lonely_stratum_count,
from methods
