-- The scored answers of an index are a partition: printed shares sum to 100 within the rounding of the prints, estimated ones exactly
-- (before they are rounded for release).
with scores as (
    select * from {{ ref('stg_catalogue__index_scores') }}
),

shares as (
    select
        survey_wave_id,
        indicator_id,
        base_population_id,
        evidence_type,
        answer_category_id,
        observation_value,
        (printed_upper - printed_lower) / 2 as rounding,
    from {{ ref('int_observations_from_figures') }}
    union all
    select
        survey_wave_id,
        indicator_id,
        base_population_id,
        evidence_type,
        answer_category_id,
        estimate as observation_value,
        1e-9 as rounding,
    from {{ ref('int_estimates_described') }}
    where
        is_observation
        and not is_change
        and {% for dimension in var('breakdown_dimensions') -%}
        {{ dimension }} = 'total'{{ ' and ' if not loop.last }}
        {%- endfor %}
)

select
    shares.survey_wave_id,
    shares.evidence_type,
    fsum(shares.observation_value) as total,
    fsum(shares.rounding) as rounding,
from shares
inner join scores
    on shares.indicator_id = scores.distribution_indicator_id
    and shares.answer_category_id = scores.answer_category_id
group by shares.survey_wave_id, shares.indicator_id, shares.base_population_id, shares.evidence_type
-- a hidden share leaves nothing to sum
having bool_and(shares.observation_value is not null) and abs(fsum(shares.observation_value) - 100) > fsum(shares.rounding)
