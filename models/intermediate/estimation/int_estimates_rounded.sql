-- Estimates to the digits that are released; the rule, and why nothing finer may leave the build file, is in docs/disclosure.md.
with described as (
    select * from {{ ref('int_estimates_described') }}
),

digits as (
    select * from {{ ref('int_disclosure_digits') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

engine as (
    select * from {{ ref('int_estimates') }}
),

rules as (
    select * from {{ ref('int_quality_rules') }}
    where metric = 'interval_width'
),

stepped as (
    select
        described.*,
        coalesce(
            digits.released_step, {{ released_step('described.standard_error', 'described.unit_of_measure', 'described.worth_of_three') }}
        ) as released_step,
        -- errors and bounds may need fewer digits than the estimate; no step, then that of the estimate
        digits.error_step,
        -- of the number of firms in a sub-population that an answer leads to
        digits.size_step,
        coalesce(digits.least_error_ratio, 1) as least_error_ratio,
        coalesce(digits.most_error_ratio, 1) as most_error_ratio,
        -- whether a hidden count could be another one, and this figure then another one, too
        digits.released_step is not null as is_beside_hidden,
        coalesce(digits.is_telling, false) as is_telling,
        -- its own units less strata: the number of firms that gave the answer which leads to the base
        is_on_answered_base and starts_with(designs.degrees_of_freedom_rule, 'segment') as has_telling_degrees,
    from described
    inner join designs on described.design_id = designs.design_id
    left join digits on described.estimate_number = digits.estimate_number
),

-- a change is estimated of what both waves define alike: the levels are the measures of that name
change_levels as (
    select
        changes.estimate_number,
        changes.design_id,
        changes.statistic,
        levels.estimate_number as level_number,
        case when levels.survey_wave_id = changes.survey_wave_id then 1 else -1 end as change_sign,
        levels.is_telling,
        levels.least_error_ratio,
        levels.most_error_ratio,
    from stepped as changes
    inner join designs as change_designs on changes.design_id = change_designs.design_id
    inner join designs as level_designs
        on level_designs.survey_wave_id in (change_designs.survey_wave_id, change_designs.earlier_survey_wave_id)
        and level_designs.change_column is null
    inner join stepped as levels
        on level_designs.design_id = levels.design_id
        and changes.measure_id = levels.measure_id
        and changes.column_names = levels.column_names
        and changes.categories = levels.categories
    where changes.is_change
),

-- a change with a level that is hidden, or that might be too uncertain, or not, were a hidden count another one
telling_changes as (
    select change_levels.estimate_number
    from change_levels
    inner join engine on change_levels.estimate_number = engine.estimate_number
    left join rules on change_levels.design_id = rules.design_id and change_levels.statistic = rules.statistic
    group by change_levels.estimate_number
    having
        bool_or(change_levels.is_telling)
        or bool_or(
            (engine.ci_upper - engine.ci_lower) * change_levels.least_error_ratio < coalesce(rules.at_least, rules.below)
            and (engine.ci_upper - engine.ci_lower) * change_levels.most_error_ratio >= coalesce(rules.at_least, rules.below)
        )
),

told as (
    select stepped.* replace (stepped.is_telling or telling_changes.estimate_number is not null as is_telling)
    from stepped
    left join telling_changes on stepped.estimate_number = telling_changes.estimate_number
),

-- a figure that would tell a hidden count, however few its digits
estimates as (
    select
        * exclude (is_telling, error_step, size_step, respondents) replace (
            case when not is_telling then cast(coalesce(size_step * round(respondents / size_step), sample_size) as integer) end
                as sample_size,
            {% for column in [
                'estimate', 'standard_error', 'ci_lower', 'ci_upper', 'interval_method', 'degrees_of_freedom', 'design_effect',
                'effective_sample_size', 't_statistic', 'p_value', 'quality_grade', 'quality_rule_ids'
            ] -%}
            case when not is_telling then {{ column }} end as {{ column }},
            {% endfor -%}
            is_withheld or is_telling as is_withheld,
            is_suppressed or is_telling as is_suppressed,
            case when is_telling then 'confidential' else suppression_reason end as suppression_reason
        ),
        coalesce(error_step, released_step) as error_step,
    from told
),

rounded as (
    select * replace ({{ to_step('estimate', 'released_step') }} as estimate),
        -- a bound is as far from the estimate that is shown as the half width says: rounded by itself it would be a second look at the estimate
        {{ to_step('estimate - ci_lower', 'error_step') }} as lower_half_width,
        {{ to_step('ci_upper - estimate', 'error_step') }} as upper_half_width,
    from estimates
),

released as (
    select * exclude (lower_half_width, upper_half_width) replace (
        {{ to_decimals('estimate - lower_half_width', 'released_step') }} as ci_lower,
        case
            when statistic = 'share' and estimate + upper_half_width > value_factor then value_factor
            else {{ to_decimals('estimate + upper_half_width', 'released_step') }}
        end as ci_upper,
        -- an error above 0 stays above 0
        case when standard_error > 1e-9 then greatest(error_step, {{ to_step('standard_error', 'error_step') }}) else standard_error end
            as standard_error,
        -- where few firms carry the error, its digits tell which strata they are in: these two would bring them back
        {% for column in ['design_effect', 'effective_sample_size'] -%}
        case when (standard_error >= 5 * error_step or standard_error is null) and not is_beside_hidden then {{ two_digits(column) }} end
        as {{ column }},
        {% endfor -%}
        {{ two_digits('p_value') }} as p_value,
        round(t_statistic, 2) as t_statistic,
        case when not has_telling_degrees then degrees_of_freedom end as degrees_of_freedom
    )
    from rounded
),

-- a change between levels that stand beside a hidden count is that of the two levels that are shown: its own digits would be a second look
beside_hidden as (
    select
        changes.estimate_number,
        sum(change_levels.change_sign * levels.estimate) as difference,
        count(levels.estimate) as level_count,
        min(levels.least_error_ratio) as least_ratio,
        max(levels.most_error_ratio) as most_ratio,
        max(levels.error_step) as level_step,
    from released as changes
    inner join change_levels on changes.estimate_number = change_levels.estimate_number
    inner join released as levels on change_levels.level_number = levels.estimate_number
    where not changes.is_withheld
    group by changes.estimate_number
    having bool_or(levels.is_beside_hidden)
),

changed as (
    select
        released.* exclude (estimate, standard_error, ci_lower, ci_upper),
        -- where one of the levels is not shown, in the coarser of the steps
        case
            when level_count = 2 then round(difference, 9)
            else {{ to_step('unrounded.estimate', 'greatest(unrounded.released_step, level_step)') }}
        end as estimate,
        {{ to_shared_step('unrounded.standard_error', 'beside_hidden.least_ratio', 'beside_hidden.most_ratio', 'level_step') }} as standard_error,
        {{ to_shared_step('(unrounded.ci_upper - unrounded.ci_lower) / 2', 'beside_hidden.least_ratio', 'beside_hidden.most_ratio', 'level_step') }}
            as half_width,
    from released
    inner join estimates as unrounded on released.estimate_number = unrounded.estimate_number
    inner join beside_hidden on released.estimate_number = beside_hidden.estimate_number
),

tested as (
    select
        * replace (round(estimate / standard_error, 2) as t_statistic),
        estimate - half_width as ci_lower,
        estimate + half_width as ci_upper,
        abs(estimate) / standard_error as absolute_t,
    from changed
)

select * from released
where estimate_number not in (select estimate_number from beside_hidden)
union all by name
select
    * exclude (half_width, absolute_t) replace (
        case when degrees_of_freedom > 0 then {{ two_digits(student_t_tail('absolute_t', 'degrees_of_freedom')) }} end as p_value
    ),
from tested
