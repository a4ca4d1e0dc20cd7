-- What the residuals of a calibrated sample need that no estimate changes: weights by margin category, of each stratum and
-- sampling unit, and the matrix of their covariance.
with weighted_cells as (
    select * from {{ ref('int_cells_weighted') }}
),

strata as (
    select * from {{ ref('int_design_strata') }}
),

by_category as (
    select
        design_id,
        design_cell,
        stratum_number,
        psu_id,
        unnest(category_numbers) as category_number,
        calibration_factor * sum_d as sum_w,
        power(calibration_factor, 2) * (c_dd + power(sum_d, 2) / respondents) as sum_ww,
    from weighted_cells
    where calibration_cell is not null
),

unit_weights as (
    select
        design_id,
        stratum_number,
        psu_id,
        category_number,
        {{ ordered_sum('sum_w') }} as sum_w,
    from by_category
    where psu_id is not null
    group by all
),

stratum_weights as (
    select
        design_id,
        stratum_number,
        category_number,
        {{ ordered_sum('sum_w') }} as sum_w,
    from by_category
    group by all
),

-- sum over units of (weight in category i) x (weight in category j), less the product of the stratum's sums times its mean factor
products as (
    select
        row_side.design_id,
        row_side.category_number as row_number,
        column_side.category_number as column_number,
        strata.variance_scale * row_side.sum_w * column_side.sum_w as product,
    from unit_weights as row_side
    inner join unit_weights as column_side
        on row_side.stratum_number = column_side.stratum_number and row_side.psu_id = column_side.psu_id
    inner join strata on row_side.stratum_number = strata.stratum_number
    union all by name
    select
        row_side.design_id,
        row_side.category_number as row_number,
        column_side.category_number as column_number,
        strata.variance_scale * row_side.sum_ww as product,
    from by_category as row_side
    inner join by_category as column_side on row_side.design_cell = column_side.design_cell
    inner join strata on row_side.stratum_number = strata.stratum_number
    where row_side.psu_id is null
    union all by name
    select
        row_side.design_id,
        row_side.category_number as row_number,
        column_side.category_number as column_number,
        -strata.variance_scale * strata.mean_factor * row_side.sum_w * column_side.sum_w as product,
    from stratum_weights as row_side
    inner join stratum_weights as column_side on row_side.stratum_number = column_side.stratum_number
    inner join strata on row_side.stratum_number = strata.stratum_number
),

elements as (
    select
        design_id,
        row_number,
        column_number,
        {{ ordered_sum('product') }} as element,
    from products
    group by all
),

-- a row of the matrix is complete, so that it can be multiplied by a vector
category_counts as (
    select
        design_id,
        max(row_number) as category_count,
    from elements
    group by design_id
),

row_maps as (
    select
        design_id,
        row_number,
        map(list(column_number order by column_number), list(element order by column_number)) as row_map,
    from elements
    group by design_id, row_number
)

select
    'stratum' as level,
    design_id,
    stratum_number,
    cast(null as varchar) as psu_id,
    cast(null as bigint) as row_number,
    list(category_number order by category_number) as category_numbers,
    list(sum_w order by category_number) as elements,
from stratum_weights
group by design_id, stratum_number
union all by name
select
    'unit' as level,
    design_id,
    stratum_number,
    psu_id,
    cast(null as bigint) as row_number,
    list(category_number order by category_number) as category_numbers,
    list(sum_w order by category_number) as elements,
from unit_weights
group by design_id, stratum_number, psu_id
union all by name
select
    'matrix_row' as level,
    row_maps.design_id,
    cast(null as bigint) as stratum_number,
    cast(null as varchar) as psu_id,
    row_maps.row_number,
    range(1, category_counts.category_count + 1) as category_numbers,
    list_transform(range(1, category_counts.category_count + 1), lambda k: coalesce(row_maps.row_map[k], 0.0)) as elements,
from row_maps
inner join category_counts on row_maps.design_id = category_counts.design_id
