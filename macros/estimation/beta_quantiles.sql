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


{% macro beta_quantiles(relation) %}
    {#-
    CTEs ending in `beta_quantiles` (first_shape, second_shape, probability, quantile): the quantile of the beta distribution for each row of
    the relation. Newton's method for the logarithm of the distribution function on the logit scale u, whose slope is the
    density over the lower tail; the two tails come from beta_tail_ratio, so that no beta function is needed. The query must begin `with recursive`.
    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, 25.1 (density); exp_sinh_nodes (quadrature).
    -#}
beta_steps as (
    select
        first_shape,
        second_shape,
        probability,
        ln(first_shape / second_shape) as u,
        0 as step,
        cast(1 as double) as move,
    from {{ relation }}
    union all
    select
        first_shape,
        second_shape,
        probability,
        u + (ln(probability) - ln(lower_tail / (lower_tail + upper_tail))) * lower_tail,
        step + 1,
        (ln(probability) - ln(lower_tail / (lower_tail + upper_tail))) * lower_tail,
    from (
        select
            *,
            {{ beta_tail_ratio('first_shape', 'second_shape', '(1 / (1 + exp(-u)))') }} as lower_tail,
            {{ beta_tail_ratio('second_shape', 'first_shape', '(1 / (1 + exp(u)))') }} as upper_tail,
        from beta_steps
        where step < 100 and abs(move) > 1e-15 * greatest(1, abs(u))
    )
),

beta_quantiles as (
    select
        first_shape,
        second_shape,
        probability,
        1 / (1 + exp(-u)) as quantile,
    from beta_steps
    qualify step = max(step) over (partition by first_shape, second_shape, probability)
)
{%- endmacro %}
