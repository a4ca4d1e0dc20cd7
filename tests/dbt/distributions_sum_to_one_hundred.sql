-- The scored answers of an index are a partition: their shares sum to 100 within the rounding of the prints.
select
    figures.survey_wave_id,
    fsum(figures.observation_value) as total,
    fsum((figures.printed_upper - figures.printed_lower) / 2) as rounding,
from {{ ref('int_observations_from_figures') }} as figures
inner join {{ ref('stg_catalogue__index_scores') }} as scores
    on figures.indicator_id = scores.distribution_indicator_id
    and figures.answer_category_id = scores.answer_category_id
group by figures.survey_wave_id
having abs(fsum(figures.observation_value) - 100) > fsum((figures.printed_upper - figures.printed_lower) / 2)
