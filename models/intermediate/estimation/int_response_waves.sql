-- Which folders are read.
with folders as (
    select * from ({{ response_folders() }})
)

select
    survey_id,
    survey_wave_id,
    evidence_type,
    -- where the files lie under their root, which is another on every machine
    case evidence_type when 'estimated' then 'responses' else 'demo_responses' end
    || '/survey_id=' || survey_id || '/survey_wave_id=' || survey_wave_id as response_folder,
from folders
