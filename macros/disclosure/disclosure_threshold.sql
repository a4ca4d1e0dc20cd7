{% macro disclosure_threshold() %}
    {#-
    Smallest number of firms that a published cell may rest on: var('disclosure_threshold'), never below 3.
    Source: Hundepool et al. (2012), Statistical Disclosure Control, 4.2 (threshold and dominance rules).
    -#}
    greatest(3, {{ var('disclosure_threshold') | int }})
{%- endmacro %}
