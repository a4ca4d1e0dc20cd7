select * from {{ source('surveys', 'group_labels') }}
