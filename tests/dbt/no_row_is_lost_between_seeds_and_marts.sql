-- No observation, estimate or check is lost in a join: as many leave as came in.
select
    (select count(*) from {{ ref('int_observations_described') }}) as united,
    (select count(*) from {{ ref('fct_observations') }}) as observations,
    (select count(*) from {{ ref('stg_published__figures') }}) as figures,
    (select count(*) from {{ ref('fct_published_figures') }}) as published_figures,
    (select count_if(is_observation and not is_change) from {{ ref('int_estimates_described') }})
    + (select count_if(is_observation) from {{ ref('int_estimate_groups_labelled') }}) as observed_estimates,
    (select count(*) from {{ ref('int_observations_from_estimates') }}) as estimated_observations,
    (select count(*) from {{ ref('int_estimates_described') }}) as estimates,
    (select count(*) from {{ ref('fct_estimates') }}) as released_estimates,
    (select count(*) from {{ ref('int_source_checks_united') }}) as checks,
    (select count(*) from {{ ref('fct_source_checks') }}) as released_checks,
where
    united <> observations
    or figures <> published_figures
    or observed_estimates <> estimated_observations
    or estimates <> released_estimates
    or checks <> released_checks
