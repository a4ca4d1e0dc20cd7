with checks as (
    select * from {{ ref('stg_catalogue__source_checks') }}
),

arithmetic as (
    select * from {{ ref('int_arithmetic_evaluated') }}
),

-- is there a whole number of firms within the printed base that gives all the printed shares?
candidate_bases as (
    select
        arithmetic_id,
        term_values,
        unnest(generate_series(
            cast(ceil(base_lower * base_count / 100) as bigint), cast(floor(base_upper * base_count / 100) as bigint)
        )) as base_firms,
    from arithmetic
    where base_count is not null
),

tried_bases as (
    select
        arithmetic_id,
        base_firms,
        list_bool_and(list_transform(
            term_values, lambda share: round(100.0 * round(share * base_firms / 100) / base_firms) = share
        )) as is_possible,
    from candidate_bases
),

whole_firms as (
    select
        arithmetic_id,
        bool_or(is_possible) as is_possible,
        string_agg(base_firms, ', ' order by base_firms) filter (where is_possible) as possible_bases,
    from tried_bases
    group by arithmetic_id
),

compared as (
    select
        checks.*,
        arithmetic.* exclude (operation, publication_id, arithmetic_id, source_lines),
        arithmetic.source_lines as term_lines,
        whole_firms.possible_bases,
        case checks.comparison
            when 'equal' then
                case
                    when is_exact_print and round(computed_value, printed_decimals) = printed_value then 'consistent'
                    when computed_value between printed_lower and printed_upper then 'consistent'
                    when computed_lower <= printed_upper and computed_upper >= printed_lower then 'rounding'
                    else 'mismatch'
                end
            when 'at_most' then
                case when computed_value <= printed_value then 'consistent' when computed_lower <= printed_upper then 'rounding' else 'mismatch' end
            when 'at_least' then
                case when computed_value >= printed_value then 'consistent' when computed_upper >= printed_lower then 'rounding' else 'mismatch' end
            when 'within' then case when printed_value between computed_lower and computed_upper then 'consistent' else 'mismatch' end
            when 'definitions' then
                case when computed_value = printed_value and computed_definition <> printed_definition then 'mismatch' else 'consistent' end
            when 'within_count' then case when whole_firms.is_possible then 'consistent' else 'mismatch' end
        end as comparison_result,
    from checks
    inner join arithmetic on checks.check_id = arithmetic.arithmetic_id
    left join whole_firms on checks.check_id = whole_firms.arithmetic_id
    where checks.comparison <> 'reading'
)

select
    check_id,
    publication_id,
    check_kind,
    list_aggregate(list_sort(list_distinct(list_concat(
        term_lines, coalesce(list_transform(string_split(source_lines, ','), lambda line: cast(line as integer)), [])
    ))), 'string_agg', ',') as source_lines,
    case comparison
        when 'within_count' then computed_text || ' of whole firms; possible bases: ' || coalesce(possible_bases, 'none')
        when 'definitions' then computed_text || ' stands for two definitions: ' || computed_definition || ' / ' || printed_definition
        when 'at_most' then computed_text || ' = ' || round(computed_value, 2) || ' ≤ ' || printed_text || ' ?'
        when 'at_least' then computed_text || ' = ' || round(computed_value, 2) || ' ≥ ' || printed_text || ' ?'
        when 'within' then computed_text || ': ' || computed_lower || ' ≤ ' || printed_text || ' ≤ ' || computed_upper || ' ?'
        else computed_text || ' = ' || round(computed_value, 2) || '; printed: ' || printed_text
    end as arithmetic,
    computed_value,
    printed_value,
    case
        when comparison_result <> 'mismatch' then comparison_result
        when is_uncertain then 'unclear'
        else mismatch_outcome
    end as outcome,
    registered_outcome,
    explanation_da,
    explanation_en,
from compared
