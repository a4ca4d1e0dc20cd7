with protected as (
    select
        matching_number,
        bool_or(is_suppressed) as is_suppressed,
    from {{ ref('int_matching_protected') }}
    where not_computed_rule is null
    group by matching_number
)

select
    matchings.matching_id,
    matchings.study_id,
    matchings.evidence_type,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    balance.column_number,
    balance.column_name,
    matchings.balance_labels_da[balance.column_number] as column_label_da,
    matchings.balance_labels_en[balance.column_number] as column_label_en,
    {%- for column in ['smd_before', 'smd_after', 'variance_ratio_before', 'variance_ratio_after'] %}
    case when not protected.is_suppressed then round(balance.{{ column }}, 3) end as {{ column }},
    {%- endfor %}
    case when not protected.is_suppressed then balance.treated_outside end as treated_outside_count,
    protected.is_suppressed,
from {{ ref('int_matching_balance') }} as balance
inner join {{ ref('stg_matching__matchings') }} as matchings on balance.matching_number = matchings.matching_number
inner join protected on balance.matching_number = protected.matching_number
inner join {{ ref('stg_codelists__codes') }} as evidence_types
    on matchings.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
