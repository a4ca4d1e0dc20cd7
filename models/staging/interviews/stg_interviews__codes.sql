select * from {{ ref('interview_codes') }}
