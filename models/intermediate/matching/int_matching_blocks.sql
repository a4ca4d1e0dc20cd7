with controls as (
    select * from {{ ref('int_matching_control_blocks') }}
)

select
    block_number,
    any_value(key_number) as key_number,
    count(*) as firms,
    {%- for number in matching_columns() %}
    min(z_{{ number }}) as from_{{ number }},
    max(z_{{ number }}) as to_{{ number }},
    {%- endfor %}
from controls
group by block_number
