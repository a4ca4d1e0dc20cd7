{% test derived_value(model, column_name, of) %}
    {#- Fails on values of derived columns that are items of numbers and hold no number, or items of codes and hold no option. -#}
    select rules.*
    from {{ model }} as rules
    inner join {{ ref('response_items') }} as items
        on rules.survey_wave_id = items.survey_wave_id and rules.{{ of }} = items.column_name
    where case items.value_kind
        when 'number' then not regexp_full_match(rules.{{ column_name }}, '-?[0-9]+(\.[0-9]+)?')
        else not exists (
            select 1 from {{ ref('response_options') }} as options
            where options.survey_wave_id = items.survey_wave_id
                and options.item_id = items.item_id
                and cast(options.code as varchar) = rules.{{ column_name }}
        ) and rules.{{ column_name }} not in ('{{ var('reserved_codes').values() | join("', '") }}')
    end
{% endtest %}
