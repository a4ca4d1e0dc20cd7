-- No observation, estimate or check is lost in a join: as many leave as came in, but for crossings that are not listed.
select
    (select count(*) from {{ ref('int_observations_described') }}) as united,
    (select count(*) from {{ ref('fct_observations') }}) as observations,
    (select count(*) from {{ ref('stg_published__figures') }}) as figures,
    (select count(*) from {{ ref('fct_published_figures') }}) as published_figures,
    (select count(*) from {{ ref('int_estimates_described') }}) as estimates,
    (select count(*) from {{ ref('int_estimates_rounded') }}) as rounded_estimates,
    (select count_if(is_listed) from {{ ref('int_estimates_rounded') }}) as listed_estimates,
    (select count(*) from {{ ref('fct_estimates') }}) as released_estimates,
    (select count_if(is_listed and is_observation and not is_change) from {{ ref('int_estimates_rounded') }})
    + (
        select count_if(own_groups.is_observation)
        from {{ ref('int_estimate_groups_labelled') }} as own_groups
        inner join {{ ref('int_estimates_rounded') }} as rounded on own_groups.estimate_number = rounded.estimate_number
        where rounded.is_listed
    ) as observed_estimates,
    (select count(*) from {{ ref('int_observations_from_estimates') }}) as estimated_observations,
    (select count(*) from {{ ref('int_source_checks_united') }}) as checks,
    (select count(*) from {{ ref('fct_source_checks') }}) as released_checks,
where
    united <> observations
    or figures <> published_figures
    or observed_estimates <> estimated_observations
    or estimates <> rounded_estimates
    or listed_estimates <> released_estimates
    or checks <> released_checks
