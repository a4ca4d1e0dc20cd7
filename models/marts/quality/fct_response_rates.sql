with rates as (
    select
        *,
        'estimated' as evidence_type,
    from {{ ref('int_response_rates_protected') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    'rra_' || left(md5(concat_ws(
        '|', rates.survey_wave_id, rates.is_total, case when rates.is_withheld then 'hidden ' || rates.rate_number else rates.stratum_id end
    )), 16) as response_rate_id,
    rates.survey_id,
    rates.survey_wave_id,
    rates.evidence_type,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    rates.is_total,
    rates.stratum_id,
    rates.stratum_population_size,
    cast(rates.sampled_count as integer) as sampled_count,
    cast(rates.answered_count as integer) as answered_count,
    round(rates.eligible_share, 4) as eligible_share,
    {% for column in [
        'response_rate_1', 'response_rate_2', 'response_rate_3', 'response_rate_4',
        'weighted_response_rate_1', 'weighted_response_rate_2', 'weighted_response_rate_3', 'weighted_response_rate_4'
    ] -%}
    round(rates.{{ column }}, 2) as {{ column }},
    {% endfor -%}
    rates.is_withheld,
    rates.suppression_reason,
    suppression_reasons.label_da as suppression_reason_label_da,
    suppression_reasons.label_en as suppression_reason_label_en,
    rates.source_file,
from rates
inner join codes as evidence_types
    on rates.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
left join codes as suppression_reasons
    on rates.suppression_reason = suppression_reasons.code_id and suppression_reasons.codelist_id = 'suppression_reasons'
