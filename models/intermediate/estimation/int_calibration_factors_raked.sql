-- The factors by which weights are multiplied so that they add up to each margin, found by scaling to the margins in turn until a whole turn
-- moves no factor by more than 1e-14 (at most var('raking_rounds') turns). With one margin this is post-stratification, with several it is
-- raking, whose limit is the exponential calibration w·exp(x'b).
-- Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444; Deville, Särndal and Sautory (1993), JASA 88, 1013-1020.
with recursive cells as (
    select * from {{ ref('int_calibration_cells') }}
    where calibration_method <> 'linear'
),

raking_steps as (
    select
        calibration_cell,
        calibration_id,
        category_numbers,
        population_counts,
        sum_d,
        cast(1 as double) as calibration_factor,
        0 as step,
        0 as steps_at_rest,
    from cells
    union all
    select
        calibration_cell,
        calibration_id,
        category_numbers,
        population_counts,
        sum_d,
        calibration_factor * ratio as calibration_factor,
        step + 1 as step,
        case
            when max(abs(ratio - 1)) over (partition by calibration_id) <= 1e-14 then steps_at_rest + 1
            else 0
        end as steps_at_rest,
    from (
        select
            *,
            -- a margin of 0 gives weights of 0
            case when population = 0 and weighted = 0 then 1.0 else population / weighted end as ratio,
        from (
            select
                *,
                population_counts[step % len(population_counts) + 1] as population,
                {{ ordered_sum('sum_d * calibration_factor', 'calibration_id, category_numbers[step % len(category_numbers) + 1]') }} as weighted,
            from raking_steps
            where step < {{ var('raking_rounds') }} * len(category_numbers) and steps_at_rest < len(category_numbers)
        ) as summed
    ) as compared
)

select
    calibration_cell,
    calibration_factor,
    cast(ceil(step / len(category_numbers)) as integer) as rounds,
from raking_steps
qualify step = max(step) over (partition by calibration_cell)
