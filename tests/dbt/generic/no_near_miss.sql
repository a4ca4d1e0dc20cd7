{% test no_near_miss(model, column_name) %}
    {#-
    Fails on names that look like a more frequent one misspelt: one letter of four, two of eight, other than in digits; for names that
    rows share and no other table lists.
    -#}
    with counted as (
        select {{ column_name }} as name, count(*) as occurrences
        from {{ model }}
        where {{ column_name }} is not null
        group by 1
    )

    select rare.name, common.name as resembles
    from counted as rare
    inner join counted as common on rare.occurrences < common.occurrences
    where regexp_replace(rare.name, '[0-9]', '', 'g') <> regexp_replace(common.name, '[0-9]', '', 'g')
        and levenshtein(rare.name, common.name) <= case
            when least(length(rare.name), length(common.name)) < 4 then 0
            when least(length(rare.name), length(common.name)) < 8 then 1
            else 2
        end
{% endtest %}
