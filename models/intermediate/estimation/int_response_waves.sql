-- Which folders are read: a wave's own responses or, where it has none, those of the demonstration.
with files as (
    select
        file,
        'estimated' as evidence_type,
        'responses' as root_name,
    from glob('{{ var("responses_path") | replace("'", "''") }}/survey_id=*/survey_wave_id=*/*.parquet')
    {% if var('demo') -%}
    union all
    select
        file,
        'synthetic' as evidence_type,
        'demo_responses' as root_name,
    from glob('{{ var("demo_responses_path") | replace("'", "''") }}/survey_id=*/survey_wave_id=*/*.parquet')
    {%- endif %}
),

folders as (
    select distinct
        regexp_extract(file, 'survey_id=([^/]+)', 1) as survey_id,
        regexp_extract(file, 'survey_wave_id=([^/]+)', 1) as survey_wave_id,
        evidence_type,
        root_name,
        regexp_replace(file, '[^/]+$', '*.parquet') as files,
    from files
)

select
    survey_id,
    survey_wave_id,
    evidence_type,
    -- where the files lie under their root, which is another on every machine
    root_name || '/survey_id=' || survey_id || '/survey_wave_id=' || survey_wave_id as response_folder,
    files,
from folders
-- estimated comes before synthetic
qualify rank() over (partition by survey_wave_id order by evidence_type) = 1
