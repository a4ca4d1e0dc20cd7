select
    survey_id,
    label_da,
    label_en,
    producer,
    statistical_unit,
    sampling_design_en,
    is_cited_only,
from {{ ref('surveys') }}
