-- No observation is lost in a join: as many leave as came in.
select
    (select count(*) from {{ ref('int_observations_united') }}) as united,
    (select count(*) from {{ ref('fct_observations') }}) as observations,
    (select count(*) from {{ ref('stg_published__figures') }}) as figures,
    (select count(*) from {{ ref('fct_published_figures') }}) as published_figures,
where united <> observations or figures <> published_figures
