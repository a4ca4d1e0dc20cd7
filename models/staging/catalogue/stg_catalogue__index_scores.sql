select * from {{ ref('index_scores') }}
