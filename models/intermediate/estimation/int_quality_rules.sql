-- The quality rules of each design: those of the product, as the survey file of its wave changes them. Where everybody answered alike, the
-- product's hold as well: that all of few firms said the same is told about each of them, so a survey cannot ask for less there.
with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

general as (
    select * from {{ ref('stg_responses__quality_rules') }}
),

own as (
    select * from {{ ref('stg_responses__survey_quality_rules') }}
)

select
    designs.design_id,
    general.quality_rule_id,
    general.statistic,
    general.metric,
    general.at_least,
    general.below,
    general.quality_grade,
    general.reason_da,
    general.reason_en,
    own.quality_rule_id is not null as is_only_where_all_alike,
from designs
cross join general
left join own on designs.survey_wave_id = own.survey_wave_id and general.quality_rule_id = own.quality_rule_id
union all by name
select
    designs.design_id,
    own.* exclude (survey_wave_id, holds),
    false as is_only_where_all_alike,
from designs
inner join own on designs.survey_wave_id = own.survey_wave_id
where own.holds
