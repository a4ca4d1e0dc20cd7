{{ config(materialized='ephemeral') }}
-- Rules about answers and respondents' ids.
with moments as (
    select * from {{ ref('int_response_moments') }}
    where answer_status <> 'valid'
    -- where a wave was scanned twice, the finer cells
    qualify is_by_unit = bool_or(is_by_unit) over (partition by survey_wave_id)
),

waves as (
    select * from {{ ref('int_response_waves') }}
),

items as (
    select * from {{ ref('stg_responses__items') }}
),

counted as (
    select
        survey_id,
        survey_wave_id,
        variable_id,
        answer_status,
        sum(respondents) as respondents,
    from moments
    group by survey_id, survey_wave_id, variable_id, answer_status
)

select
    survey_id,
    survey_wave_id,
    'answer_in_catalogue' as rule,
    'item ' || variable_id || ' has ' || respondents
    || ' answers that are neither an option of the survey file nor a reserved code' as finding,
    'unknown' as condition,
    variable_id as subject,
    cast(null as varchar) as category,
from counted
where answer_status = 'unknown'
union all by name
select
    counted.survey_id,
    counted.survey_wave_id,
    'routing_followed' as rule,
    'item ' || counted.variable_id || ' is asked '
    || coalesce('where ' || items.asked_if_column || ' is ' || replace(items.asked_if_values, ';', ' or '), 'of everybody')
    || '; ' || counted.respondents || ' respondents answered without being asked, or were not asked ('
    || case items.value_kind when 'code' then {{ var('reserved_codes')['not_asked'] }} else {{ var('reserved_numbers')['not_asked'] }} end
    || ') though they should be' as finding,
    'misrouted' as condition,
    counted.variable_id as subject,
from counted
inner join items on counted.survey_wave_id = items.survey_wave_id and counted.variable_id = items.item_id
where counted.answer_status = 'misrouted'
union all by name
-- ids that do not rise give reason to search; only the search tells whether one is repeated
select
    survey_id,
    survey_wave_id,
    'respondent_once' as rule,
    'repeated' as condition,
from counted
where answer_status = 'unordered'
union all by name
-- and so does text that is not plain
select
    survey_id,
    survey_wave_id,
    'text_is_clear' as rule,
    'unclear' as condition,
from counted
where answer_status = 'unclear'
union all by name
select
    counted.survey_id,
    counted.survey_wave_id,
    case waves.evidence_type when 'estimated' then 'real_not_demonstration' else 'demonstration_is_marked' end as rule,
    case waves.evidence_type
        when 'estimated' then 'respondents of the demonstration (demo_…) stand among real responses; they belong into the folder of the demonstration'
        else 'respondent ids of the demonstration do not begin with demo_; real responses belong into the folder of the responses'
    end as finding,
    case waves.evidence_type when 'estimated' then 'made_up' else 'not_made_up' end as condition,
    'respondent_id' as subject,
from counted
inner join waves on counted.survey_wave_id = waves.survey_wave_id
where counted.answer_status = 'misplaced'
