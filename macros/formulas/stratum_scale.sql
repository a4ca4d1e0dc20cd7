{% macro stratum_scale(unit_count, population_size, lonely_rule) %}
    {#-
    The factor s of a stratum's contribution to the variance, s (sum Z² - m (sum Z)²) over its n sampling units: f n/(n-1) with m = 1/n,
    f the finite population correction. A stratum with one unit: `adjust` takes s = f and m = 0 (the unit's Z is its deviation
    from 0, the mean of Z in the population); `remove` and `certainty` s = 0; `average` s = 0 here, the others are scaled up
    by average_factor.
    Source: Cochran (1977), Sampling Techniques, 5.6 and 9.3; Wolter (2007), Introduction to Variance Estimation, 6.11;
    lonely strata: Lumley (2010), Complex Surveys, 3.2.1, and the options of the R package survey.
    -#}
    {{ sampling_fraction_left(unit_count, population_size) }} * case
        when {{ unit_count }} > 1 then {{ unit_count }} / ({{ unit_count }} - 1.0)
        when {{ lonely_rule }} = 'adjust' then 1.0
        else 0.0
    end
{%- endmacro %}
