select * from {{ ref('answer_options') }}
