with cases as (
    select * from {{ ref('stg_official__bound_cases') }}
),

solved as (
    select * from {{ ref('int_bounds_solved') }}
),

figures as (
    select * from {{ ref('stg_official__figures') }}
),

premises as (
    select
        bound_id,
        string_agg(premise_da || ' (' || premise_source || ')', '; ' order by premise_id) as premises_da,
        string_agg(premise_en || ' (' || premise_source || ')', '; ' order by premise_id) as premises_en,
        string_agg(distinct premise_source, '; ' order by premise_source) as premise_sources
    from {{ ref('int_bounds_limited') }}
    group by bound_id
),

facets as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'comparability_facets'
),

compared as (
    select
        cases.bound_id,
        cases.label_da,
        cases.label_en,
        cases.facet,
        facets.label_da as facet_label_da,
        facets.label_en as facet_label_en,
        cases.target_event,
        cases.minus_event,
        solved.bound_lower,
        solved.bound_upper,
        solved.premise_count,
        premises.premises_da,
        premises.premises_en,
        premises.premise_sources,
        cases.compared_figure_id,
        figures.observation_value as compared_value,
        figures.time_period as compared_period,
        -- what is printed as "more than", "less than" or "about" has a limit on one side or on none
        case figures.value_qualifier
            when '=' then figures.observation_value - 0.5 * pow(10, -figures.printed_decimals)
            when '>' then figures.observation_value
        end as compared_lower,
        case figures.value_qualifier
            when '=' then figures.observation_value + 0.5 * pow(10, -figures.printed_decimals)
            when '<' then figures.observation_value
        end as compared_upper,
    from cases
    inner join solved on cases.bound_id = solved.bound_id
    left join premises on cases.bound_id = premises.bound_id
    left join facets on cases.facet = facets.code_id
    left join figures on cases.compared_figure_id = figures.official_figure_id
)

select
    *,
    case
        when bound_lower is null then 'premises_contradict'
        when compared_figure_id is null then 'not_compared'
        when bound_lower > compared_upper then 'rise_proven'
        when bound_upper < compared_lower then 'fall_proven'
        else 'not_proven'
    end as bound_verdict,
from compared
