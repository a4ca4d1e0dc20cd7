-- depends_on: {{ source('responses', 'demonstration_answers') }}
{{ answers_if_present(source('responses', 'demonstration_answers'), 'synthetic') }}
