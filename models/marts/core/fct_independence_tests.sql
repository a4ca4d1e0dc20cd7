select * from {{ ref('int_independence_tests_shown') }}
