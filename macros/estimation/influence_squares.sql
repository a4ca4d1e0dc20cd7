{% macro influence_squares() %}
    {#-
    Sum of squares of z about its mean within a cell: the quadratic form of a and b in the cell's central moments; see influence_total.
    A form that is 0 but for the rounding of its terms (sixteen units in the last place), or below, is 0.
    -#}
    {%- set squares = '(power(influences.y_influence, 2) * influences.c_yy + power(influences.x_influence, 2) * influences.c_xx)' -%}
    {%- set product = '2 * influences.y_influence * influences.x_influence * influences.c_yx' -%}
    power(influences.calibration_factor, 2) * case
        when {{ squares }} + {{ product }} <= 16 * 2.220446049250313e-16 * {{ squares }} then 0.0
        else {{ squares }} + {{ product }}
    end
{%- endmacro %}
