with surveys as (
    select * from {{ ref('stg_catalogue__surveys') }}
)

select
    survey_id,
    label_da,
    label_en,
    producer,
    statistical_unit,
    sampling_design_en,
    is_cited_only,
from surveys
