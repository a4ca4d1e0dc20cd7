with surveys as (
    select * from {{ ref('stg_catalogue__surveys') }}
),

survey_waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

-- Reference periods end with a year, a quarter (2024-Q4), a half (2025-H1) or a month (2025-10/2025-11).
periods as (
    select
        survey_id,
        collection_end_date,
        try_cast(regexp_extract(reference_period, '.*(\d{4})', 1) as integer) as last_year,
        coalesce(
            3 * try_cast(regexp_extract(reference_period, '-Q([1-4])$', 1) as integer),
            6 * try_cast(regexp_extract(reference_period, '-H([12])$', 1) as integer),
            try_cast(regexp_extract(reference_period, '-(\d{2})$', 1) as integer),
            12
        ) as last_month,
    from survey_waves
),

waves as (
    select
        survey_id,
        count(*) as wave_count,
        max(coalesce(collection_end_date, last_day(make_date(last_year, last_month, 1)))) as last_wave_end_date,
    from periods
    group by survey_id
)

select
    surveys.survey_id,
    surveys.label_da,
    surveys.label_en,
    surveys.producer,
    surveys.statistical_unit,
    surveys.sampling_design_en,
    cast(coalesce(waves.wave_count, 0) as integer) as wave_count,
    waves.last_wave_end_date,
    surveys.is_cited_only,
from surveys
left join waves on surveys.survey_id = waves.survey_id
