{% macro released_decimals(standard_error, unit_of_measure) %}
    {#-
    Decimals at which an estimate, its standard error and its bounds are released (negative: tens, hundreds): those that give the standard
    error, in the unit of the estimate, two significant digits. What lies beyond says nothing about the population, but identifies counts.
    Percentages never have more than two decimals. Where there is no standard error above 0, two.
    Source of the two digits: JCGM 100:2008 (GUM), 7.2.6.
    -#}
    least(
        case when {{ unit_of_measure }} = 'percent' then 2 else 9 end,
        coalesce(case when {{ standard_error }} > 1e-9 then 1 - cast(floor(log10({{ standard_error }}) + 1e-9) as integer) end, 2)
    )
{%- endmacro %}
