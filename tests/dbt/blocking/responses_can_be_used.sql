-- Stops the build before any estimate.
{{ config(enabled=var('response_checks') == 'enforced', fail_calc=stop_with_messages()) }}
select message
from {{ ref('int_response_problems') }}
