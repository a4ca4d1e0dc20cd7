{% macro wilson_bound(share, effective_n, side) %}
    {#-
    Wilson score bound of a share at the level of var('confidence_level_z').
    share: 0-1; effective_n: respondents over design effect; side: 'lower' or 'upper'. Returns 0-1.
    Source: Wilson (1927), JASA 22, 209-212; effective n after Korn and Graubard (1998), Survey Methodology 24, 193-201.
    -#}
    {%- set z = var('confidence_level_z') -%}
    {%- set sign = '-' if side == 'lower' else '+' -%}
    greatest(0, least(1, (
        ({{ share }}) + {{ z }} * {{ z }} / (2 * ({{ effective_n }}))
        {{ sign }} {{ z }} * sqrt(
            greatest(0, ({{ share }}) * (1 - ({{ share }}))) / ({{ effective_n }})
            + {{ z }} * {{ z }} / (4 * ({{ effective_n }}) * ({{ effective_n }}))
        )
    ) / (1 + {{ z }} * {{ z }} / ({{ effective_n }}))))
{% endmacro %}
