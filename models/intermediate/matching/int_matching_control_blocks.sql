{%- set columns = matching_columns() %}
-- Untreated rows of a key in blocks of near ones: cut into slabs of equally many rows along z_1, each slab along z_2, and so on.
-- Source: Leutenegger, Lopez and Edgington (1997), STR: a simple and efficient algorithm for R-tree packing, 13th ICDE, 497-506.
with controls as (
    select * from {{ ref('int_matching_coordinates') }}
    where not is_treated
),

key_sizes as (
    select
        controls.key_number,
        any_value(len(matchings.distance_columns)) as dimensions,
        -- many small blocks cost a look at each box, few large ones a look at each row
        any_value(greatest(matchings.neighbours, matchings.variance_neighbours)) as most_neighbours,
        count(*) / greatest(64, sqrt(count(*)), 4 * most_neighbours) as blocks_1,
    from controls
    inner join {{ ref('stg_matching__matchings') }} as matchings on controls.matching_number = matchings.matching_number
    group by controls.key_number
),

slabs as (
    select
        *,
        {%- for number in columns %}
        case
            when dimensions < {{ number }} then 1
            else cast(greatest(1, round(power(blocks_{{ number }}, 1.0 / (dimensions - {{ number - 1 }})))) as bigint)
        end as slabs_{{ number }},
        blocks_{{ number }} / slabs_{{ number }} as blocks_{{ number + 1 }},
        {%- endfor %}
    from key_sizes
),

slab_0 as (
    select
        controls.*,
        {%- for number in columns %}
        slabs.slabs_{{ number }},
        {%- endfor %}
        cast(0 as bigint) as place,
    from controls
    inner join slabs on controls.key_number = slabs.key_number
),
{% for number in columns %}
slab_{{ number }} as (
    select * replace (
        case
            when slabs_{{ number }} = 1 then place
            else place * slabs_{{ number }} + ntile(slabs_{{ number }}) over (partition by key_number, place order by z_{{ number }}, firm_number) - 1
        end as place
    ),
    from slab_{{ number - 1 }}
),
{% endfor %}
places as (
    select distinct
        key_number,
        place,
    from slab_{{ columns | last }}
),

numbered as (
    select
        key_number,
        place,
        row_number() over (order by key_number, place) as block_number,
    from places
)

select
    controls.matching_number,
    controls.key_number,
    numbered.block_number,
    controls.firm_number,
    controls.distance_values,
    {%- for number in columns %}
    controls.z_{{ number }},
    {%- endfor %}
from slab_{{ columns | last }} as controls
inner join numbered on controls.key_number = numbered.key_number and controls.place = numbered.place
