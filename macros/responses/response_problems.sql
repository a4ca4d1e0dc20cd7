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
    {%- for row in run_query(queries | join(' union all ') ~ ' order by all') -%}
        {%- do problems.append({
            'survey_id': row[1], 'survey_wave_id': row[2], 'rule': row[0],
            'message': 'Survey ' ~ row[1] ~ ', wave ' ~ row[2] ~ ': ' ~ row[3] ~ (named_respondents(row[1], row[2], row[4]) if row[4] else '') ~ ' [' ~ row[0] ~ ']',
        }) -%}
    {%- endfor -%}
    {%- do problems.extend(repeated_respondents()) -%}
    {{ return(problems) }}
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
        ~ response_rows(response_columns(survey_id, survey_wave_id)) ~ " where " ~ rows_where ~ ")"
    ).rows[0] -%}
    {{ return(', rows: ' ~ found[0] ~ ' (respondents ' ~ found[1] ~ (' …' if found[0] > 5 else '') ~ ')') }}
{% endmacro %}


{% macro repeated_respondents() %}
    {#-
    Problems for respondents that occur twice in a wave or have no id. A file whose ids rise from row to row is proved sound
    in passing; only another order costs a search.
    -#}
    {%- set problems = [] -%}
    {%- for wave in run_query("select distinct survey_id, survey_wave_id from " ~ ref('int_response_moments') ~ " order by all") -%}
        {%- set rows = "(select respondent_id from " ~ ref('stg_responses__answers') ~ " where survey_id = '" ~ wave[0] ~ "' and survey_wave_id = '" ~ wave[1] ~ "')" -%}
        {%- set out_of_order = run_query(
            "select count_if(respondent_id is null or previous_id >= respondent_id) from (select respondent_id, lag(respondent_id) over () as previous_id from " ~ rows ~ ")"
        ).rows[0][0] -%}
        {%- if out_of_order -%}
            {%- set repeated = run_query(
                "select count(*), string_agg(respondent_id || ' × ' || times, ', ' order by respondent_id) filter (where position <= 5) from ("
                ~ "select coalesce(cast(respondent_id as varchar), 'without id') as respondent_id, count(*) as times, row_number() over (order by respondent_id) as position from "
                ~ rows ~ " group by respondent_id having count(*) > 1 or respondent_id is null)"
            ).rows[0] -%}
            {%- if repeated[0] -%}
                {%- do problems.append({
                    'survey_id': wave[0], 'survey_wave_id': wave[1], 'rule': 'respondent_once',
                    'message': 'Survey ' ~ wave[0] ~ ', wave ' ~ wave[1] ~ ': ' ~ repeated[0] ~ ' respondents are not in the file exactly once, rows: ' ~ repeated[1]
                        ~ (' …' if repeated[0] > 5 else '') ~ '; each must have an id and one row [respondent_once]',
                }) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{% endmacro %}
