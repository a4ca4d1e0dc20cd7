{% macro response_problems() %}
    {#-
    What is wrong with the responses and their catalogue rows: a list of dictionaries (survey_id, survey_wave_id, rule, message).
    Runs small queries on the moments; looks into response rows only to name the respondents behind a problem that was found.
    Empty while dbt parses.
    -#}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set problems = [] -%}
    {%- set queries = [] -%}
    {%- for rule, query in response_problem_queries().items() -%}
        {%- do queries.append("select '" ~ rule ~ "' as rule, survey_id, survey_wave_id, finding, rows_where from (" ~ query ~ ")") -%}
    {%- endfor -%}
    {%- for row in run_query('with ' ~ rule_relations() ~ ' ' ~ queries | join(' union all ') ~ ' order by survey_id, survey_wave_id, rule, finding, rows_where') -%}
        {%- set finding = repeated_respondents(row[1], row[2]) if row[0] == 'respondent_once' else row[3] ~ (named_respondents(row[1], row[2], row[4]) if row[4] else '') -%}
        {%- if finding -%}{%- do problems.append(response_problem(row[1], row[2], row[0], finding)) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{% endmacro %}


{% macro response_problem(survey_id, survey_wave_id, rule, finding) %}
    {#- A problem: a dictionary (survey_id, survey_wave_id, rule, message). -#}
    {{ return({
        'survey_id': survey_id, 'survey_wave_id': survey_wave_id, 'rule': rule,
        'message': 'Survey ' ~ survey_id ~ ', wave ' ~ survey_wave_id ~ ': ' ~ finding ~ ' [' ~ rule ~ ']',
    }) }}
{% endmacro %}


{% macro stop_on_problems(problems) %}
    {#- Stops the build with the messages of the problems, unless var('response_checks') is 'reported'. -#}
    {%- if problems and var('response_checks') == 'enforced' -%}
        {%- do exceptions.raise_compiler_error('The responses cannot be used:\n' ~ problems | map(attribute='message') | join('\n')) -%}
    {%- endif -%}
{% endmacro %}


{% macro named_respondents(survey_id, survey_wave_id, rows_where) %}
    {#- ' (respondents a, b, c …)': the first five respondents of a wave for whom the condition holds, with their number. -#}
    {%- set found = run_query(
        "select count(*), string_agg(respondent_id, ', ' order by respondent_id) filter (where position <= 5) from ("
        ~ "select cast(respondent_id as varchar) as respondent_id, row_number() over (order by respondent_id) as position from "
        ~ response_rows(response_columns(survey_id, survey_wave_id, evidence_type_of(survey_wave_id))) ~ " where " ~ rows_where ~ ")"
    ).rows[0] -%}
    {{ return(', rows: ' ~ found[0] ~ ' (respondents ' ~ found[1] ~ (' …' if found[0] > 5 else '') ~ ')') }}
{% endmacro %}


{% macro repeated_respondents(survey_id, survey_wave_id) %}
    {#- What is said of respondents that occur twice in a wave or have no id; empty where there are none and the rows are in another order only. -#}
    {%- set wave = {'survey_id': survey_id, 'survey_wave_id': survey_wave_id, 'evidence_type': evidence_type_of(survey_wave_id)} -%}
    {%- set found = run_query(
        "select count(*), string_agg(respondent_id || ' × ' || times, ', ' order by respondent_id) filter (where position <= 5) from ("
        ~ "select coalesce(cast(respondent_id as varchar), 'without id') as respondent_id, count(*) as times, row_number() over (order by respondent_id) as position from "
        ~ "(select respondent_id from " ~ loaded_answers(wave) ~ ") group by respondent_id having count(*) > 1 or respondent_id is null)"
    ).rows[0] -%}
    {{ return(found[0] ~ ' respondents are not in the file exactly once, rows: ' ~ found[1] ~ (' …' if found[0] > 5 else '') ~ '; each must have an id and one row' if found[0] else '') }}
{% endmacro %}


{% macro evidence_type_of(survey_wave_id) %}
    {#- Whether the wave's responses are real (estimated) or those of the demonstration (synthetic). -#}
    {{ return(run_query("select evidence_type from (" ~ response_folders() ~ ") where survey_wave_id = '" ~ survey_wave_id ~ "'").rows[0][0]) }}
{% endmacro %}
