-- depends_on: {{ source('responses', 'answers') }}
{% if execute and run_query("select count(*) from glob('" ~ var('responses_path') ~ "/survey_id=*/survey_wave_id=*/*.parquet')").rows[0][0] > 0 %}
select *
from {{ source('responses', 'answers') }}
{% else %}
select
    cast(null as varchar) as survey_id,
    cast(null as varchar) as survey_wave_id,
where false
{% endif %}
