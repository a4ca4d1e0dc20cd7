{% macro student_t_mills(t, degrees_of_freedom) %}
    {#-
    Tail area beyond t over the density at t (Mills' ratio) of Student's t distribution, t >= 0; degrees of freedom may be
    'infinity' (normal distribution). The integral of density(t + s) / density(t) over s > 0 by exp_sinh_nodes.
    -#}
{#- the scale of the nodes is about the distance over which the density falls by a factor e -#}
    {%- set slope = '(case when isinf(' ~ degrees_of_freedom ~ ') then ' ~ t ~ ' else (' ~ degrees_of_freedom ~ ' + 1) * ' ~ t
        ~ ' / (' ~ degrees_of_freedom ~ ' + ' ~ t ~ ' * ' ~ t ~ ') end)' -%}
    list_sum(list_transform(
        list_transform(
            list_transform({{ exp_sinh_nodes() }}, lambda node: {
                'weight': node.weight / (1 + {{ slope }}),
                'distance': node.position / (1 + {{ slope }})
            }),
            lambda node: {
                'weight': node.weight,
                'exponent': (2 * {{ t }} + node.distance) * node.distance
                    / case when isinf({{ degrees_of_freedom }}) then 2.0 else {{ degrees_of_freedom }} + {{ t }} * {{ t }} end
            }
        ),
        lambda node: node.weight * exp(-case
            when isinf({{ degrees_of_freedom }}) then node.exponent
            else 0.5 * ({{ degrees_of_freedom }} + 1) * ({{ log_one_plus('node.exponent') }})
        end)
    ))
{%- endmacro %}


{% macro student_t_tail(t, degrees_of_freedom) %}
    {#-
    Two-sided tail probability P(|T| > t), t >= 0, of Student's t distribution: the density at t over the density at 0 times the ratio of
    the tail integrals, so that no gamma function is needed. Relative error below 1e-12 for 1 <= degrees of freedom <= infinity.
    Source of the density: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, 28.2; of the quadrature: exp_sinh_nodes.
    -#}
    exp(-case
        when isinf({{ degrees_of_freedom }}) then 0.5 * {{ t }} * {{ t }}
        else 0.5 * ({{ degrees_of_freedom }} + 1) * ({{ log_one_plus('(' ~ t ~ ' * ' ~ t ~ ' / ' ~ degrees_of_freedom ~ ')') }})
    end) * {{ student_t_mills(t, degrees_of_freedom) }} / {{ student_t_mills('cast(0 as double)', degrees_of_freedom) }}
{%- endmacro %}
