{% macro released_step(standard_error, unit_of_measure, worth_of_three) %}
    {#-
    What an estimate and its bounds are rounded to a multiple of, in the unit of the estimate: the coarser of the second significant digit of
    the standard error (what lies beyond says nothing about the population; JCGM 100:2008, GUM, 7.2.6) and, in steps of 1, 2 and 5, what three
    respondents with the largest weight are worth (what lies beyond identifies counts). Percentages never have more than two decimals.
    -#}
    greatest(
        case when {{ unit_of_measure }} = 'percent' then 0.01 else 1e-9 end,
        coalesce(case when {{ standard_error }} > 1e-9 then power(10, floor(log10({{ standard_error }}) + 1e-9) - 1) end, 0),
        {%- set unit = 'power(10, floor(log10(' ~ worth_of_three ~ ') + 1e-9))' %}
        coalesce(case when {{ worth_of_three }} > 1e-9 then {{ unit }} * case
            when {{ worth_of_three }} <= 1.000001 * {{ unit }} then 1
            when {{ worth_of_three }} <= 2.000001 * {{ unit }} then 2
            when {{ worth_of_three }} <= 5.000001 * {{ unit }} then 5
            else 10
        end end, 0)
    )
{%- endmacro %}

{% macro to_step(value, step) %}
    {#- The number as the nearest multiple of the step, in its decimals. -#}
    {{ to_decimals('round((' ~ value ~ ') / ' ~ step ~ ') * ' ~ step, step) }}
{%- endmacro %}

{% macro to_decimals(value, step) %}
    {#- The number with as many decimals as the step has. -#}
    round({{ value }}, cast(greatest(0, ceil(-log10({{ step }}) - 1e-9)) as integer))
{%- endmacro %}

{% macro shared_step(low, high, step) %}
    {#- The least of the steps 1, 2, 5, 10, ... times the given one to which all numbers from low to high are rounded alike. -#}
    list_filter(
        [{% for times in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] %}{{ times }} * {{ step }}{{ ', ' if not loop.last }}{% endfor %}],
        lambda wider: floor(({{ low }}) / wider + 0.5 - 1e-6) = floor(({{ high }}) / wider + 0.5 + 1e-6)
    )[1]
{%- endmacro %}

{% macro to_shared_step(error, least_ratio, most_ratio, step) %}
    {#- The error as it would be shown, too, if it were least_ratio to most_ratio times as large; never 0. -#}
    {%- set shared = shared_step(error ~ ' * ' ~ least_ratio, error ~ ' * ' ~ most_ratio, step) -%}
    greatest({{ shared }}, round({{ error }} / {{ shared }}) * {{ shared }})
{%- endmacro %}
