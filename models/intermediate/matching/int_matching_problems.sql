-- Why a matching gives no effect; one without a row here has one.
with counts as (
    select
        matchings.matching_number,
        count(*) filter (where firms.is_treated) as treated,
        count(*) filter (where not firms.is_treated) as controls,
    from {{ ref('stg_matching__matchings') }} as matchings
    left join {{ ref('int_matching_rows') }} as firms on matchings.matching_number = firms.matching_number
    group by matchings.matching_number
),

constant_columns as (
    select
        columns.matching_number,
        string_agg(matchings.distance_columns[columns.column_number], ', ' order by columns.column_number) as column_names,
    from {{ ref('int_matching_columns') }} as columns
    inner join {{ ref('stg_matching__matchings') }} as matchings on columns.matching_number = matchings.matching_number
    where columns.value_range = 0
    group by columns.matching_number
),

matched as (
    select distinct matching_number
    from {{ ref('int_matching_pairs') }}
),

judged as (
    select
        matchings.matching_number,
        matchings.matching_id,
        counts.treated + counts.controls as firms,
        case
            when counts.treated = 0 then 'no_treated_firm'
            when counts.controls = 0 then 'no_untreated_firm'
            when constant_columns.column_names is not null then 'constant_distance_column'
            when scales.matching_number is null then 'dependent_distance_columns'
            when matched.matching_number is null then 'no_treated_firm_matched'
        end as rule,
        case rule
            when 'no_treated_firm' then 'no treated firm is left'
            when 'no_untreated_firm' then 'no untreated firm is left'
            when 'constant_distance_column'
                then 'every firm has the same value of ' || constant_columns.column_names || '; take it out of match_on'
            when 'dependent_distance_columns'
                then 'one of ' || array_to_string(matchings.distance_columns, ', ') || ' follows from the others; take it out of match_on'
            when 'no_treated_firm_matched'
                then 'no treated firm has ' || matchings.neighbours || ' candidates; ask for fewer neighbours, fewer exact keys or a wider caliper'
        end as finding,
    from {{ ref('stg_matching__matchings') }} as matchings
    inner join counts on matchings.matching_number = counts.matching_number
    left join constant_columns on matchings.matching_number = constant_columns.matching_number
    left join {{ ref('int_matching_scales') }} as scales on matchings.matching_number = scales.matching_number
    left join matched on matchings.matching_number = matched.matching_number
)

select
    matching_number,
    rule,
    firms,
    'Matching ' || matching_id || ': ' || finding || '; firms: ' || firms || ' [' || rule || ']' as message,
from judged
where rule is not null
