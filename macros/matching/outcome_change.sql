{% macro outcome_change(kind, earlier, later) %}
    {#-
    Change of a firm's value from the earlier to the later one, by kind: difference, percent_growth (needs earlier > 0) or log_growth
    (needs both > 0); null where it does not exist.
    -#}
    case {{ kind }}
        when 'difference' then {{ later }} - {{ earlier }}
        when 'percent_growth' then case when {{ earlier }} > 0 then 100 * ({{ later }} / {{ earlier }} - 1) end
        when 'log_growth' then case when {{ earlier }} > 0 and {{ later }} > 0 then ln({{ later }}) - ln({{ earlier }}) end
    end
{%- endmacro %}
