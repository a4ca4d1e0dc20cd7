{% test response_column(model, column_name, through=none, separator=none) %}
    {#-
    Fails on names (or items of a list) that are no column of any response file that is read, of an item or derived; what a wave of its
    own lacks, the plan of its scan says (column_present). Where a wave with a design has no responses, its columns are not known, and
    nothing fails: `smv-ai check` compares names with those of its demonstration plan.
    -#}
    select named
    from (
        select {{ "unnest(string_split(" ~ column_name ~ ", '" ~ separator ~ "'))" if separator else column_name }} as named
        from {{ model }}
    )
    where named is not null
        and named <> 'survey_wave_id'
        and exists (select 1 from {{ ref('int_response_columns') }})
        and named not in (select column_name from {{ ref('int_response_columns') }})
        and not exists (
            select survey_wave_id
            from {{ ref('estimation_designs') }}
            where survey_wave_id not in (select survey_wave_id from {{ ref('int_response_waves') }})
        )
        and named not in (select column_name from {{ ref('derived_columns') }})
        and named not in (
            select column_name
            from {{ ref('response_items') }}
            where column_name is not null
        )
{% endtest %}
