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
    {%- for row in run_query('with ' ~ rule_relations() ~ ' ' ~ queries | join(' union all ') ~ ' order by all') -%}
        {%- do problems.append(response_problem(row[1], row[2], row[0], row[3] ~ (named_respondents(row[1], row[2], row[4]) if row[4] else ''))) -%}
    {%- endfor -%}
    {%- do problems.extend(respondent_id_problems()) -%}
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
    {%- set evidence_type = run_query("select evidence_type from (" ~ response_folders() ~ ") where survey_wave_id = '" ~ survey_wave_id ~ "'").rows[0][0] -%}
    {%- set found = run_query(
        "select count(*), string_agg(respondent_id, ', ' order by respondent_id) filter (where position <= 5) from ("
        ~ "select cast(respondent_id as varchar) as respondent_id, row_number() over (order by respondent_id) as position from "
        ~ response_rows(response_columns(survey_id, survey_wave_id, evidence_type)) ~ " where " ~ rows_where ~ ")"
    ).rows[0] -%}
    {{ return(', rows: ' ~ found[0] ~ ' (respondents ' ~ found[1] ~ (' …' if found[0] > 5 else '') ~ ')') }}
{% endmacro %}


{% macro respondent_id_problems() %}
    {#-
    Problems for respondents that occur twice in a wave or have no id, and for made-up respondents among real ones or the other way
    round: a closer look at what suspect_respondents found.
    -#}
    {%- set problems = [] -%}
    {%- for row in run_query(
        "select distinct waves.survey_id, waves.survey_wave_id, waves.evidence_type, moments.answer_status from " ~ ref('int_response_moments')
        ~ " as moments inner join " ~ ref('int_response_waves') ~ " as waves using (survey_id, survey_wave_id) where moments.answer_status in ('unordered', 'misplaced') order by all"
    ) -%}
        {%- set wave = {'survey_id': row[0], 'survey_wave_id': row[1], 'evidence_type': row[2]} -%}
        {%- if row[3] == 'unordered' -%}
            {%- set repeated = run_query(
                "select count(*), string_agg(respondent_id || ' × ' || times, ', ' order by respondent_id) filter (where position <= 5) from ("
                ~ "select coalesce(cast(respondent_id as varchar), 'without id') as respondent_id, count(*) as times, row_number() over (order by respondent_id) as position from "
                ~ "(select respondent_id from " ~ loaded_answers(wave) ~ ") group by respondent_id having count(*) > 1 or respondent_id is null)"
            ).rows[0] -%}
            {%- if repeated[0] -%}
                {%- do problems.append(response_problem(row[0], row[1], 'respondent_once', repeated[0] ~ ' respondents are not in the file exactly once, rows: ' ~ repeated[1]
                    ~ (' …' if repeated[0] > 5 else '') ~ '; each must have an id and one row')) -%}
            {%- endif -%}
        {%- else -%}
            {%- set rule, finding = {
                'estimated': ['real_not_demonstration', 'respondents of the demonstration (demo_…) stand among real responses; they belong into the folder of the demonstration'],
                'synthetic': ['demonstration_is_marked', 'respondent ids of the demonstration do not begin with demo_; real responses belong into the folder of the responses'],
            }[row[2]] -%}
            {%- do problems.append(response_problem(row[0], row[1], rule, finding ~ named_respondents(row[0], row[1], is_misplaced(row[2])))) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{% endmacro %}
