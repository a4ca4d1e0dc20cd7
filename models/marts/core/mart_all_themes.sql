with observations as (
    select * from {{ ref('int_observations_labelled') }}
),

themes as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'construct_themes'
)

select
    {{ headline_mart_columns() }}
    observations.barrier_id,
    observations.barrier_label_da,
    observations.barrier_label_en,
    observations.theme,
    themes.label_da as theme_label_da,
    themes.label_en as theme_label_en,
from observations
inner join themes on observations.theme = themes.code_id
