{% macro sampling_units(psu_id, respondents) %}
    {#- Number of primary sampling units of a group: different psu_id, or respondents where each is its own unit. -#}
    case when count({{ psu_id }}) = 0 then cast(sum({{ respondents }}) as bigint) else count(distinct {{ psu_id }}) end
{%- endmacro %}
