-- Which folders are read: a wave's own responses or, where it has none, its demonstration responses.
with folders as (
    {% for evidence_type in response_evidence() -%}
    select distinct
        regexp_extract(file, 'survey_id=([^/]+)', 1) as survey_id,
        regexp_extract(file, 'survey_wave_id=([^/]+)', 1) as survey_wave_id,
        '{{ evidence_type }}' as evidence_type,
    from glob('{{ response_pattern(evidence_type) }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    survey_id,
    survey_wave_id,
    evidence_type,
    -- where the files lie under their root, which is another on every machine
    case evidence_type when 'estimated' then 'responses' else 'demo_responses' end
    || '/survey_id=' || survey_id || '/survey_wave_id=' || survey_wave_id as response_folder,
from folders
-- estimated comes before synthetic
qualify rank() over (partition by survey_wave_id order by evidence_type) = 1
