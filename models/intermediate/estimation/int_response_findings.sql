-- Every rule about responses that a wave breaks, wherever it was found.
with scans as (
    select * from {{ ref('int_response_scans') }}
),

-- what the description and the heads of the files say of each other
listed as (
    select
        survey_id,
        survey_wave_id,
        unnest(problems) as problem,
    from scans
),

planned as (
    select distinct
        * exclude (problem),
        problem.*,
    from listed
)

select * from planned
union all by name
select * from {{ ref('int_response_findings_in_catalogue') }}
union all by name
select * from {{ ref('int_response_findings_in_cells') }}
union all by name
select * from {{ ref('int_response_findings_in_answers') }}
union all by name
select * from {{ ref('int_response_findings_in_margins') }}
union all by name
select * from {{ ref('int_response_findings_in_texts') }}
union all by name
select * from {{ ref('int_response_findings_in_scales') }}
