-- The only model that touches response rows: one scan a wave; a panel is scanned a second time, with a cell for each sampling unit.
-- depends_on: {{ ref('stg_responses__answers') }}, {{ ref('stg_responses__demonstration_answers') }}
-- depends_on: {{ ref('stg_responses__items') }}, {{ ref('stg_responses__options') }}, {{ ref('stg_responses__derived_columns') }}
-- depends_on: {{ ref('stg_responses__estimation_designs') }}, {{ ref('stg_responses__estimation_measures') }}
-- depends_on: {{ ref('stg_responses__estimation_domains') }}
-- depends_on: {{ ref('stg_responses__estimation_breakdowns') }}, {{ ref('stg_responses__calibration_margins') }}
{% for scan in response_waves() | sum(attribute='scans', start=[]) %}
{{ response_moments(scan) }}
{{ 'union all by name' if not loop.last }}
{% else %}
select
    {% for column in ['survey_id', 'survey_wave_id', 'stratum_id', 'psu_id', 'variable_id', 'answer_status'] -%}
    cast(null as varchar) as {{ column }},
    {% endfor -%}
    {% for column in ['cell_id', 'weights_present', 'respondents', 'weighted_respondents'] -%}
    cast(null as bigint) as {{ column }},
    {% endfor -%}
    {% for column in [
        'stratum_population_size', 'design_weight', 'lowest_weight', 'sum_y', 'sum_x', 'sum_d', 'sum_dy', 'sum_dx', 'within_dyy',
        'c_dd', 'c_dy', 'c_dx', 'c_yy', 'c_yx', 'c_xx'
    ] -%}
    cast(null as double) as {{ column }},
    {% endfor -%}
    cast(null as boolean) as is_by_unit,
    cast(null as integer) as code,
    cast(null as double[]) as largest_values,
    cast(null as map(varchar, varchar)) as attributes,
where false
{% endfor %}
