select
    derivation_id,
    note_en,
    operation,
    indicator_id,
    base_population_id,
    survey_wave_id,
    answer_category_id,
    unit_of_measure,
from {{ ref('derivations') }}
