{% macro beta_tail_ratio(first, second, share) %}
    {#-
    Lower tail area over the density, on the logit scale, of a beta distribution with shapes first and second, at the point whose
    inverse logit is share. The integral of density(u - s) / density(u) over s > 0 by exp_sinh_nodes.
    -#}
    list_sum(list_transform(
        list_transform(
            list_transform({{ exp_sinh_nodes() }}, lambda node: {
                'weight': node.weight * sqrt(({{ first }} + {{ second }}) / ({{ first }} * {{ second }})),
                'distance': node.position * sqrt(({{ first }} + {{ second }}) / ({{ first }} * {{ second }}))
            }),
            lambda node: {
                'weight': node.weight,
                'distance': node.distance,
                'shift': {{ share }} * ({{ exp_minus_one('(-node.distance)') }})
            }
        ),
        lambda node: node.weight * exp(-{{ first }} * node.distance - ({{ first }} + {{ second }}) * ({{ log_one_plus('node.shift') }}))
    ))
{%- endmacro %}


{% macro beta_log_density_ratio(first, second, u) %}
    {#- Logarithm of the density on the logit scale at u over that at the mode ln(first / second). -#}
    {{ first }} * ({{ u }} - ln({{ first }} / {{ second }})) - ({{ first }} + {{ second }})
    {%- set away = exp_minus_one('(' ~ u ~ ' - ln(' ~ first ~ ' / ' ~ second ~ '))') %}
    * ({{ log_one_plus('(' ~ first ~ ' / (' ~ first ~ ' + ' ~ second ~ ') * (' ~ away ~ '))') }})
{%- endmacro %}


{% macro beta_quantiles(relation) %}
    {#-
    A query of first_shape, second_shape, probability and quantile: the quantile of the beta distribution for each row of
    the relation. Newton's method for the logarithm of the distribution function on the logit scale u, whose slope is the density
    over the lower tail. Tails are integrated away from the mode (beta_tail_ratio) and set against the sum of the two tails at the mode,
    so that no beta function is needed.
    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, 25.1 (density); exp_sinh_nodes (quadrature).
    -#}
with recursive beta_steps as (
    select
        first_shape,
        second_shape,
        probability,
        ln(first_shape / second_shape) as u,
        0 as step,
        cast(1 as double) as move,
        {{ beta_tail_ratio('first_shape', 'second_shape', '(first_shape / (first_shape + second_shape))') }}
        + {{ beta_tail_ratio('second_shape', 'first_shape', '(second_shape / (first_shape + second_shape))') }} as whole,
    from {{ relation }}
    union all
    select
        first_shape,
        second_shape,
        probability,
        u + ln(probability / (lower_tail * density)) * lower_tail * whole,
        step + 1,
        ln(probability / (lower_tail * density)) * lower_tail * whole,
        whole,
    from (
        select
            * exclude (tail_ratio),
            -- share of the whole below u, in units of the density at u
            case when u <= ln(first_shape / second_shape) then tail_ratio / whole else 1 / density - tail_ratio / whole end as lower_tail,
        from (
            select
                *,
                exp({{ beta_log_density_ratio('first_shape', 'second_shape', 'u') }}) as density,
                case
                    when u <= ln(first_shape / second_shape) then {{ beta_tail_ratio('first_shape', 'second_shape', '(1 / (1 + exp(-u)))') }}
                    else {{ beta_tail_ratio('second_shape', 'first_shape', '(1 / (1 + exp(u)))') }}
                end as tail_ratio,
            from beta_steps
            where step < 100 and abs(move) > 1e-15 * greatest(1, abs(u))
        )
    )
)

select
    first_shape,
    second_shape,
    probability,
    1 / (1 + exp(-u)) as quantile,
from beta_steps
qualify step = max(step) over (partition by first_shape, second_shape, probability)
{%- endmacro %}
