{% macro design_effect(variance, weighted_squares, sum_weights, respondents) %}
    {#-
    Variance of a mean over that of a simple random sample of as many respondents without replacement from a population of
    W = sum of weights: V / (s² (W - n) / (W n)), s² = n/(n-1) · sum w (y - mean)² / W.
    Source: Kish (1965), Survey Sampling, 8.2; Särndal, Swensson and Wretman (1992), 2.10.
    -#}
    {{ variance }} / nullif(
        {{ respondents }} / nullif({{ respondents }} - 1, 0) * {{ weighted_squares }} / {{ sum_weights }}
        * ({{ sum_weights }} - {{ respondents }}) / ({{ sum_weights }} * {{ respondents }}), 0
    )
{%- endmacro %}
