-- Effect on the treated, its standard error and interval; both growths on their own.
-- Source: Abadie and Imbens (2006), Econometrica 74, 235-267; with bias adjustment: (2011), JBES 29, 1-11.
with recursive treated_effects as (
    select * from {{ ref('int_matching_treated_effects') }}
),

comparisons as (
    select
        comparisons.comparison_number,
        comparisons.matching_number,
        matchings.variance_neighbours,
        matchings.level as interval_level,
        cast('infinity' as double) as degrees_of_freedom,
    from {{ ref('stg_matching__comparisons') }} as comparisons
    inner join {{ ref('stg_matching__matchings') }} as matchings on comparisons.matching_number = matchings.matching_number
),

means as (
    select
        comparison_number,
        count(*) as treated,
        {{ ordered_sum('effect') }} / count(*) as estimate,
        {{ ordered_sum('adjusted_effect') }} / count(*) as estimate_adjusted,
        {{ ordered_sum('treated_outcome') }} / count(*) as mean_treated,
        {{ ordered_sum('control_mean') }} / count(*) as mean_control,
    from treated_effects
    group by comparison_number
),

squares as (
    select
        means.comparison_number,
        {{ ordered_sum('power(treated_effects.effect - means.estimate, 2)') }} as squares,
        {{ ordered_sum('power(treated_effects.adjusted_effect - means.estimate_adjusted, 2)') }} as squares_adjusted,
        {{ ordered_sum('power(treated_effects.treated_outcome - means.mean_treated, 2)') }} as squares_treated,
        {{ ordered_sum('power(treated_effects.control_mean - means.mean_control, 2)') }} as squares_control,
    from means
    inner join treated_effects on means.comparison_number = treated_effects.comparison_number
    group by means.comparison_number
),

-- one variance for all controls (no variance neighbours): half the mean square of the pair differences about the effect
pair_squares as (
    select
        pair_differences.comparison_number,
        {{ ordered_sum('pair_differences.pair_weight * power(pair_differences.difference - means.estimate, 2)') }}
        / any_value(means.treated) / 2 as common_variance,
        {{ ordered_sum('pair_differences.pair_weight * power(pair_differences.adjusted_difference - means.estimate_adjusted, 2)') }}
        / any_value(means.treated) / 2 as common_variance_adjusted,
    from {{ ref('int_matching_pair_differences') }} as pair_differences
    inner join means on pair_differences.comparison_number = means.comparison_number
    group by pair_differences.comparison_number
),

control_variances as (
    select
        comparisons.comparison_number,
        control_weights.control_number,
        control_weights.pairs,
        power(control_weights.control_weight, 2) - control_weights.squared_weights as factor,
        case when comparisons.variance_neighbours = 0 then pair_squares.common_variance else coalesce(near.outcome_variance, 0) end as variance,
        case
            when comparisons.variance_neighbours = 0 then pair_squares.common_variance_adjusted
            else coalesce(near.outcome_variance, 0)
        end as variance_adjusted,
    from comparisons
    inner join {{ ref('int_matching_control_weights') }} as control_weights on comparisons.matching_number = control_weights.matching_number
    inner join pair_squares on comparisons.comparison_number = pair_squares.comparison_number
    left join {{ ref('int_matching_control_variances') }} as near
        on comparisons.comparison_number = near.comparison_number
        and control_weights.control_number = near.control_number
),

control_terms as (
    select
        comparison_number,
        count(*) as controls_used,
        cast(sum(pairs) as bigint) as pairs,
        {{ ordered_sum('factor * variance') }} as control_term,
        {{ ordered_sum('factor * variance_adjusted') }} as control_term_adjusted,
    from control_variances
    group by comparison_number
),

errors as (
    select
        comparisons.*,
        means.* exclude (comparison_number),
        control_terms.controls_used,
        control_terms.pairs,
        sqrt(squares.squares + control_terms.control_term) / means.treated as standard_error,
        sqrt(squares.squares_adjusted + control_terms.control_term_adjusted) / means.treated as standard_error_adjusted,
        -- the same two terms for each mean on its own
        sqrt(squares.squares_treated) / means.treated as standard_error_treated,
        sqrt(squares.squares_control + control_terms.control_term) / means.treated as standard_error_control,
    from comparisons
    inner join means on comparisons.comparison_number = means.comparison_number
    inner join squares on comparisons.comparison_number = squares.comparison_number
    inner join control_terms on comparisons.comparison_number = control_terms.comparison_number
),

levels as (
    select distinct
        degrees_of_freedom,
        interval_level,
    from errors
),

student_t_quantiles as (
    {{ student_t_quantiles('levels') }}
)

select
    errors.comparison_number,
    errors.matching_number,
    errors.treated as treated_matched,
    errors.controls_used,
    errors.pairs,
    errors.interval_level,
    student_t_quantiles.quantile as interval_quantile,
    errors.mean_treated,
    errors.standard_error_treated,
    errors.mean_control,
    errors.standard_error_control,
    {%- for suffix in ['', '_adjusted'] %}
    errors.estimate{{ suffix }},
    errors.standard_error{{ suffix }},
    errors.estimate{{ suffix }} / nullif(errors.standard_error{{ suffix }}, 0) as z{{ suffix }},
    {{ student_t_tail('abs(z' ~ suffix ~ ')', 'errors.degrees_of_freedom') }} as p_value{{ suffix }},
    errors.estimate{{ suffix }} - interval_quantile * errors.standard_error{{ suffix }} as ci_lower{{ suffix }},
    errors.estimate{{ suffix }} + interval_quantile * errors.standard_error{{ suffix }} as ci_upper{{ suffix }},
    {%- endfor %}
from errors
inner join student_t_quantiles on errors.interval_level = student_t_quantiles.interval_level
