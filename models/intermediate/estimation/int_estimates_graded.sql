with estimates as (
    select * from {{ ref('int_estimates') }}
),

rules as (
    select * from {{ ref('int_quality_rules') }}
),

metrics as (
    unpivot (
        select
            estimate_number,
            design_id,
            standard_error <= 1e-9 * abs(estimate) as is_all_alike,
            case when is_amount or statistic in ('total', 'population', 'ratio') then 'amount' else statistic end as rule_statistic,
            effective_sample_size,
            ci_upper - ci_lower as interval_width,
            -- a narrow interval is good enough however small the share
            case when ci_upper - ci_lower > 0.05 and not is_change then (ci_upper - ci_lower) / nullif(estimate, 0) end as relative_interval_width,
            degrees_of_freedom,
            case when not is_change then least(estimate, 1 - estimate) end as distance_from_edge,
            case when not is_change then standard_error / nullif(abs(estimate), 0) end as coefficient_of_variation,
        from estimates
    )
    on effective_sample_size, interval_width, relative_interval_width, degrees_of_freedom, distance_from_edge, coefficient_of_variation
    into name metric value metric_value
),

broken as (
    select
        metrics.estimate_number,
        bool_or(rules.quality_grade = 'do_not_publish') as is_withheld,
        string_agg(distinct rules.quality_rule_id, ', ' order by rules.quality_rule_id) as quality_rule_ids,
    from metrics
    inner join rules
        on metrics.design_id = rules.design_id
        and (metrics.is_all_alike or not rules.is_only_where_all_alike)
        and metrics.rule_statistic = rules.statistic
        and metrics.metric = rules.metric
        and (rules.at_least is null or metrics.metric_value >= rules.at_least)
        and (rules.below is null or metrics.metric_value < rules.below)
    group by metrics.estimate_number
)

select
    estimates.*,
    case
        when estimates.standard_error is null or coalesce(broken.is_withheld, false) then 'do_not_publish'
        when broken.estimate_number is not null then 'publish_with_warning'
        else 'publish'
    end as quality_grade,
    case when estimates.standard_error is null then 'no_standard_error' else broken.quality_rule_ids end as quality_rule_ids,
from estimates
left join broken on estimates.estimate_number = broken.estimate_number
