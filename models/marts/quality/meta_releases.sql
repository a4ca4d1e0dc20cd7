-- Filled by `smv-ai build` when it makes the release, so that the release itself stands in the table.
select
    null::varchar as release_id,
    null::varchar as previous_release_id,
    null::varchar as run_id,
    null::timestamp as finished_at,
    null::varchar as content_hash,
    null::bigint as row_count,
    null::boolean as is_present,
where false
