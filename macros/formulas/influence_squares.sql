{% macro influence_squares(factor, a, b, c_yy, c_yx, c_xx) %}
    {#-
    Sum of squares of z about its mean within a cell: the quadratic form of a and b in the cell's central moments; see influence_total.
    A form that is 0 but for the rounding of its terms (sixteen units in the last place), or below, is 0.
    Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.5.
    -#}
    {%- set squares = '(power(' ~ a ~ ', 2) * ' ~ c_yy ~ ' + power(' ~ b ~ ', 2) * ' ~ c_xx ~ ')' -%}
    {%- set product = '2 * ' ~ a ~ ' * ' ~ b ~ ' * ' ~ c_yx -%}
    power({{ factor }}, 2) * case
        when {{ squares }} + {{ product }} <= 16 * 2.220446049250313e-16 * {{ squares }} then 0.0
        else {{ squares }} + {{ product }}
    end
{%- endmacro %}
