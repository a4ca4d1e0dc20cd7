with comparability_groups as (
    select * from {{ ref('stg_catalogue__comparability_groups') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

constructs as (
    select * from {{ ref('stg_codelists__constructs') }}
),

base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
)

select
    comparability_groups.comparability_group_id,
    comparability_groups.indicator_id,
    comparability_groups.base_population_id,
    comparability_groups.title_da,
    comparability_groups.title_en,
    indicators.label_da as indicator_label_da,
    indicators.label_en as indicator_label_en,
    constructs.label_da as construct_label_da,
    constructs.label_en as construct_label_en,
    base_populations.label_da as base_population_label_da,
    base_populations.label_en as base_population_label_en,
from comparability_groups
inner join indicators on comparability_groups.indicator_id = indicators.indicator_id
inner join constructs on indicators.construct = constructs.construct
inner join base_populations on comparability_groups.base_population_id = base_populations.base_population_id
