-- A stratum with few sampled firms, or few that answered, is hidden, and with it the smallest of the others: the total less all others would
-- give it away. Where the total itself is of few firms all is hidden.
with rates as (
    select
        *,
        complete_count + partial_count as answered_count,
    from {{ ref('stg_responses__response_rates') }}
),

judged as (
    select
        *,
        least(sampled_count, answered_count) < {{ disclosure_threshold() }} as is_sensitive,
    from rates
),

ranked as (
    select
        *,
        bool_or(is_sensitive) over (partition by survey_wave_id) as has_sensitive,
        bool_or(is_sensitive and is_total) over (partition by survey_wave_id) as is_total_sensitive,
        row_number() over (partition by survey_wave_id, is_total, is_sensitive order by answered_count, sampled_count, stratum_id) as place,
        row_number() over (partition by survey_wave_id order by is_total desc, stratum_id asc) as rate_number,
    from judged
),

decided as (
    select
        *,
        is_sensitive or is_total_sensitive or (has_sensitive and not is_total and place = 1) as is_withheld,
    from ranked
)

select
    survey_id,
    survey_wave_id,
    rate_number,
    is_total,
    is_withheld,
    case when is_withheld then 'confidential' end as suppression_reason,
    {% for column in [
        'stratum_id', 'stratum_population_size', 'sampled_count', 'answered_count', 'eligible_share',
        'response_rate_1', 'response_rate_2', 'response_rate_3', 'response_rate_4',
        'weighted_response_rate_1', 'weighted_response_rate_2', 'weighted_response_rate_3', 'weighted_response_rate_4'
    ] -%}
    case when not is_withheld then {{ column }} end as {{ column }},
    {% endfor -%}
    source_file,
from decided
