{% macro check_settings() %}
    {#-
    Stops a run of dbt whose settings would change released numbers without a test noticing. The full check, with places and ranges of all
    settings, is smv_ai/settings.py (`smv-ai check`, `smv-ai build`); this guards a plain `dbt build` and what --vars overrides.
    -#}
    {%- set faults = [] -%}
    {%- set threshold, share, z = var('disclosure_threshold'), var('dominance_share'), var('confidence_level_z') -%}
    {%- if threshold is not integer or threshold is boolean or threshold < 3 -%}
        {%- do faults.append("disclosure_threshold is '" ~ threshold ~ "'; allowed: a whole number from 3") -%}
    {%- endif -%}
    {%- if share is not float or not 0 < share < 1 -%}
        {%- do faults.append("dominance_share is '" ~ share ~ "'; allowed: a number above 0 and below 1") -%}
    {%- endif -%}
    {%- if z is not number or z is boolean or not 1.2815 <= z <= 3.2906 -%}
        {%- do faults.append("confidence_level_z is '" ~ z ~ "'; allowed: a number from 1.2815 to 3.2906") -%}
    {%- endif -%}
    {%- if var('response_checks') not in ['enforced', 'reported'] -%}
        {%- do faults.append("response_checks is '" ~ var('response_checks') ~ "'; allowed: enforced, reported") -%}
    {%- endif -%}
    {%- if var('demo') is not boolean -%}
        {%- do faults.append("demo is '" ~ var('demo') ~ "'; allowed: true, false, without quotes") -%}
    {%- endif -%}
    {%- if var('engine') not in ['duckdb', 'spark'] -%}
        {%- do faults.append("engine is '" ~ var('engine') ~ "'; allowed: duckdb, spark") -%}
    {%- endif -%}
    {%- if var('weight_in_cell') not in ['auto', 'always', 'never'] -%}
        {%- do faults.append("weight_in_cell is '" ~ var('weight_in_cell') ~ "'; allowed: auto, always, never") -%}
    {%- endif -%}
    {%- if faults -%}
        {%- do exceptions.raise_compiler_error('Settings that are not allowed (vars of dbt_project.yml):\n' ~ faults | join('\n')) -%}
    {%- endif -%}
{% endmacro %}
