with tests as (
    select * from {{ ref('int_independence_tests_shown') }}
)

select
    test_id,
    design_id,
    survey_id,
    survey_wave_id,
    item_id,
    measure_id,
    indicator_id,
    evidence_type,
    evidence_notice_da,
    evidence_notice_en,
    wording_da,
    wording_en,
    breakdown_id,
    breakdown_columns,
    independence_test,
    test_statistic,
    numerator_degrees_of_freedom,
    denominator_degrees_of_freedom,
    p_value,
    source_file,
from tests
