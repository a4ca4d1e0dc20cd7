-- Differences of two groups that are both shown, in the unit of the catalogue. The difference is that of the two values that are shown, and
-- its error has two digits, so that it says nothing of a value that they do not say. Of the rest of a breakdown no group may be withheld.
with differences as (
    select * from {{ ref('int_group_differences') }}
),

shown as (
    select * from {{ ref('int_estimates_shown') }}
    where not is_withheld
),

numbered as (
    select
        *,
        measure_number * 1000000000 + segment_number_a as estimate_number_a,
        measure_number * 1000000000 + segment_number_b as estimate_number_b,
    from differences
),

joined as (
    select
        numbered.comparison_kind,
        numbered.comparison_id,
        shown_a.* exclude (estimate_number, segment, segment_label_da, segment_label_en, observation_id, estimate, sample_size),
        shown_a.segment as segment_a,
        shown_b.segment as segment_b,
        shown_a.segment_label_da as segment_label_a_da,
        shown_a.segment_label_en as segment_label_a_en,
        coalesce(shown_b.segment_label_da, 'Alle øvrige') as segment_label_b_da,
        coalesce(shown_b.segment_label_en, 'All others') as segment_label_b_en,
        shown_a.observation_id as observation_id_a,
        shown_b.observation_id as observation_id_b,
        shown_a.sample_size as sample_size_a,
        shown_b.sample_size as sample_size_b,
        shown_a.estimate as estimate_a,
        -- a rest is no estimate of its own: as far as the error of the difference
        coalesce(
            shown_b.estimate,
            shown_a.estimate - {{ to_step('shown_a.value_factor * numbered.difference', 'rest_step') }}
        ) as estimate_b,
        {{ two_digits('shown_a.value_factor * numbered.standard_error') }} as standard_error,
        {{ two_digits('shown_a.value_factor * (numbered.ci_upper - numbered.difference)') }} as half_width,
        numbered.degrees_of_freedom,
        {{ two_digits('numbered.p_value') }} as p_value,
        {{ two_digits('numbered.p_holm') }} as p_holm,
        {{ two_digits('numbered.p_bh') }} as p_bh,
        numbered.family_size,
        case when shown_a.statistic = 'mean' and shown_a.unit_of_measure <> 'percent' then ln(numbered.ratio_ci_upper / numbered.mean_ratio) end
            as log_half_width,
    from (
        select
            *,
            {{ released_step('standard_error', "''", '0') }} as rest_step,
        from numbered
    ) as numbered
    inner join shown as shown_a on numbered.estimate_number_a = shown_a.estimate_number
    left join shown as shown_b on numbered.estimate_number_b = shown_b.estimate_number
    where
        case
            when numbered.estimate_number_b is null then not shown_a.is_any_group_withheld
            else shown_b.estimate_number is not null
        end
)

select
    'dif_' || left(md5(concat_ws('|', evidence_type, design_id, measure_id, breakdown_id, comparison_kind, segment_a, segment_b, comparison_id)), 16)
        as difference_id,
    * exclude (log_half_width, is_withheld, is_any_group_withheld, value_factor),
    round(estimate_a - estimate_b, 9) as difference,
    round(estimate_a - estimate_b - half_width, 9) as ci_lower,
    round(estimate_a - estimate_b + half_width, 9) as ci_upper,
    {% for name, sign in [('percent_difference', '0'), ('percent_ci_lower', '-1'), ('percent_ci_upper', '1')] -%}
    case when estimate_a > 0 and estimate_b > 0 and log_half_width is not null
        then round(100 * (estimate_a / estimate_b * exp({{ sign }} * log_half_width) - 1), 1) end as {{ name }},
    {% endfor %}
from joined
