select * from {{ ref('int_official_steps_taken') }}
