{% test response_column(model, column_name, through=none, separator=none) %}
    {#-
    Fails on names (or items of a list) that are no column of any response file that is read, of an item or derived; what a wave of its
    own lacks, the scan says (note_missing_columns). Where a wave with a design has no responses, its columns are not known, and nothing
    fails: `smv-ai check` compares names with those of its demonstration plan.
    -#}
    {%- set loaded = [] -%}
    {%- if execute -%}
        {%- for answers in [ref('stg_responses__answers'), ref('stg_responses__demonstration_answers')] -%}
            {%- for column in adapter.get_columns_in_relation(answers) -%}{%- do loaded.append(column.name) -%}{%- endfor -%}
        {%- endfor -%}
    {%- endif %}
    select named
    from (select {{ "unnest(string_split(" ~ column_name ~ ", '" ~ separator ~ "'))" if separator else column_name }} as named from {{ model }})
    where named is not null
        and {{ 'true' if loaded | length > 4 else 'false' }}
        and named not in ('{{ (loaded + ['survey_wave_id']) | join("', '") }}')
        and not exists (
            select survey_wave_id from {{ ref('estimation_designs') }}
            where survey_wave_id not in (select folders.survey_wave_id from ({{ response_folders() }}) as folders)
        )
        and named not in (select column_name from {{ ref('derived_columns') }})
        and named not in (select column_name from {{ ref('response_items') }} where column_name is not null)
    -- depends_on: {{ ref('stg_responses__answers') }}, {{ ref('stg_responses__demonstration_answers') }}
{% endtest %}
