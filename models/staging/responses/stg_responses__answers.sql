-- depends_on: {{ source('responses', 'answers') }}
{{ answers_if_present(source('responses', 'answers'), 'estimated') }}
