-- Every table that holds synthetic or estimated rows tells the reader on each of them; published rows carry no notice.
{% set tables = ['mart_adoption', 'mart_barriers', 'mart_productivity', 'fct_observations', 'fct_changes', 'fct_estimates', 'fct_reproduction',
    'fct_differences', 'fct_independence_tests', 'fct_quantiles', 'fct_shares_of_totals', 'fct_response_rates'] -%}
{% for table in tables -%}
select
    '{{ table }}' as table_name,
    evidence_type,
    count(*) as silent_rows,
from {{ ref(table) }}
where (coalesce(evidence_type, 'published') = 'published') <> (evidence_notice_da is null or evidence_notice_en is null)
group by evidence_type
{{ 'union all' if not loop.last }}
{% endfor %}
