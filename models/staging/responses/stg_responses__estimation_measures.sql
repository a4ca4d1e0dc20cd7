select
    measure_set_id,
    measure_id,
    statistic,
    item_id,
    denominator_item_id,
    interval_method,
    is_amount,
    indicator_id,
    base_population_id,
    answer_category_id,
    unit_of_measure,
from {{ ref('estimation_measures') }}
