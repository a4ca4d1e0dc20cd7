{% macro stop_with_messages() %}
    {#-
    The `fail_calc` of a test whose rows are messages for people: it fails with the messages, not with their number, so that plain dbt
    shows them as well.
    -#}
    {{ return(
        "case when count(*) > 0 then error('The responses cannot be used:' || chr(10) || string_agg(message, chr(10) order by message)) else 0 end"
    ) }}
{% endmacro %}
