{% macro logit_bound(share, standard_error, quantile, sign) %}
    {#-
    Bound of a share on the logit scale, back-transformed; sign is -1 or 1.
    Source: Korn and Graubard (1999), Analysis of Health Surveys, 2.4.
    -#}
    1 / (1 + exp(-(ln({{ share }} / (1 - {{ share }})) + {{ sign }} * {{ quantile }} * {{ standard_error }} / ({{ share }} * (1 - {{ share }})))))
{%- endmacro %}


{% macro arcsine_bound(share, standard_error, quantile, sign) %}
    {#-
    Bound of a share on the arcsine scale, back-transformed; sign is -1 or 1.
    Source: Sukasih and Jang (2005), Proceedings of the ASA Survey Research Methods Section, 3608-3612; Lumley (2010), Complex Surveys, 2.2.
    -#}
    power(sin(asin(sqrt({{ share }})) + {{ sign }} * {{ quantile }} * {{ standard_error }} / (2 * sqrt({{ share }} * (1 - {{ share }})))), 2)
{%- endmacro %}


{% macro wilson_t_bound(share, effective_n, quantile, sign) %}
    {#-
    Wilson score bound of a share of 0 or 1, where the other intervals have no width; effective n, t quantile, sign -1 or 1.
    One bound is then the share itself, to the last digit.
    Source: Wilson (1927), JASA 22, 209-212; effective n after Korn and Graubard (1998), Survey Methodology 24, 193-201.
    -#}
    {{ 'least' if sign | int < 0 else 'greatest' }}({{ share }}, greatest(0.0, least(1.0, (
        {{ share }} + {{ quantile }} * {{ quantile }} / (2 * {{ effective_n }})
        + {{ sign }} * {{ quantile }} * sqrt(
            {{ share }} * (1 - {{ share }}) / {{ effective_n }} + {{ quantile }} * {{ quantile }} / (4 * {{ effective_n }} * {{ effective_n }})
        )
    ) / (1 + {{ quantile }} * {{ quantile }} / {{ effective_n }}))))
{%- endmacro %}


{% macro beta_effective_n(share, variance, rows_quantile, segment_quantile) %}
    {#-
    Effective sample size of the beta interval: p (1 - p) / V, corrected for degrees of freedom by the ratio of t quantiles.
    Source: Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts,
    Survey Methodology 24, 193-201.
    -#}
    {{ share }} * (1 - {{ share }}) / {{ variance }} * power({{ rows_quantile }} / {{ segment_quantile }}, 2)
{%- endmacro %}
