{% macro derived_columns(wave) %}
    {#-
    The derived columns of a wave from derived_columns.csv: a list of levels, each a list of dictionaries (column, type, sql). A level
    looks only at columns of the file and of the levels before it. Adds their types to wave['types'] and what is wrong with the rows to
    wave['problems']. The first rule that holds gives the value; where none holds an item is without answer, any other column null.
    -#}
    {%- set kinds = {} -%}
    {%- for row in run_query("select column_name, value_kind from " ~ ref('stg_responses__items') ~ " where survey_wave_id = '" ~ wave['survey_wave_id'] ~ "'") -%}
        {%- do kinds.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- set left = derived_rules(wave) -%}
    {%- for column in left if column in wave['types'] -%}
        {%- do wave['problems'].append('derived column ' ~ column ~ ' is a column of the response file as well; one of them needs another name [derived_is_new]') -%}
    {%- endfor -%}
    {%- set levels = [] -%}
    {%- for _ in left.copy() -%}
        {%- set level = [] -%}
        {%- for column, rules in left.items() if rules | sum(attribute='reads', start=[]) | reject('in', wave['types']) | list == [] -%}
            {%- set kind = kinds.get(column) -%}
            {%- do derived_value_problems(wave, column, kind, rules) -%}
            {%- do level.append({
                'column': column, 'type': derived_type(kind), 'sql': derived_sql(wave['types'], kind, rules),
            }) -%}
        {%- endfor -%}
        {%- if level -%}{%- do levels.append(level) -%}{%- endif -%}
        {%- for derived in level -%}
            {%- do left.pop(derived['column']) -%}
            {%- do wave['types'].update({derived['column']: derived['type']}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column, rules in left.items() -%}
        {%- do wave['problems'].append('derived column ' ~ column ~ ' looks at ' ~ rules | sum(attribute='reads', start=[]) | reject('in', wave['types']) | unique | join(', ')
            ~ ', which neither the response file nor a derived column before it has [derived_has_columns]') -%}
    {%- endfor -%}
    {#- named once: an item, breakdown or domain that uses them is not to blame -#}
    {%- for column in left -%}{%- do wave['types'].update({column: derived_type(kinds.get(column))}) -%}{%- endfor -%}
    {{ return(levels) }}
{% endmacro %}


{% macro derived_rules(wave) %}
    {#-
    The rows of derived_columns.csv of a wave by column: a list of rules in their order, each a dictionary (order, value, conditions, reads) with
    conditions (at_least, columns, values) that must all hold. Notes rows that contradict each other or say half a condition.
    -#}
    {%- set columns = {} -%}
    {%- for row in run_query(
        "select column_name, rule_order, value, coalesce(at_least, 0), if_columns, if_values from "
        ~ ref('stg_responses__derived_columns') ~ " where survey_wave_id = '" ~ wave['survey_wave_id'] ~ "' order by all"
    ) -%}
        {%- set where = 'rule ' ~ row[1] ~ ' of derived column ' ~ row[0] -%}
        {%- set rules = columns.setdefault(row[0], []) -%}
        {%- if not rules or rules[-1]['order'] != row[1] -%}
            {%- do rules.append({'order': row[1], 'value': row[2], 'conditions': [], 'reads': []}) -%}
        {%- endif -%}
        {%- set rule = rules[-1] -%}
        {%- if rule['value'] != row[2] -%}
            {%- do wave['problems'].append(where ~ ' gives the values ' ~ rule['value'] ~ ' and ' ~ row[2] ~ '; its rows must give one [derived_rule_complete]') -%}
        {%- endif -%}
        {%- if row[3] or row[4] or row[5] -%}
            {%- set condition = {'at_least': row[3] | int, 'columns': (row[4] or '').split(';'), 'values': (row[5] or '').split(';')} -%}
            {%- do rule['conditions'].append(condition) -%}
            {%- do rule['reads'].extend(condition['columns']) -%}
            {%- if '' in condition['columns'] + condition['values'] or not 1 <= condition['at_least'] <= condition['columns'] | length -%}
                {%- do wave['problems'].append(where ~ ' must name columns and values, and at_least from 1 to the number of columns [derived_rule_complete]') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{% macro derived_value_problems(wave, column, kind, rules) %}
    {#- Notes values that the derived column cannot have, and values that the columns it looks at cannot have. -#}
    {%- if kind == 'code' -%}
        {%- set known = run_query(
            "select code from " ~ ref('stg_responses__options') ~ " inner join " ~ ref('stg_responses__items') ~ " using (survey_wave_id, item_id) where survey_wave_id = '"
            ~ wave['survey_wave_id'] ~ "' and column_name = '" ~ column ~ "'"
        ).columns[0].values() | map('string') | list -%}
        {%- for value in rules | map(attribute='value') | reject('in', known + (var('reserved_codes').values() | map('string') | list)) | unique -%}
            {%- do wave['problems'].append('derived column ' ~ column ~ ' gives ' ~ value ~ ', which is neither an option in response_options.csv nor a reserved code [derived_in_catalogue]') -%}
        {%- endfor -%}
    {%- elif kind == 'number' -%}
        {%- for value in rules | map(attribute='value') if value | float(default=none) is none -%}
            {%- do wave['problems'].append('derived column ' ~ column ~ ' gives ' ~ value ~ ', which is not a number [derived_in_catalogue]') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for condition in rules | sum(attribute='conditions', start=[]) -%}
        {%- for read in condition['columns'] -%}
            {%- do comparison_problems(wave, 'derived column ' ~ column, read, condition['values']) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro comparison_problems(wave, what, column, values) %}
    {#- Notes where `what` compares a column with values that its type cannot have. -#}
    {%- set type = wave['types'][column] -%}
    {%- if type in whole_types() -%}
        {%- for value in values if value and value | int(default=0) | string != value -%}
            {%- do wave['problems'].append(what ~ " looks for '" ~ value ~ "' in column " ~ column ~ ', which holds whole numbers [condition_has_type]') -%}
        {%- endfor -%}
    {%- elif type not in ['VARCHAR', 'BOOLEAN'] -%}
        {%- do wave['problems'].append(what ~ ' looks at column ' ~ column ~ ' of type ' ~ type ~ '; whole numbers, text and true or false can be looked at [condition_has_type]') -%}
    {%- endif -%}
{% endmacro %}


{% macro has_value(types, column, values) %}
    {#- SQL that holds where the column has one of the values, which are texts. -#}
    {%- if types.get(column) in whole_types() and values | map('int', default=0) | map('string') | list == values | list -%}
        {{ return(column ~ ' in (' ~ values | join(', ') ~ ')') }}
    {%- endif -%}
    {%- set quoted = [] -%}
    {%- for value in values -%}{%- do quoted.append(text_literal(value)) -%}{%- endfor -%}
    {{ return('cast(' ~ column ~ ' as varchar) in (' ~ quoted | join(', ') ~ ')') }}
{% endmacro %}


{% macro derived_sql(types, kind, rules) %}
    {#- The rules of a derived column as a case expression. -#}
    {%- set branches = [] -%}
    {%- for rule in rules -%}
        {%- set holds = [] -%}
        {%- for condition in rule['conditions'] -%}
            {%- set counted = [] -%}
            {%- for column in condition['columns'] -%}
                {%- do counted.append('cast(coalesce(' ~ has_value(types, column, condition['values']) ~ ', false) as integer)') -%}
            {%- endfor -%}
            {%- do holds.append(counted | join(' + ') ~ ' >= ' ~ condition['at_least']) -%}
        {%- endfor -%}
        {%- do branches.append('when ' ~ (holds | join(' and ') or 'true') ~ ' then ' ~ "cast(" ~ text_literal(rule['value']) ~ ' as ' ~ derived_type(kind) ~ ')') -%}
    {%- endfor -%}
    {%- set otherwise = {'code': var('reserved_codes')['no_answer'], 'number': var('reserved_numbers')['no_answer']}.get(kind, 'null') -%}
    {{ return('cast(case ' ~ branches | join(' ') ~ ' else ' ~ otherwise ~ ' end as ' ~ derived_type(kind) ~ ')') }}
{% endmacro %}


{% macro derived_type(kind) %}
    {#- Type of a derived column by the kind of item that it is; text where it is none. -#}
    {{ return({'code': 'INTEGER', 'number': 'DOUBLE'}.get(kind, 'VARCHAR')) }}
{% endmacro %}


{% macro text_literal(text) %}
    {#- A text as an SQL literal. -#}
    {{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }}
{% endmacro %}


{% macro whole_types() %}
    {#- Types of columns that hold whole numbers. -#}
    {{ return(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER']) }}
{% endmacro %}


{% macro response_rows(wave) %}
    {#-
    The respondents of a wave as a relation: the columns of its files, in the types that these files have (the files of another wave may
    hold a column of the same name in another type), and the derived columns, each level around the one that it looks at.
    -#}
    {%- set columns = [] -%}
    {%- for column, type in wave['file_types'].items() -%}
        {%- do columns.append('cast(' ~ adapter.quote(column) ~ ' as ' ~ type ~ ') as ' ~ adapter.quote(column)) -%}
    {%- endfor -%}
    {%- set rows = namespace(sql="select " ~ columns | join(', ') ~ ' from ' ~ loaded_answers(wave)) -%}
    {%- for level in wave['derived'] -%}
        {%- set derived = [] -%}
        {%- for column in level -%}{%- do derived.append(column['sql'] ~ ' as ' ~ adapter.quote(column['column'])) -%}{%- endfor -%}
        {%- set rows.sql = 'select *, ' ~ derived | join(', ') ~ ' from (' ~ rows.sql ~ ') as answers' -%}
    {%- endfor -%}
    {{ return('(' ~ rows.sql ~ ') as answers') }}
{% endmacro %}


{% macro loaded_answers(wave) %}
    {#- The respondents of a wave as they were loaded, without derived columns: what follows `from`. -#}
    {%- set answers = ref('stg_responses__answers') if wave['evidence_type'] == 'estimated' else ref('stg_responses__demonstration_answers') -%}
    {{ return(answers ~ " where survey_id = '" ~ wave['survey_id'] ~ "' and survey_wave_id = '" ~ wave['survey_wave_id'] ~ "'") }}
{% endmacro %}


{% macro response_columns(survey_id, survey_wave_id, evidence_type) %}
    {#-
    A wave with its columns: a dictionary (survey_id, survey_wave_id, evidence_type, file_types, types, derived, problems), where types
    are those of the file and of the derived columns. response_rows reads it.
    -#}
    {%- set wave = {'survey_id': survey_id, 'survey_wave_id': survey_wave_id, 'evidence_type': evidence_type, 'file_types': {}, 'problems': []} -%}
    {%- for row in run_query("describe select * exclude (survey_id, survey_wave_id) from read_parquet('" ~ response_files(wave) ~ "', union_by_name = true, hive_partitioning = true)") -%}
        {%- do wave['file_types'].update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- do wave.update({'types': wave['file_types'].copy()}) -%}
    {#- most waves have none, and the macros of the rules are long -#}
    {%- set has_derived = run_query("select count(*) > 0 from " ~ ref('stg_responses__derived_columns') ~ " where survey_wave_id = '" ~ survey_wave_id ~ "'").rows[0][0] -%}
    {%- do wave.update({'derived': derived_columns(wave) if has_derived else []}) -%}
    {{ return(wave) }}
{% endmacro %}
