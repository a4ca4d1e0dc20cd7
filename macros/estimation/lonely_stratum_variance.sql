{% macro lonely_stratum_variance(rule, z_total) %}
    {#-
    Variance of a stratum with one sampling unit, before the finite population correction. adjust: the unit's z is squared as it is
    (deviation from the population's mean of z, 0); remove and certainty: nothing; average: nothing here, the other strata are
    scaled up in summed_variance.
    Source: Lumley (2010), Complex Surveys, 3.2.1; options of the R package survey.
    -#}
    case when {{ rule }} = 'adjust' then power({{ z_total }}, 2) else 0.0 end
{%- endmacro %}
