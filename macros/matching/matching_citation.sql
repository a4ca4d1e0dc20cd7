{% macro matching_citation() %}
    {#-
    How a matched comparison is cited: what it was computed from, the file of its study, its outcome, and the report whose design it follows.
    Needs the relations comparisons, matchings, evidence_types and publications.
    -#}
    'smv_ai: ' || evidence_types.description_da || ' / ' || evidence_types.description_en
    || ' (panels/' || matchings.study_id || '.yml, ' || comparisons.outcome_id || ')'
    || coalesce('; design: ' || publications.citation, '')
{%- endmacro %}
