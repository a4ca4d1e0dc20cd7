{% macro response_waves() %}
    {#-
    The waves that have response files, each with what is to be scanned: a list of dictionaries
    (survey_id, survey_wave_id, attributes, items, ratios, has_psu, and scans: see response_scan). Empty while dbt parses
    and where no response file is present. Stops with a message where file and catalogue do not fit.
    -#}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set waves, problems = [], [] -%}
    {%- for folder in run_query(response_folders() ~ ' order by survey_id, survey_wave_id') -%}
        {%- set wave = response_wave(folder[0], folder[1], folder[2]) -%}
        {%- do waves.append(wave) -%}
        {%- for problem in wave['problems'] -%}
            {%- do problems.append('Survey ' ~ wave['survey_id'] ~ ', wave ' ~ wave['survey_wave_id'] ~ ': ' ~ problem) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('The responses cannot be read:\n' ~ problems | join('\n')) -%}
    {%- endif -%}
    {{ return(waves) }}
{% endmacro %}


{% macro response_wave(survey_id, survey_wave_id, evidence_type) %}
    {#- What is scanned of one wave, from its rows in the catalogue and the columns of its files; see response_waves. -#}
    {%- set where_wave = "survey_wave_id = '" ~ survey_wave_id ~ "'" -%}
    {%- set wave = response_columns(survey_id, survey_wave_id, evidence_type) -%}
    {%- set designs = run_query(
        "select * from " ~ ref('stg_responses__estimation_designs') ~ " where survey_wave_id = '" ~ survey_wave_id ~ "' or earlier_survey_wave_id = '" ~ survey_wave_id ~ "'"
    ) -%}
    {%- do wave.update({
        'attributes': response_attributes(survey_wave_id), 'items': [], 'ratios': [], 'amounts': [], 'scans': [],
        'has_psu': true in designs.columns['has_psu'].values(), 'has_design': designs.rows | length > 0,
    }) -%}
    {%- set ranges = response_ranges(wave) -%}
    {%- for row in run_query(
        "select items.item_id, items.column_name, items.value_kind, items.asked_if_column, items.asked_if_values, '[' || coalesce(string_agg(options.code, ',' order by options.code), '') || ']' as codes from "
        ~ ref('stg_responses__items') ~ " as items left join " ~ ref('stg_responses__options')
        ~ " as options using (survey_wave_id, item_id) where " ~ where_wave ~ " group by all order by all"
    ) -%}
        {%- set codes = fromjson(row[5]) -%}
        {%- do wave['items'].append({
            'item_id': row[0], 'column': row[1], 'kind': row[2], 'codes': codes, 'asked_if_column': row[3], 'asked_if_values': (row[4] or '').split(';'),
            'is_proved': row[1] not in wave['file_types'] or (has_only_codes(codes, ranges.get(row[1])) if row[2] == 'code' else row[1] in ranges),
        }) -%}
    {%- endfor -%}
    {%- for row in run_query(
        "select distinct measures.item_id, measures.denominator_item_id, items.column_name, denominators.column_name from "
        ~ ref('stg_responses__estimation_designs') ~ " as designs inner join " ~ ref('stg_responses__estimation_measures')
        ~ " as measures using (measure_set_id) inner join " ~ ref('stg_responses__items') ~ " as items on measures.item_id = items.item_id inner join "
        ~ ref('stg_responses__items') ~ " as denominators on measures.denominator_item_id = denominators.item_id where items."
        ~ where_wave ~ " and denominators." ~ where_wave ~ " and '" ~ survey_wave_id
        ~ "' in (designs.survey_wave_id, designs.earlier_survey_wave_id) order by all"
    ) -%}
        {%- do wave['ratios'].append({'item_id': row[0], 'denominator_item_id': row[1], 'column': row[2], 'denominator_column': row[3]}) -%}
    {%- endfor -%}
    {%- for row in run_query("select distinct item_id from " ~ ref('stg_responses__estimation_measures') ~ " where is_amount and item_id <> ''") -%}
        {%- do wave['amounts'].append(row[0]) -%}
    {%- endfor -%}
    {%- do note_missing_columns(wave) -%}
    {%- if wave['items'] | selectattr('asked_if_column') | list -%}{%- do add_routing(wave) -%}{%- endif -%}
    {#- cells that tell sampling units apart are many: only the designs that need them pay for them -#}
    {%- for has_psu in designs.columns['has_psu'].values() | map('default', false, true) | unique | sort or [false] -%}
        {%- if not wave['problems'] -%}{%- do wave['scans'].append(response_scan(dict(wave, has_psu=has_psu))) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(wave) }}
{% endmacro %}


{% macro response_scan(wave) %}
    {#-
    The wave with what one scan of it needs to know (is_weight_in_cell, leading_keys, exponents), with a cell for each sampling unit
    (has_psu) or without.
    -#}
    {%- do wave.update({'is_weight_in_cell': is_weight_in_cell(wave)}) -%}
    {%- do wave.update({'leading_keys': leading_keys(wave)}) -%}
    {%- do wave.update({'exponents': response_exponents(wave)}) -%}
    {{ return(wave) }}
{% endmacro %}


{% macro add_routing(wave) %}
    {#-
    Gives the items of a wave whose catalogue knows routing the condition `misrouted`: answered without being asked, or not asked without
    a reason. An item without a rule is asked of everybody; a derived column says by its own rules who was not asked.
    -#}
    {%- for item in wave['items'] -%}
        {%- set column = item['asked_if_column'] -%}
        {%- if column and column not in wave['types'] -%}
            {%- do wave['problems'].append('item ' ~ item['item_id'] ~ ' is asked by column ' ~ column ~ ', which is neither in the response file nor derived [routing_has_column]') -%}
        {%- elif column or item['column'] in wave['file_types'] -%}
            {%- if column -%}{%- do comparison_problems(wave, 'the routing of item ' ~ item['item_id'], column, item['asked_if_values']) -%}{%- endif -%}
            {%- set asked = 'coalesce(' ~ has_value(wave['types'], column, item['asked_if_values']) ~ ', false)' if column else 'true' -%}
            {%- set not_asked = (var('reserved_codes') if item['kind'] == 'code' else var('reserved_numbers'))['not_asked'] -%}
            {%- do item.update({'misrouted': asked ~ ' = (' ~ item['column'] ~ ' = ' ~ not_asked ~ ')'}) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro response_exponents(wave) %}
    {#-
    For each column that is summed as a number, the smallest power of two that no value exceeds in size (see exact_sum); a weight in the
    cell is not summed. Notes values that are not finite: the largest product is not either, as infinity times 0 is no number.
    -#}
    {%- set columns = [] if wave['is_weight_in_cell'] else ['design_weight'] -%}
    {%- for item in wave['items'] if item['kind'] == 'number' -%}{%- do columns.append(item['column']) -%}{%- endfor -%}
    {%- set exponents = {} -%}
    {%- if columns -%}
        {%- set selected = [] -%}
        {%- for column in columns -%}
            {%- set is_number = 'true' if column == 'design_weight' else column ~ ' > ' ~ var('highest_reserved_number') -%}
            {%- do selected.append('max(abs(cast(' ~ column ~ ' as double)) * cast(' ~ is_number ~ ' as integer))') -%}
        {%- endfor -%}
        {%- set found = run_query(
            "select " ~ ["isfinite(largest)", "cast(ceil(log2(greatest(case when isfinite(largest) then largest else 0 end, 1e-300))) as integer)"] | join(', ')
            ~ " from (select unnest([" ~ selected | join(', ') ~ "]) as largest from " ~ response_rows(wave) ~ ")"
        ).rows -%}
        {%- for column in columns -%}
            {%- if found[loop.index0][0] == false -%}
                {%- do wave['problems'].append('column ' ~ column ~ ' holds values that are not finite numbers'
                    ~ named_respondents(wave['survey_id'], wave['survey_wave_id'], 'not isfinite(' ~ column ~ ')') ~ ' [number_finite]') -%}
            {%- endif -%}
            {%- do exponents.update({column: [found[loop.index0][1] | int, -500] | max}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(exponents) }}
{% endmacro %}


{% macro is_weight_in_cell(wave) %}
    {#-
    Whether the design weight joins the cell: as var('weight_in_cell') says, or (auto) if the first 100 000 respondents fall into at
    most half as many cells. The results are the same either way, the cost is not.
    -#}
    {%- if var('weight_in_cell') != 'auto' -%}{{ return(var('weight_in_cell') == 'always') }}{%- endif -%}
    {%- set found = run_query(
        "select count(*), sum(respondents) from (select count(*) as respondents from (select design_weight, " ~ response_keys(wave) | join(', ')
        ~ " from " ~ response_rows(wave) ~ " limit 100000) group by all)"
    ).rows[0] -%}
    {{ return(found[1] is none or found[1] < 100000 or found[0] <= 50000) }}
{% endmacro %}


{% macro response_ranges(wave) %}
    {#-
    Lowest and highest value by column without nulls (none for numbers that are not whole), from the statistics that Parquet keeps of
    each row group; no scan.
    -#}
    {%- set ranges = {} -%}
    {%- for row in run_query(
        "select path_in_schema, case when count(try_cast(stats_min_value as bigint)) = count(*) then min(try_cast(stats_min_value as bigint)) end,"
        ~ " case when count(try_cast(stats_max_value as bigint)) = count(*) then max(try_cast(stats_max_value as bigint)) end from parquet_metadata('"
        ~ response_files(wave) ~ "') group by path_in_schema having sum(coalesce(stats_null_count, 1)) = 0"
    ) -%}
        {%- do ranges.update({row[0]: [row[1], row[2]]}) -%}
    {%- endfor -%}
    {{ return(ranges) }}
{% endmacro %}


{% macro has_only_codes(codes, range_found) %}
    {#- True where every whole number of the range is an option or a reserved code, so that no answer has to be looked at. -#}
    {%- if not range_found or range_found[0] is none or range_found[1] is none or range_found[1] - range_found[0] > 1000 -%}{{ return(false) }}{%- endif -%}
    {%- set known = codes + var('reserved_codes').values() | list -%}
    {%- set unknown = range(range_found[0] | int, range_found[1] | int + 1) | reject('in', known) | list -%}
    {{ return(unknown | length == 0) }}
{% endmacro %}


{% macro response_folders() %}
    {#-
    A query with a row per folder of responses that is read (survey_id, survey_wave_id, evidence_type). The scan asks it directly, so that
    it need not wait for int_response_waves.
    -#}
select distinct
    regexp_extract(file, 'survey_id=([^/]+)', 1) as survey_id,
    regexp_extract(file, 'survey_wave_id=([^/]+)', 1) as survey_wave_id,
    '{{ response_evidence() }}' as evidence_type,
from glob('{{ response_pattern(response_evidence()) }}')
{%- endmacro %}


{% macro response_files(wave) %}
    {#- Pattern of the files of one wave. -#}
    {{ return(response_pattern(wave['evidence_type'], wave['survey_id'], wave['survey_wave_id'])) }}
{% endmacro %}


{% macro response_pattern(evidence_type, survey_id='*', survey_wave_id='*') %}
    {#- Pattern of response files: real ones (estimated) or those of the demonstration (synthetic). -#}
    {%- set root = var('responses_path') if evidence_type == 'estimated' else var('demo_responses_path') -%}
    {{ return(root ~ '/survey_id=' ~ survey_id ~ '/survey_wave_id=' ~ survey_wave_id ~ '/*.parquet') }}
{% endmacro %}


{% macro response_evidence() %}
    {#- The kind of responses that is read: real ones or, where var('demo') says so, those of the demonstration; never both. -#}
    {{ return('synthetic' if var('demo') else 'estimated') }}
{% endmacro %}


{% macro answers_if_present(relation, evidence_type) %}
    {#- The relation, a pattern of response files; or, as DuckDB refuses a pattern without a file, no rows. -#}
    {%- if execute and evidence_type == response_evidence() and run_query("select count(*) from glob('" ~ response_pattern(evidence_type) ~ "')").rows[0][0] > 0 %}
select *
from {{ relation }}
    {%- else %}
select
    cast(null as varchar) as survey_id,
    cast(null as varchar) as survey_wave_id,
where false
    {%- endif %}
{% endmacro %}


{% macro response_attributes(survey_wave_id) %}
    {#- Columns that any design of the wave breaks down, calibrates, restricts or compares by: they are part of the cell. -#}
    {%- set columns = run_query(
        "with designs as (select * from " ~ ref('stg_responses__estimation_designs') ~ " where '" ~ survey_wave_id
        ~ "' in (survey_wave_id, earlier_survey_wave_id)), named as ("
        ~ "select unnest(string_split(breakdown_columns, ';')) as column_name from " ~ ref('stg_responses__estimation_breakdowns')
        ~ " inner join designs using (breakdown_set_id)"
        ~ " union select column_name from " ~ ref('stg_responses__calibration_margins') ~ " inner join designs using (margin_set_id)"
        ~ " union select column_name from " ~ ref('stg_responses__estimation_domains') ~ " inner join designs using (measure_set_id)"
        ~ " union select calibration_within_column from designs union select change_column from designs)"
        ~ " select column_name from named where column_name <> '' and column_name <> 'survey_wave_id' order by column_name"
    ) -%}
    {{ return(columns.columns[0].values() | list) }}
{% endmacro %}


{% macro response_keys(wave) %}
    {#- Columns that make a cell, beside the design weight. -#}
    {{ return(['stratum_id'] + (['psu_id'] if wave['has_psu'] else []) + ['stratum_population_size'] + wave['attributes']) }}
{% endmacro %}


{% macro leading_keys(wave) %}
    {#-
    The columns of a cell that decide all others: the stratum and what varies within it, as region does where the stratum fixes industry,
    size, weight and population; all columns for sampling units, whose cells are many. The scan groups by them alone, which saves more
    than the look that finds them costs. A column is fixed where the hashes of its values (64 bits) are one within each stratum.
    -#}
    {%- set keys = response_keys(wave) + (['design_weight'] if wave['is_weight_in_cell'] else []) -%}
    {%- if wave['has_psu'] or not wave['is_weight_in_cell'] -%}{{ return(keys) }}{%- endif -%}
    {%- set ranges, checks, leading = [], [], ['stratum_id'] -%}
    {%- for key in keys[1:] -%}
        {%- do ranges.append('min(' ~ value_hash(key) ~ ') as lowest_' ~ loop.index ~ ', max(' ~ value_hash(key) ~ ') as highest_' ~ loop.index) -%}
        {%- do checks.append('bool_and(lowest_' ~ loop.index ~ ' = highest_' ~ loop.index ~ ')') -%}
    {%- endfor -%}
    {%- set is_fixed = run_query(
        'select ' ~ checks | join(', ') ~ ' from (select ' ~ ranges | join(', ') ~ ' from ' ~ response_rows(wave) ~ ' group by stratum_id)'
    ).rows[0] -%}
    {%- for key in keys[1:] -%}
        {%- if not is_fixed[loop.index0] -%}{%- do leading.append(key) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(leading) }}
{% endmacro %}


{% macro value_hash(column) %}
    {#- Whole number of 64 bits that is the same for equal values. -#}
    {{ return(adapter.dispatch('value_hash')(column)) }}
{% endmacro %}


{% macro default__value_hash(column) %}
    {#- DuckDB. -#}
    hash({{ column }})
{%- endmacro %}


{% macro spark__value_hash(column) %}
    {#- Spark, whose `hash` has 32 bits. -#}
    xxhash64({{ column }})
{%- endmacro %}


{% macro note_missing_columns(wave) %}
    {#- Notes columns that the catalogue names and the files lack or hold in a type that cannot be read. -#}
    {%- set problems, types = wave['problems'], wave['types'] -%}
    {%- set whole = whole_types() -%}
    {%- set numeric = whole + ['FLOAT', 'DOUBLE'] -%}
    {%- for column in ['respondent_id'] + response_keys(wave) if column not in types -%}
        {%- do problems.append('the response file has no column ' ~ column ~ ', which the catalogue uses') -%}
    {%- endfor -%}
    {%- for column in ['design_weight', 'stratum_population_size'] if types.get(column, 'missing') not in numeric -%}
        {%- do problems.append('column ' ~ column ~ ' must be a number, it is ' ~ types.get(column, 'missing')) -%}
    {%- endfor -%}
    {%- if not wave['items'] and not wave['has_design'] -%}
        {%- do problems.append('there is a response file, but neither response_items.csv nor estimation_designs.csv has a row for the wave') -%}
    {%- endif -%}
    {%- for item in wave['items'] -%}
        {%- if item['column'] not in types -%}
            {%- do problems.append('the response file has no column ' ~ item['column'] ~ ' for item ' ~ item['item_id']) -%}
        {%- elif types[item['column']] not in (whole if item['kind'] == 'code' else numeric) -%}
            {%- do problems.append('column ' ~ item['column'] ~ ' must hold ' ~ ('whole-number codes' if item['kind'] == 'code' else 'numbers') ~ ', it is ' ~ types[item['column']]) -%}
        {%- elif item['kind'] == 'code' and not item['codes'] -%}
            {%- do problems.append('item ' ~ item['item_id'] ~ ' has no answer option in response_options.csv') -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
