{% macro squared_distance(point, control) %}
    {#- Squared distance of two rows with coordinates z_1, z_2, … -#}
    {%- for number in matching_columns() -%}
    {%- set gap = '(' ~ point ~ '.z_' ~ number ~ ' - ' ~ control ~ '.z_' ~ number ~ ')' %}
    {{ gap }} * {{ gap }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro box_distance(point, box) %}
    {#- Squared distance of a row to the nearest point of a box (from_1, to_1, from_2, …): no row in the box is nearer. -#}
    {%- for number in matching_columns() -%}
    {%- set at, from, to = point ~ '.z_' ~ number, box ~ '.from_' ~ number, box ~ '.to_' ~ number -%}
    {%- set gap = 'greatest(' ~ from ~ ' - ' ~ at ~ ', ' ~ at ~ ' - ' ~ to ~ ', 0.0)' -%}
    {{ gap }} * {{ gap }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro within_caliper(point, control) %}
    {#- Whether two rows differ by no more than the caliper allows in any column; true where the point has none (caliper_widths null). -#}
    ({{ point }}.caliper_widths is null or list_bool_and(list_transform({{ point }}.caliper_widths,
        lambda width, i: abs({{ point }}.distance_values[i] - {{ control }}.distance_values[i]) <= width)))
{%- endmacro %}


{% macro nearest_controls(points, controls, blocks) %}
    {#-
    CTEs ending in `nearest_controls` (matching_number, firm_number, control_number, squared_distance): the nearest controls of each point
    in its exact key, without the point itself, within its caliper. Points with fewer candidates than neighbours_wanted have no row.
    ties = all: every control no farther than the k-th nearest plus 0.00001 (of the squared distance). ties = smallest_id: the first k by
    squared distance, rounded to nine decimals, and firm number.
    points: matching_number, key_number, firm_number, neighbours_wanted, ties, caliper_widths, distance_values, z_1 …;
    controls: matching_number, key_number, block_number, firm_number, distance_values, z_1 …; blocks: block_number with its box.
    The search is exact: the nearest two blocks give a bound of the k-th distance, and only blocks whose box is within it are opened; where
    they hold fewer than k candidates, all blocks of the key are.
    Source: Friedman, Bentley and Finkel (1977), ACM Transactions on Mathematical Software 3, 209-226 (bounds-overlap-ball test).
    -#}
nearest_blocks as (
    select
        points.matching_number,
        points.firm_number,
        arg_min(blocks.block_number, {{ box_distance('points', 'blocks') }}, 2) as block_numbers,
    from {{ points }} as points
    inner join {{ blocks }} as blocks on points.key_number = blocks.key_number
    group by points.matching_number, points.firm_number
),

first_blocks as materialized (
    select
        matching_number,
        firm_number,
        unnest(block_numbers) as block_number,
    from nearest_blocks
),

first_distances as (
    select
        first_blocks.matching_number,
        first_blocks.firm_number,
        points.neighbours_wanted,
        {{ squared_distance('points', 'controls') }} as squared_distance,
    from first_blocks
    inner join {{ points }} as points
        on first_blocks.matching_number = points.matching_number
        and first_blocks.firm_number = points.firm_number
    inner join {{ controls }} as controls on first_blocks.block_number = controls.block_number
    where
        points.firm_number <> controls.firm_number
        and {{ within_caliper('points', 'controls') }}
),

bounds as (
    select
        matching_number,
        firm_number,
        list_sort(list(squared_distance))[any_value(neighbours_wanted)] + 0.00001 as bound,
    from first_distances
    group by matching_number, firm_number
),

bounded_points as materialized (
    select
        points.*,
        coalesce(bounds.bound, 'infinity') as bound,
    from {{ points }} as points
    left join bounds
        on points.matching_number = bounds.matching_number
        and points.firm_number = bounds.firm_number
),

-- materialised, or the planner joins points and controls by their key first
opened_blocks as materialized (
    select
        points.*,
        blocks.block_number,
    from bounded_points as points
    inner join {{ blocks }} as blocks on points.key_number = blocks.key_number
    where {{ box_distance('points', 'blocks') }} <= points.bound
),

candidates as (
    select
        points.matching_number,
        points.firm_number,
        points.neighbours_wanted,
        points.ties,
        controls.firm_number as control_number,
        {{ squared_distance('points', 'controls') }} as squared_distance,
    from opened_blocks as points
    inner join {{ controls }} as controls on points.block_number = controls.block_number
    where
        points.firm_number <> controls.firm_number
        and {{ squared_distance('points', 'controls') }} <= points.bound
        and {{ within_caliper('points', 'controls') }}
),

ranked_candidates as (
    select
        *,
        row_number() over (partition by matching_number, firm_number order by round(squared_distance, 9), control_number) as place,
        row_number() over (partition by matching_number, firm_number order by squared_distance, control_number) as distance_place,
    from candidates
),

last_distances as (
    select
        matching_number,
        firm_number,
        squared_distance as last_distance,
    from ranked_candidates
    where distance_place = neighbours_wanted
),

nearest_controls as (
    select
        ranked_candidates.matching_number,
        ranked_candidates.firm_number,
        ranked_candidates.control_number,
        ranked_candidates.squared_distance,
    from ranked_candidates
    inner join last_distances
        on ranked_candidates.matching_number = last_distances.matching_number
        and ranked_candidates.firm_number = last_distances.firm_number
    where case ranked_candidates.ties
        when 'all' then ranked_candidates.squared_distance <= last_distances.last_distance + 0.00001
        else ranked_candidates.place <= ranked_candidates.neighbours_wanted
    end
)
{%- endmacro %}
