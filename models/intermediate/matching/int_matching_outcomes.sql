-- Every firm that was read, its outcomes, and why it is left out.
with firms as (
    select * from {{ ref('int_matching_rows_read') }}
),

kinds as (
    select
        matching_number,
        list(outcome_kind order by outcome_number) as outcome_kinds,
    from {{ ref('stg_matching__comparisons') }}
    group by matching_number
),

evaluated as (
    select
        firms.*,
        -- a level has one value, a change two, a difference in differences three: earlier, base, end
        list_transform(firms.outcome_values, lambda year_values, i: case
            when kinds.outcome_kinds[i] = 'level' then year_values[1]
            when len(year_values) = 2 then {{ outcome_change('kinds.outcome_kinds[i]', 'year_values[1]', 'year_values[2]') }}
            else {{ outcome_change('kinds.outcome_kinds[i]', 'year_values[2]', 'year_values[3]') }}
                - {{ outcome_change('kinds.outcome_kinds[i]', 'year_values[1]', 'year_values[2]') }}
        end) as outcomes,
        list_count(flatten(firms.outcome_values)) < len(flatten(firms.outcome_values)) as is_outcome_missing,
    from firms
    inner join kinds on firms.matching_number = kinds.matching_number
)

select
    matching_number,
    firm_number,
    firm_id,
    is_treated,
    exact_values,
    distance_values,
    balance_values,
    outcomes,
    case
        when is_treated is null then 'treatment_missing'
        when list_count(exact_values) < len(exact_values) then 'exact_key_missing'
        when list_count(distance_values) < len(distance_values) then 'distance_column_missing'
        when len(missing_years) > 0 then 'year_missing'
        when is_outcome_missing then 'outcome_missing'
        when list_count(outcomes) < len(outcomes) then 'growth_from_zero_or_less'
    end as left_out_reason,
from evaluated
