-- Printed shares that contradict the counts they are shares of.
with checks as (
    select * from {{ ref('int_source_checks_from_terms') }}
),

definitions as (
    select * from {{ ref('stg_catalogue__source_checks') }}
),

terms as (
    select * from {{ ref('stg_catalogue__arithmetic_terms') }}
),

figures as (
    select * from {{ ref('int_published_figures_identified') }}
)

select
    checks.check_id,
    figures.observation_id,
from checks
inner join terms on checks.check_id = terms.arithmetic_id
inner join figures on terms.figure_id = figures.figure_id
inner join definitions on checks.check_id = definitions.check_id
where
    definitions.operation = 'share'
    and definitions.comparison = 'equal'
    and checks.outcome = 'contradiction'
    and terms.term_role = 'printed'
