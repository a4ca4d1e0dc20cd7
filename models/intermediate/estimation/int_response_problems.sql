-- depends_on: {{ ref('int_response_waves') }}, {{ ref('stg_responses__demonstration_answers') }}
-- depends_on: {{ ref('int_response_moments') }}, {{ ref('int_design_cells') }}, {{ ref('stg_responses__answers') }}
-- depends_on: {{ ref('stg_responses__items') }}, {{ ref('stg_responses__options') }}, {{ ref('stg_responses__derived_columns') }}, {{ ref('stg_responses__estimation_designs') }}
-- depends_on: {{ ref('stg_responses__estimation_measures') }}, {{ ref('stg_responses__estimation_scores') }}
-- depends_on: {{ ref('stg_responses__calibration_margins') }}, {{ ref('stg_catalogue__base_populations') }}
{%- set problems = response_problems() %}
{{- stop_on_problems(problems) }}
{% for problem in problems %}
select
    {% for column in ['survey_id', 'survey_wave_id', 'rule', 'message'] -%}
    '{{ problem[column] | replace("'", "''") }}' as {{ column }},
    {% endfor -%}
{{ 'union all' if not loop.last }}
{% else %}
select
    {% for column in ['survey_id', 'survey_wave_id', 'rule', 'message'] -%}
    cast(null as varchar) as {{ column }},
    {% endfor -%}
where false
{% endfor %}
