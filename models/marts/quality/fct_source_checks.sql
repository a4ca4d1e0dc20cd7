with checks as (
    select * from {{ ref('int_source_checks_united') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    checks.check_id,
    checks.publication_id,
    publications.publisher,
    checks.check_kind,
    kinds.label_da as check_kind_label_da,
    kinds.label_en as check_kind_label_en,
    checks.outcome,
    outcomes.label_da as outcome_label_da,
    outcomes.label_en as outcome_label_en,
    checks.registered_outcome,
    checks.arithmetic,
    checks.computed_value,
    checks.printed_value as compared_value,
    checks.explanation_da,
    checks.explanation_en,
    publications.source_file,
    checks.source_lines,
    publications.citation,
from checks
inner join publications on checks.publication_id = publications.publication_id
inner join codes as kinds on checks.check_kind = kinds.code_id and kinds.codelist_id = 'check_kinds'
inner join codes as outcomes on checks.outcome = outcomes.code_id and outcomes.codelist_id = 'check_outcomes'
