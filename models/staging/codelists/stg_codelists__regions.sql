select
    region_id,
    sort_order,
    region_type,
    label_da,
    label_en,
    nuts2_code,
    parent_region_id,
    tile_row,
    tile_column,
    area_rule_en,
from {{ ref('regions') }}
