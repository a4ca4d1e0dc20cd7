-- depends_on: {{ source('matching', 'matchings') }}
{{ plan_rows('matchings', {
    'matching_number': 'integer',
    'matching_id': 'varchar',
    'query_number': 'integer',
    'by_value': 'varchar',
    'study_id': 'varchar',
    'distance': 'varchar',
    'neighbours': 'integer',
    'ties': 'varchar',
    'caliper': 'double',
    'variance_neighbours': 'integer',
    'bias_adjust': 'boolean',
    'level': 'double',
    'evidence_type': 'varchar',
    'exact_columns': 'varchar[]',
    'distance_columns': 'varchar[]',
    'balance_columns': 'varchar[]',
}) }}
