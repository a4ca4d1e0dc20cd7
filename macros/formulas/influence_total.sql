{% macro influence_total(factor, a, b, sum_dy, sum_dx) %}
    {#-
    Sum of z over the rows of a cell, from the sums of dy and dx: z = w (a y + b x) by linearisation, w = factor · d, with a = 1/X and
    b = -R/X for a ratio R = Y/X (a mean is a ratio with x = 1), a = 1 and b = 0 for a total. What calibration takes away is in
    int_estimate_residual_variances.
    Source: Woodruff (1971), JASA 66, 411-414; Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.5-5.7.
    -#}
    {{ factor }} * ({{ a }} * {{ sum_dy }} + {{ b }} * {{ sum_dx }})
{%- endmacro %}
