-- Sums of a cell as the moments that the estimates need: n, sums of y, x, d, dy, dx, and the sums of squares and products of d, dy, dx
-- about their means in the cell (c_dd ... c_xx), which the variance is put together from without cancellation. y and x are 1 for an answer
-- code (the score comes later) and x is 1 for everything but a ratio. The scan took a shift off numbers, which moves no sum about means; a
-- ratio gets it back here, a number keeps it to the end (shift_y): what tells years or amounts of money apart is lost in sums about 0.
with sums as (
    select * from {{ ref('int_response_sums') }}
),

scans as (
    select * from {{ ref('int_response_scans') }}
),

-- sums of squares and products about the means of the cell, y and x still without their shifts; where the weight is that of the cell
-- d varies in no cell, and dy as y does
centred as (
    select
        *,
        {% for name, in_cell, in_rows in [
            ('within_y', 'design_weight * (' ~ centred_product('sum_yy', 'sum_y', 'sum_y') ~ ')',
                centred_product('sum_dyy', 'sum_dy', 'sum_dy', 'sum_d')),
            ('about_dd', '0', centred_product('sum_dd', 'sum_d', 'sum_d')),
            ('about_dy', '0', centred_product('sum_ddy', 'sum_d', 'sum_dy')),
            ('about_dx', '0', centred_product('sum_ddx', 'sum_d', 'sum_dx')),
            ('about_yy', 'design_weight * design_weight * (' ~ centred_product('sum_yy', 'sum_y', 'sum_y') ~ ')',
                centred_product('sum_ddyy', 'sum_dy', 'sum_dy')),
            ('about_yx', 'design_weight * design_weight * (' ~ centred_product('sum_yx', 'sum_y', 'sum_x') ~ ')',
                centred_product('sum_ddyx', 'sum_dy', 'sum_dx')),
            ('about_xx', 'design_weight * design_weight * (' ~ centred_product('sum_xx', 'sum_x', 'sum_x') ~ ')',
                centred_product('sum_ddxx', 'sum_dx', 'sum_dx')),
        ] -%}
        case when is_weight_in_cell then {{ in_cell }} else {{ in_rows }} end as {{ name }},
        {% endfor -%}
    from sums
),

moments as (
    select
        survey_id,
        survey_wave_id,
        is_by_unit,
        cell_id,
        variable_id,
        code,
        answer_status,
        case when is_number and not is_ratio then shift_y else 0 end as shift_y,
        largest_values,
        sum_absolute,
        respondents,
        weighted_respondents,
        case when is_ratio then sum_y + shift_y * respondents when is_number then sum_y else respondents end as sum_y,
        case when is_ratio then sum_x + shift_x * respondents else respondents end as sum_x,
        sum_d,
        case when is_ratio then sum_dy + shift_y * sum_d when is_number then sum_dy else sum_d end as sum_dy,
        case when is_ratio then sum_dx + shift_x * sum_d else sum_d end as sum_dx,
        case when is_number and sum_d <> 0 then within_y else 0 end as within_dyy,
        about_dd as c_dd,
        case when is_ratio then about_dy + shift_y * about_dd when is_number then about_dy else about_dd end as c_dy,
        case when is_ratio then about_dx + shift_x * about_dd else about_dd end as c_dx,
        case
            when is_ratio then about_yy + shift_y * (2 * about_dy + shift_y * about_dd)
            when is_number then about_yy
            else about_dd
        end as c_yy,
        case
            when is_ratio then about_yx + shift_x * about_dy + shift_y * (about_dx + shift_x * about_dd)
            when is_number then about_dy
            else about_dd
        end as c_yx,
        case when is_ratio then about_xx + shift_x * (2 * about_dx + shift_x * about_dd) else about_dd end as c_xx,
    from centred
),

-- what the ids of the respondents give reason to look at
suspects as (
    select
        survey_id,
        survey_wave_id,
        is_by_unit,
        'respondent_id' as variable_id,
        unnest(map_keys(suspects)) as answer_status,
        unnest(map_values(suspects)) as respondents,
    from scans
)

select * from moments
union all by name
select * from suspects
where respondents > 0
