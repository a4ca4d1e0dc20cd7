{% macro observation_id(relation=none) %}
    {#-
    Key of an observation: survey wave x indicator x base population x breakdown x answer x unit x evidence type.
    The columns must be present in the relation; label_position tells apart values whose label is not settled.
    -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set columns = ['survey_wave_id', 'indicator_id', 'base_population_id'] + var('breakdown_dimensions')
        + ['answer_category_id', 'unit_of_measure', 'evidence_type'] -%}
    'obs_' || left(md5(concat_ws('|'
        {%- for column in columns %}, {{ prefix }}{{ column }}{% endfor -%}
        , coalesce(cast({{ prefix }}label_position as varchar), ''))), 16)
{% endmacro %}
