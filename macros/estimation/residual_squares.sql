{% macro residual_squares() %}
    {#- Sum of squares of z about its mean within a cell: the quadratic form of a, b and the fit in the cell's central moments; see residual_total. -#}
    influences.calibration_factor * influences.calibration_factor * (
        influences.y_influence * influences.y_influence * influences.c_yy
        + 2 * influences.y_influence * influences.x_influence * influences.c_yx
        + influences.x_influence * influences.x_influence * influences.c_xx
        - 2 * coalesce(fits.fit, 0.0) * (influences.y_influence * influences.c_dy + influences.x_influence * influences.c_dx)
        + coalesce(fits.fit, 0.0) * coalesce(fits.fit, 0.0) * influences.c_dd
    )
{%- endmacro %}
