-- Which observations stand on a line that a contradiction names as a term, a repeat or a total.
with checks as (
    select * from {{ ref('int_source_checks_united') }}
),

terms as (
    select * from {{ ref('stg_catalogue__arithmetic_terms') }}
),

figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

linked as (
    select
        checks.check_id,
        figures.observation_id,
    from checks
    inner join terms on checks.check_id = terms.arithmetic_id
    inner join figures on terms.figure_id = figures.figure_id
    where checks.outcome = 'contradiction'
    union
    select
        checks.check_id,
        figures.observation_id,
    from checks
    inner join figures
        on checks.check_id = 'repeat_' || figures.figure_id
        or checks.check_id like 'total\_%\_' || figures.figure_id escape '\'
    where checks.outcome = 'contradiction'
)

select
    observation_id,
    count(*) as contradiction_count,
    string_agg(check_id, ', ' order by check_id) as contradiction_check_ids,
from linked
group by observation_id
