{% macro sampling_fraction_left(unit_count, population_size) %}
    {#-
    Finite population correction 1 - n/N; 1 without a population size, and 0 where less than 1e-7 of the stratum was left out.
    Source: Cochran (1977), Sampling Techniques, 2.6; the threshold is that of the R package survey.
    -#}
    case
        when {{ population_size }} is null then 1.0
        when ({{ population_size }} - {{ unit_count }}) / {{ population_size }} < 1e-7 then 0.0
        else ({{ population_size }} - {{ unit_count }}) / {{ population_size }}
    end
{%- endmacro %}
