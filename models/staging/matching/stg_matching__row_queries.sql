-- depends_on: {{ source('matching', 'row_queries') }}
{{ plan_rows('row_queries', {
    'query_number': 'integer',
    'study_id': 'varchar',
    'row_query': 'varchar',
}) }}
