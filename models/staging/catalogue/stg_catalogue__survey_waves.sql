select * from {{ ref('survey_waves') }}
