-- Differences of two groups that are both shown, in the unit of the catalogue. The difference is that of the two values that are shown, and
-- its error has two digits, so that it says nothing of a value that they do not say. Of the rest of a breakdown no group may be withheld.
-- Beside a hidden count the error has the digits that it would have, too, if the count were another one, and p follows from what is shown.
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
        shown_a.* exclude (
            is_beside_hidden, is_any_group_beside_hidden, is_on_answered_base, least_error_ratio, most_error_ratio, estimate_number, segment,
            segment_label_da, segment_label_en, observation_id, estimate, sample_size
        ),
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
        {% set is_beside_hidden = '(shown_a.is_beside_hidden or coalesce(shown_b.is_beside_hidden, false))' -%}
        {% for name, value in {
            'standard_error': '(shown_a.value_factor * numbered.standard_error)',
            'half_width': '(shown_a.value_factor * (numbered.ci_upper - numbered.difference))'
        }.items() -%}
        case
            when not {{ is_beside_hidden }} then {{ two_digits(value) }}
            else {{ to_shared_step(
                value, 'least(shown_a.least_error_ratio, shown_b.least_error_ratio)', 'greatest(shown_a.most_error_ratio, shown_b.most_error_ratio)',
                released_step(value, "''", '0')
            ) }}
        end as {{ name }},
        {% endfor -%}
        {{ is_beside_hidden }} as is_beside_hidden,
        numbered.degrees_of_freedom,
        numbered.p_value,
        numbered.family,
        case
            when shown_a.statistic = 'mean' and shown_a.unit_of_measure <> 'percent' and not {{ is_beside_hidden }}
                then ln(numbered.ratio_ci_upper / numbered.mean_ratio)
        end as log_half_width,
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
            when numbered.estimate_number_b is null then not shown_a.is_any_group_withheld and not shown_a.is_any_group_beside_hidden
            else shown_b.estimate_number is not null
        end
),

tested as (
    select
        *,
        abs(estimate_a - estimate_b) / standard_error as absolute_t,
        case when is_beside_hidden then {{ student_t_tail('absolute_t', 'degrees_of_freedom') }} else p_value end as shown_p,
    from joined
),

-- The family is that of the differences that are shown: adjusted for others, too, p would tell where theirs lie among these.
placed as (
    select
        *,
        case when family is not null then count(*) over families end as family_size,
        count(shown_p) over families as tested_count,
        row_number() over (families order by shown_p asc nulls last) as place,
    from tested
    window families as (partition by design_id, family)
),

-- Holm (1979), Benjamini and Hochberg (1995), as in smv_ai/survey/inference/probabilities.py
adjusted as (
    select
        *,
        case when family is not null and shown_p is not null
            then max(least(1, (tested_count - place + 1) * shown_p)) over (families order by place asc) end as p_holm,
        case when family is not null and shown_p is not null
            then min(least(1, tested_count * shown_p / place)) over (families order by place desc) end as p_bh,
    from placed
    window families as (partition by design_id, family)
)

select
    'dif_' || left(md5(concat_ws('|', evidence_type, design_id, measure_id, breakdown_id, comparison_kind, segment_a, segment_b, comparison_id)), 16)
        as difference_id,
    * exclude (
        log_half_width, is_withheld, is_any_group_withheld, value_factor, is_beside_hidden, absolute_t, shown_p, family, tested_count, place,
        has_telling_degrees
    ) replace (
        case when not has_telling_degrees then degrees_of_freedom end as degrees_of_freedom,
        {{ two_digits('shown_p') }} as p_value,
        {{ two_digits('p_holm') }} as p_holm,
        {{ two_digits('p_bh') }} as p_bh
    ),
    round(estimate_a - estimate_b, 9) as difference,
    round(estimate_a - estimate_b - half_width, 9) as ci_lower,
    round(estimate_a - estimate_b + half_width, 9) as ci_upper,
    {% for name, sign in [('percent_difference', '0'), ('percent_ci_lower', '-1'), ('percent_ci_upper', '1')] -%}
    case when estimate_a > 0 and estimate_b > 0 and log_half_width is not null
        then round(100 * (estimate_a / estimate_b * exp({{ sign }} * log_half_width) - 1), 1) end as {{ name }},
    {% endfor %}
from adjusted
