-- Which folders are read: real responses or, where var('demo') says so, those of the demonstration; never both.
{%- set evidence_type, root_name, path = ('synthetic', 'demo_responses', var('demo_responses_path')) if var('demo')
    else ('estimated', 'responses', var('responses_path')) %}
with files as (
    select file,
    from glob('{{ path | replace("'", "''") }}/survey_id=*/survey_wave_id=*/*.parquet')
)

select distinct
    regexp_extract(file, 'survey_id=([^/]+)', 1) as survey_id,
    regexp_extract(file, 'survey_wave_id=([^/]+)', 1) as survey_wave_id,
    '{{ evidence_type }}' as evidence_type,
    -- where the files lie under their root, which is another on every machine
    '{{ root_name }}/' || regexp_extract(file, 'survey_id=[^/]+/survey_wave_id=[^/]+') as response_folder,
    regexp_replace(file, '[^/]+$', '*.parquet') as files,
from files
