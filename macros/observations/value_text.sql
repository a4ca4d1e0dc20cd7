{% macro value_text(language) %}
    {#-
    The value as a reader of the language writes it: "< 10 %" or "about 22%"; ".." where it is suppressed or too uncertain,
    as Statistics Denmark writes it. Needs the columns of a labelled observation.
    -#}
    {%- set number = "rtrim(rtrim(format('{:,.' || printed_decimals || 'f}', observation_value), ' '), ' ')" -%}
    coalesce(case value_qualifier
        when '<' then '< ' when '>' then '> '
        when '~' then case value_direction when 'below' then {{ "'knap '" if language == 'da' else "'just under '" }}
            else {{ "'ca. '" if language == 'da' else "'about '" }} end
        else ''
    end
    || {% if language == 'da' -%}
        translate({{ number }}, ',.', '.,')
    {%- else -%}
        {{ number }}
    {%- endif %}
    || {{ "case when unit_symbol_da = '' then '' else ' ' || unit_symbol_da end" if language == 'da' else 'unit_symbol_en' }}, '..')
{% endmacro %}
