with figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

-- One observation may be printed many times. The occurrence that says most stands for it: digits before words,
-- exact before approximate, more decimals before fewer, then the first line.
ranked as (
    select
        *,
        row_number() over (
            partition by observation_id
            order by
                case value_form when 'digits' then 1 when 'word_number' then 2 else 3 end asc,
                case value_qualifier when '=' then 1 when '~' then 2 else 3 end asc,
                printed_decimals desc,
                source_line asc,
                figure_id asc
        ) as occurrence_rank,
        count(*) over (partition by observation_id) as occurrence_count,
        max(sample_size) over (partition by observation_id) as known_sample_size,
    from figures
),

other_lines as (
    select
        observation_id,
        string_agg(source_line, ',' order by source_line, figure_id) filter (where occurrence_rank > 1) as also_at_lines,
    from ranked
    group by observation_id
)

select
    ranked.* exclude (sample_size, occurrence_rank, known_sample_size),
    ranked.known_sample_size as sample_size,
    other_lines.also_at_lines,
    cast(null as varchar) as derivation,
from ranked
inner join other_lines on ranked.observation_id = other_lines.observation_id
where ranked.occurrence_rank = 1
