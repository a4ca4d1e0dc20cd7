select * from {{ ref('stg_catalogue__answer_options') }}
