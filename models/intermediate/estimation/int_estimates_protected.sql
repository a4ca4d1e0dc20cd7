with graded as (
    select * from {{ ref('int_estimates_graded') }}
),

suppressions as (
    select * from {{ ref('int_suppressions_united') }}
),

judged as (
    select
        graded.*,
        suppressions.suppression_reason,
    from graded
    left join suppressions on graded.estimate_number = suppressions.estimate_number
)

select
    {{ estimate_keys() }}
    {% for column in [
        'estimate', 'respondents', 'weighted_respondents', 'sum_weights', 'largest_weight', 'standard_error', 'ci_lower', 'ci_upper',
        'interval_method',
        'degrees_of_freedom', 'design_effect', 'effective_sample_size', 't_statistic', 'p_value', 'quality_grade', 'quality_rule_ids'
    ] -%}
    case when suppression_reason is null then {{ column }} end as {{ column }},
    {% endfor -%}
    interval_level,
    is_amount,
    -- Of a crossing whose numbers of firms are all hidden no row is released: which groups have none, because they have no firms, would tell
    -- of them. Where answers are rare, other answers of the question have the rows.
    len(column_names) < 2 or not bool_and(suppression_reason is not null and suppression_reason <> 'few_answers') over (
        partition by design_id, measure_id, breakdown_id
    ) as is_listed,
    suppression_reason is not null as is_suppressed,
    suppression_reason,
from judged
