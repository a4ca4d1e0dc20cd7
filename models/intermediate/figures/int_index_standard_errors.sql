-- Standard error of an index that is a mean of scores, from its printed distribution:
-- variance = sum(p * score^2) - (sum(p * score))^2, over n / design effect (Kish 1965, section 2.4).
with observations as (
    select * from {{ ref('int_published_observations_united') }}
),

scores as (
    select * from {{ ref('stg_catalogue__index_scores') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

distributions as (
    select
        observations.survey_wave_id,
        scores.indicator_id,
        observations.base_population_id,
        -- in a fixed order: the same seeds give the same last digit whatever the threads do
        fsum(observations.observation_value * scores.score order by scores.answer_category_id)
            / fsum(observations.observation_value order by scores.answer_category_id) as recomputed_value,
        fsum(observations.observation_value * scores.score * scores.score order by scores.answer_category_id)
            / fsum(observations.observation_value order by scores.answer_category_id) as mean_square,
        fsum(observations.half_width * abs(scores.score) order by scores.answer_category_id) / 100 as rounding_half_width,
        min(observations.sample_size) as sample_size,
        string_agg(
            observations.printed_value || ' × ' || scores.score, ' + ' order by scores.score desc, scores.answer_category_id asc
        ) as computed_text,
        list(observations.source_line order by observations.source_line) as source_lines,
        any_value(observations.publication_id) as publication_id,
    from observations
    inner join scores
        on observations.indicator_id = scores.distribution_indicator_id
        and observations.answer_category_id = scores.answer_category_id
    where {% for dimension in var('breakdown_dimensions') -%}
        observations.{{ dimension }} = 'total'{{ ' and ' if not loop.last }}
    {%- endfor %}
    group by observations.survey_wave_id, scores.indicator_id, observations.base_population_id
)

select
    distributions.*,
    sqrt((mean_square - recomputed_value * recomputed_value) * waves.design_effect / distributions.sample_size) as standard_error,
from distributions
inner join waves on distributions.survey_wave_id = waves.survey_wave_id
