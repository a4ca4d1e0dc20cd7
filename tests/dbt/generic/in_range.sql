{% test in_range(model, column_name, minimum=none, maximum=none, above=none, below=none, whole=false) %}
    {#- Fails on numbers below the minimum, beyond the maximum, not strictly above or below a limit, or (whole) with decimals. -#}
    {%- set broken = ['not isfinite(' ~ column_name ~ '::double)'] -%}
    {%- for limit, sign in [(minimum, '<'), (maximum, '>'), (above, '<='), (below, '>=')] if limit is not none -%}
        {%- do broken.append(column_name ~ ' ' ~ sign ~ ' ' ~ limit) -%}
    {%- endfor -%}
    {%- if whole -%}{%- do broken.append(column_name ~ ' <> floor(' ~ column_name ~ ')') -%}{%- endif %}
    select {{ column_name }} from {{ model }} where {{ broken | join(' or ') }}
{% endtest %}
