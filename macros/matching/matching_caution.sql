{% macro matching_caution(language) %}
    {#- What may be said of a matched comparison, as text: it stands with every figure of one. -#}
    {%- if language == 'da' -%}
    'En sammenhæng blandt virksomheder, der ligner hinanden, ikke en effekt: det, der ikke er målt, kan forklare forskellen.'
    {%- else -%}
    'An association among similar firms, not an effect: what was not measured may explain the difference.'
    {%- endif -%}
{% endmacro %}
