-- Response rates by stratum beside all tables of the wave: a stratum of few firms is hidden, and whatever its number of firms, or a hidden
-- one of those tables, would follow from; docs/weights.md has the rules.
with rates as (
    select
        *,
        complete_count + partial_count as answered_count,
        least(sampled_count, complete_count + partial_count) < {{ disclosure_threshold() }} as is_sensitive,
    from {{ ref('stg_responses__response_rates') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
    where change_column is null
),

design_cells as (
    select
        designs.design_id,
        designs.survey_wave_id,
        rates.stratum_id,
        rates.answered_count,
        design_cells.design_cell,
        count(*) over (partition by designs.design_id, rates.stratum_id) as cell_count,
    from designs
    inner join {{ ref('int_design_cells') }} as design_cells on designs.design_id = design_cells.design_id
    inner join rates
        on designs.survey_wave_id = rates.survey_wave_id
        and design_cells.stratum_key = rates.survey_wave_id || '|' || rates.stratum_id
    where not rates.is_total
),

disclosure_cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

-- the groups of the tables that a stratum lies in, wholly or in part
placed as (
    select
        design_cells.design_id,
        design_cells.survey_wave_id,
        design_cells.stratum_id,
        segments.breakdown_id,
        segments.segment_number,
        any_value(design_cells.answered_count) as answered_count,
        count(*) = any_value(design_cells.cell_count) as is_whole,
    from {{ ref('int_design_segments') }} as segments
    inner join design_cells on segments.design_cell = design_cells.design_cell
    group by all
),

sums as (
    select
        design_id,
        segment_number,
        sum(answered_count) as most_answered,
        coalesce(sum(answered_count) filter (where is_whole), 0) as least_answered,
    from placed
    group by design_id, segment_number
),

-- how many of those who answered are not in a measure at all: so many fewer may be in any of its groups
missing as (
    select
        disclosure_cells.design_id,
        disclosure_cells.measure_id,
        rates.answered_count - disclosure_cells.firm_count as missing_count,
    from disclosure_cells
    inner join designs on disclosure_cells.design_id = designs.design_id
    inner join rates on designs.survey_wave_id = rates.survey_wave_id
    where len(disclosure_cells.column_names) = 0 and rates.is_total
),

hidden as (
    select
        disclosure_cells.design_id,
        disclosure_cells.estimate_number % 1000000000 as segment_number,
        disclosure_cells.has_few_firms,
        disclosure_cells.firm_count,
        coalesce(missing.missing_count, 0) as missing_count,
    from {{ ref('int_suppressions_by_measure') }} as suppressed
    inner join disclosure_cells on suppressed.estimate_number = disclosure_cells.estimate_number
    left join missing
        on disclosure_cells.design_id = missing.design_id and disclosure_cells.measure_id = missing.measure_id
    -- how many answered in all is no secret
    where
        suppressed.suppression_reason <> 'few_answers'
        and not disclosure_cells.is_change
        and len(disclosure_cells.column_names) > 0
),

hidden_segments as (
    select distinct
        design_id,
        segment_number,
    from hidden
),

-- the number of firms of a hidden group is at most that of the strata in it, and the one that is hidden for its sake at least that
linked as (
    select distinct
        placed.survey_wave_id,
        placed.stratum_id,
        placed.design_id,
        placed.segment_number,
    from hidden
    inner join sums on hidden.design_id = sums.design_id and hidden.segment_number = sums.segment_number
    inner join placed on hidden.design_id = placed.design_id and hidden.segment_number = placed.segment_number
    where
        case
            when hidden.has_few_firms then sums.most_answered - hidden.firm_count < {{ disclosure_threshold() }}
            else
                placed.is_whole
                and hidden.firm_count + hidden.missing_count - sums.least_answered < {{ disclosure_threshold() }}
        end
),

needs as (
    select
        survey_wave_id,
        stratum_id,
        design_id,
        segment_number,
    from linked
    union all
    select
        survey_wave_id,
        stratum_id,
        null as design_id,
        null as segment_number,
    from rates
    where is_sensitive and not is_total
),

homes as (
    select
        placed.design_id,
        placed.stratum_id,
        placed.breakdown_id,
        placed.segment_number,
        hidden_segments.segment_number is not null as is_hidden,
    from placed
    left join hidden_segments
        on placed.design_id = hidden_segments.design_id and placed.segment_number = hidden_segments.segment_number
    where placed.is_whole
),

-- firms could be moved between two strata without changing a shown number: both lie in the same groups, or in hidden ones
misfits as (
    select distinct
        needs.survey_wave_id,
        needs.stratum_id,
        rates.stratum_id as partner_id,
    from needs
    inner join rates on needs.survey_wave_id = rates.survey_wave_id and needs.stratum_id <> rates.stratum_id
    inner join designs on needs.survey_wave_id = designs.survey_wave_id
    inner join homes on designs.design_id = homes.design_id and needs.stratum_id = homes.stratum_id
    left join homes as partner_homes
        on homes.design_id = partner_homes.design_id
        and homes.breakdown_id = partner_homes.breakdown_id
        and rates.stratum_id = partner_homes.stratum_id
    where
        not rates.is_total
        and coalesce(
            homes.segment_number <> partner_homes.segment_number and not (homes.is_hidden and partner_homes.is_hidden), true
        )
),

partners as (
    select
        needs.*,
        rates.stratum_id as partner_id,
    from needs
    inner join rates as own on needs.survey_wave_id = own.survey_wave_id and needs.stratum_id = own.stratum_id
    inner join rates on needs.survey_wave_id = rates.survey_wave_id and needs.stratum_id <> rates.stratum_id
    left join misfits
        on needs.survey_wave_id = misfits.survey_wave_id
        and needs.stratum_id = misfits.stratum_id
        and rates.stratum_id = misfits.partner_id
    left join placed
        on needs.design_id = placed.design_id
        and needs.segment_number = placed.segment_number
        and rates.stratum_id = placed.stratum_id
    where
        not rates.is_total
        and misfits.partner_id is null
        -- what is to be open is how many firms the group has, not which of its strata they are in
        and placed.stratum_id is null
        and not (own.is_sensitive and rates.is_sensitive)
    qualify row_number() over (
        partition by needs.survey_wave_id, needs.stratum_id, needs.design_id, needs.segment_number
        order by
            (rates.survey_wave_id, rates.stratum_id) in (select (linked.survey_wave_id, linked.stratum_id) from linked) desc,
            rates.answered_count asc, rates.sampled_count asc, rates.stratum_id asc
    ) = 1
),

withheld as (
    select
        survey_wave_id,
        stratum_id,
    from needs
    union
    select
        survey_wave_id,
        partner_id as stratum_id,
    from partners
    union
    -- without a partner all strata
    select
        rates.survey_wave_id,
        rates.stratum_id,
    from rates
    inner join needs on rates.survey_wave_id = needs.survey_wave_id
    left join partners
        on needs.survey_wave_id = partners.survey_wave_id
        and needs.stratum_id = partners.stratum_id
        and needs.design_id is not distinct from partners.design_id
        and needs.segment_number is not distinct from partners.segment_number
    where not rates.is_total and partners.stratum_id is null
),

decided as (
    select
        rates.*,
        bool_or(rates.is_sensitive and rates.is_total) over waves or withheld.stratum_id is not null as is_withheld,
        bool_or(withheld.stratum_id is not null) over waves as is_any_stratum_withheld,
        row_number() over (partition by rates.survey_wave_id order by rates.is_total desc, rates.stratum_id asc) as rate_number,
    from rates
    left join withheld
        on rates.survey_wave_id = withheld.survey_wave_id and rates.stratum_id = withheld.stratum_id and not rates.is_total
    window waves as (partition by rates.survey_wave_id)
)

select
    survey_id,
    survey_wave_id,
    rate_number,
    is_total,
    is_withheld,
    case when is_withheld then 'confidential' end as suppression_reason,
    {% for column in [
        'stratum_id', 'stratum_population_size', 'sampled_count', 'answered_count', 'eligible_share',
        'response_rate_1', 'response_rate_2', 'response_rate_3', 'response_rate_4'
    ] -%}
    case when not is_withheld then {{ column }} end as {{ column }},
    {% endfor -%}
    -- of the whole they weigh hidden strata: who knows the weights would learn how many answered in each
    {% for column in [
        'weighted_response_rate_1', 'weighted_response_rate_2', 'weighted_response_rate_3', 'weighted_response_rate_4'
    ] -%}
    case when not is_withheld and not (is_total and is_any_stratum_withheld) then {{ column }} end as {{ column }},
    {% endfor -%}
    source_file,
from decided
