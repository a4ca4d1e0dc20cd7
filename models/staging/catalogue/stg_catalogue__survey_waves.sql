select * from {{ ref('survey_waves') }}
union all by name
select * from {{ source('surveys', 'survey_waves') }}
