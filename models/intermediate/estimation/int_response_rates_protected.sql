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
        design_cells.design_cell,
        design_cells.respondents,
        count(*) over (partition by designs.design_id, rates.stratum_id) as cell_count,
    from designs
    inner join {{ ref('int_design_cells') }} as design_cells on designs.design_id = design_cells.design_id
    inner join rates
        on designs.survey_wave_id = rates.survey_wave_id
        and design_cells.stratum_key = rates.survey_wave_id || '|' || rates.stratum_id
    where not rates.is_total
),

segments as (
    select * from {{ ref('int_design_segments') }}
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
        sum(design_cells.respondents) as firm_count,
        count(*) = any_value(design_cells.cell_count) as is_whole,
    from segments
    inner join design_cells on segments.design_cell = design_cells.design_cell
    group by all
),

hidden as (
    select
        disclosure_cells.design_id,
        disclosure_cells.measure_id,
        disclosure_cells.breakdown_id,
        disclosure_cells.column_names,
        disclosure_cells.estimate_number % 1000000000 as segment_number,
        disclosure_cells.is_sensitive,
    from {{ ref('int_suppressions_by_measure') }} as suppressed
    inner join disclosure_cells on suppressed.estimate_number = disclosure_cells.estimate_number
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

by_column as (
    select
        design_id,
        unnest(column_names) as column_name,
        unnest(categories) as category,
        design_cell,
    from segments
),

spread as (
    select
        of_column.*,
        design_cells.stratum_id,
        design_cells.respondents,
    from (select distinct * from by_column) as of_column
    inner join design_cells on of_column.design_cell = design_cells.design_cell
),

-- the columns by which the sample was drawn: groups, or strata, of enough firms that lie in one stratum, or group
drawn_by as (
    {% for whole, part in [('stratum_id', 'category'), ('category', 'stratum_id')] -%}
    select
        design_id,
        column_name,
    from spread
    group by design_id, column_name, {{ whole }}
    having count(distinct {{ part }}) = 1 and sum(respondents) >= {{ disclosure_threshold() }}
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

-- the strata that the groups of a column lie in
strata_of_groups as (
    select
        design_id,
        column_name,
        category,
        count(distinct stratum_id) as strata_count,
    from spread
    group by design_id, column_name, category
),

-- a column whose groups each lie in one stratum: nothing that is finer tells more
decided_by as (
    select design_id
    from strata_of_groups
    group by design_id, column_name
    having max(strata_count) = 1
),

combinations as (
    select
        distinct_groups.design_id,
        distinct_groups.design_cell,
        list((column_name, category) order by column_name) as categories,
    from (select distinct * from by_column) as distinct_groups
    group by distinct_groups.design_id, distinct_groups.design_cell
),

strata_of_combinations as (
    select
        combinations.design_id,
        count(distinct design_cells.stratum_id) as strata_count,
        sum(design_cells.respondents) as firm_count,
    from combinations
    inner join design_cells on combinations.design_cell = design_cells.design_cell
    anti join decided_by on combinations.design_id = decided_by.design_id
    group by combinations.design_id, combinations.categories
),

-- all columns together decide the stratum, and none by itself: all firms, or enough, that agree in all of them lie in one
crossed_by as (
    select design_id
    from strata_of_combinations
    group by design_id
    having max(strata_count) = 1 or bool_or(strata_count = 1 and firm_count >= {{ disclosure_threshold() }})
),

followed as (
    select
        designs.design_id,
        list(drawn_by.column_name order by drawn_by.column_name) as column_names,
        count(drawn_by.column_name) > 1 or any_value(crossed_by.design_id) is not null as is_crossing,
    from designs
    left join drawn_by on designs.design_id = drawn_by.design_id
    left join crossed_by on designs.design_id = crossed_by.design_id
    group by designs.design_id
),

-- The strata that reach into hidden groups, where they can tell of them: in the table of the column that they follow, since within its groups
-- firms are moved without leaving their stratum, or, where they follow several, which makes them a crossing, in all tables
reaching as (
    select
        hidden.* exclude (column_names),
        placed.survey_wave_id,
        placed.stratum_id,
        followed.is_crossing,
        -- of the other hidden groups of the table, those of many firms: these could be moved without leaving the stratum
        coalesce(sum(placed.firm_count) filter (where not hidden.is_sensitive) over (
            partition by hidden.design_id, hidden.measure_id, hidden.breakdown_id, placed.stratum_id
        ), 0) as movable_count,
    from hidden
    inner join placed on hidden.design_id = placed.design_id and hidden.segment_number = placed.segment_number
    inner join followed on hidden.design_id = followed.design_id
    where followed.is_crossing or followed.column_names = hidden.column_names
),

-- tables with a sensitive group into which too few could be moved so: whatever reaches into their hidden groups is hidden, too
tied as (
    select
        design_id,
        measure_id,
        breakdown_id,
    from reaching
    where is_sensitive
    group by design_id, measure_id, breakdown_id, segment_number
    having any_value(is_crossing) or sum(movable_count) < {{ disclosure_threshold() }}
),

linked as (
    select
        reaching.survey_wave_id,
        reaching.stratum_id,
        bool_or(reaching.is_sensitive) as is_open,
    from reaching
    inner join tied
        on reaching.design_id = tied.design_id
        and reaching.measure_id = tied.measure_id
        and reaching.breakdown_id = tied.breakdown_id
    group by reaching.survey_wave_id, reaching.stratum_id
),

-- strata of few firms; into those that reach into a sensitive group firms are moved with it
needs as (
    select
        rates.survey_wave_id,
        rates.stratum_id,
    from rates
    left join linked
        on rates.survey_wave_id = linked.survey_wave_id and rates.stratum_id = linked.stratum_id and linked.is_open
    where rates.is_sensitive and not rates.is_total and linked.stratum_id is null
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
    inner join rates on needs.survey_wave_id = rates.survey_wave_id and needs.stratum_id <> rates.stratum_id
    left join misfits
        on needs.survey_wave_id = misfits.survey_wave_id
        and needs.stratum_id = misfits.stratum_id
        and rates.stratum_id = misfits.partner_id
    where not rates.is_total and not rates.is_sensitive and misfits.partner_id is null
    qualify row_number() over (
        partition by needs.survey_wave_id, needs.stratum_id
        order by
            (rates.survey_wave_id, rates.stratum_id) in (select (linked.survey_wave_id, linked.stratum_id) from linked) desc,
            rates.answered_count asc, rates.sampled_count asc, rates.stratum_id asc
    ) = 1
),

withheld as (
    select
        survey_wave_id,
        stratum_id,
    from linked
    union
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
    left join partners on needs.survey_wave_id = partners.survey_wave_id and needs.stratum_id = partners.stratum_id
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
