-- Filled by `smv-ai build` when it makes the release: while dbt runs, the outcome of this run is not known yet.
select
    null::varchar as run_id,
    null::varchar as release_id,
    null::varchar as previous_release_id,
    null::varchar as command,
    null::varchar as outcome,
    null::integer as exit_code,
    null::timestamp as started_at,
    null::timestamp as finished_at,
    null::double as run_seconds,
    null::varchar as content_hash,
    null::varchar as message,
where false
