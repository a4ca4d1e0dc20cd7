-- Which folders are read: real responses or, where var('demo') says so, those of the demonstration; never both.
with files as (
    select file,
    from glob({{ sql_text((var('demo_responses_path') if var('demo') else var('responses_path')) ~ '/survey_id=*/survey_wave_id=*/*.parquet') }})
)

select distinct
    regexp_extract(file, 'survey_id=([^/]+)', 1) as survey_id,
    regexp_extract(file, 'survey_wave_id=([^/]+)', 1) as survey_wave_id,
    '{{ 'synthetic' if var('demo') else 'estimated' }}' as evidence_type,
    -- where the files lie under their root, which is another on every machine
    '{{ 'demo_responses/' if var('demo') else 'responses/' }}' || regexp_extract(file, 'survey_id=[^/]+/survey_wave_id=[^/]+') as response_folder,
    regexp_replace(file, '[^/]+$', '*.parquet') as files,
from files
