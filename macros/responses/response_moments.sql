{% macro response_moments(wave) %}
    {#-
    The moments of one wave: a query with a row per cell and item (or answer code), made by one scan of the responses.

    A cell is all respondents that share stratum, sampling unit (where it is part of the design), population size and the
    columns that estimates are broken down or calibrated by. Survey weights take few values within a stratum, so the weight
    joins the cell and the scan only counts answers, in whole numbers; where weights vary from row to row
    (is_weight_in_cell = false) the weighted sums are taken in the scan, which costs more. Sums are exact (exact_sum): they do not
    depend on the number of threads.
    Aggregates stand side by side in the scan and become rows last. The scan takes them in turns of some thirty, each over its own answer
    columns: with more, the cells outgrow the processor's cache, which costs more than reading the columns of the cell again.
    -#}
    {%- set in_cell = wave['is_weight_in_cell'] -%}
    {%- set keys = response_keys(wave) + (['design_weight'] if in_cell else []) -%}
    {%- set leading = wave['leading_keys'] -%}
    {%- set variables = scanned_variables(wave) -%}
    {%- set counts = count_rows(wave, variables, in_cell) %}
select
    '{{ wave['survey_id'] }}' as survey_id,
    '{{ wave['survey_wave_id'] }}' as survey_wave_id,
    {{ wave['has_psu'] | lower }} as is_by_unit,
    centred.*,
from (
    with {% for columns in scan_columns(wave, variables) | batch(32) -%}
    scanned_{{ loop.index }} as (
        select
            row_number() over (order by {{ leading | join(', ') }}) as cell_id,
            {%- if loop.first %}
            {%- for key in keys %}
            {{ key if key in leading else 'any_value(' ~ key ~ ') as ' ~ key }},
            {%- endfor %}
            {%- endif %}
            {%- for column in columns %}
            {{ column }}
            {%- endfor %}
        from {{ response_rows(wave) }}
        group by {{ leading | join(', ') }}
    ),

    {% if loop.last -%}
    cells as (
        select *
        from scanned_1
        {%- for number in range(2, loop.length + 1) %}
        inner join scanned_{{ number }} using (cell_id)
        {%- endfor %}
    ),
    {%- endif %}
    {%- endfor %}

    -- counts of answer codes are many and carry nothing else; the cell itself and its numbers carry sums
    {% if counts -%}
    counted as (
        select
            cell_id,
            {{ unpivoted_rows(counts) }}
        from cells
    ),
    {%- endif %}

    summed as (
        select
            cell_id,
            {{ unpivoted_rows(sum_rows(variables, in_cell)) }}
        from cells
    ),

    unpivoted as (
        {% if counts -%}
        select
            *,
            false as is_number,
            false as is_ratio,
            cast(null as double[]) as largest_values,
            {%- for name in moment_names(in_cell) %}
            cast(null as double) as {{ name }},
            {%- endfor %}
        from counted
        union all by name
        {%- endif %}
        select
            *,
            'valid' as answer_status,
            cast(null as integer) as code,
        from summed
    ),

    moments as (
        select
            cells.cell_id,
            case when unpivoted.variable_id = '' then cells.stratum_id end as stratum_id,
            {% if wave['has_psu'] -%}
            case when unpivoted.variable_id = '' then cells.psu_id end as psu_id,
            {%- else -%}
            cast(null as varchar) as psu_id,
            {%- endif %}
            case when unpivoted.variable_id = '' then cast(cells.stratum_population_size as double) end as stratum_population_size,
            {% if in_cell -%}
            cast(cells.design_weight as double) as design_weight,
            case when cells.design_weight is null then 0 else cells.respondents end as weights_present,
            cast(cells.design_weight as double) as lowest_weight,
            {%- else -%}
            cast(null as double) as design_weight,
            cells.weights_present,
            cells.lowest_weight,
            {%- endif %}
            -- only the row of the whole cell says where the cell lies
            case when unpivoted.variable_id = '' then {{ attribute_map(wave['attributes'], wave['survey_wave_id']) }} end as attributes,
            unpivoted.* exclude (cell_id),
        from cells
        inner join unpivoted on cells.cell_id = unpivoted.cell_id
        where unpivoted.respondents > 0
    )

    {{ centred_moments('moments', in_cell) }}
) as centred
union all by name
{{ suspect_respondents(wave) }}
{% endmacro %}


{% macro scanned_variables(wave) %}
    {#-
    What the scan counts and sums: a dictionary per answer code (code), per number (y) and per ratio of two numbers (y, x), each with the
    condition that an answer counts by (is_valid) and the prefix of its columns.
    -#}
    {%- set is_number = ' > ' ~ var('highest_reserved_number') -%}
    {%- set variables = [] -%}
    {%- for item in wave['items'] -%}
        {%- if item['kind'] == 'code' -%}
            {%- for code in item['codes'] -%}
                {%- do variables.append({'prefix': 'v' ~ variables | length, 'variable_id': item['item_id'], 'code': code, 'is_valid': item['column'] ~ ' = ' ~ code}) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do variables.append({
                'prefix': 'v' ~ variables | length, 'variable_id': item['item_id'], 'y': item['column'], 'is_amount': item['item_id'] in wave['amounts'],
                'is_valid': item['column'] ~ is_number,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for ratio in wave['ratios'] -%}
        {%- do variables.append({
            'prefix': 'v' ~ variables | length, 'variable_id': ratio['item_id'] ~ '/' ~ ratio['denominator_item_id'], 'y': ratio['column'],
            'x': ratio['denominator_column'], 'is_amount': ratio['item_id'] in wave['amounts'],
            'is_valid': ratio['column'] ~ is_number ~ ' and ' ~ ratio['denominator_column'] ~ is_number,
        }) -%}
    {%- endfor -%}
    {{ return(variables) }}
{% endmacro %}


{% macro suspect_respondents(wave) %}
    {#-
    What the ids of the respondents give reason to look at, as rows of the moments: ids that are missing or not larger than that of the row
    before (answer_status 'unordered'; a file whose ids rise from row to row holds nobody twice) and ids of the demonstration among
    real respondents, or the other way round ('misplaced'). No row where there are none.
    -#}
    {%- set made_up = is_made_up() if wave['types']['respondent_id'] == 'VARCHAR' else 'false' -%}
select
    '{{ wave['survey_id'] }}' as survey_id,
    '{{ wave['survey_wave_id'] }}' as survey_wave_id,
    {{ wave['has_psu'] | lower }} as is_by_unit,
    'respondent_id' as variable_id,
    answer_status,
    respondents,
from (
    select
        count_if(respondent_id is null or previous_id >= respondent_id) as unordered,
        count_if({{ made_up if wave['evidence_type'] == 'estimated' else 'not ' ~ made_up }}) as misplaced,
    from (select respondent_id, {{ previous_row('respondent_id') }} as previous_id from {{ loaded_answers(wave) }}) as answers
) as suspects
unpivot (respondents for answer_status in (unordered, misplaced))
where respondents > 0
{%- endmacro %}


{% macro is_made_up() %}
    {#- SQL that holds for the id of a respondent of the demonstration, a text that begins with demo_. -#}
    {{ return("(left(cast(respondent_id as varchar), 5) = 'demo_')") }}
{% endmacro %}


{% macro previous_row(column) %}
    {#- The column's value in the row before. -#}
    {{ return(adapter.dispatch('previous_row')(column)) }}
{% endmacro %}


{% macro default__previous_row(column) %}
    {#- DuckDB: in the order of the file. -#}
    lag({{ column }}) over ()
{%- endmacro %}


{% macro spark__previous_row(column) %}
    {#- Spark: files have no order there. -#}
    lag({{ column }}) over (order by {{ column }})
{%- endmacro %}


{% macro scan_columns(wave, variables) %}
    {#- What the scan works out for each cell: a list of SQL texts, each with the aggregates of the cell as a whole, of a variable or of an item. -#}
    {%- set in_cell = wave['is_weight_in_cell'] -%}
    {%- set columns = ['count(*) as respondents,'] -%}
    {%- if not in_cell -%}
        {%- do columns.append(weighted_aggregates('true', 'w', wave['exponents']) ~ ' count(design_weight) as weights_present, min(design_weight) as lowest_weight,') -%}
    {%- endif -%}
    {%- for variable in variables -%}
        {%- do columns.append(variable_aggregates(variable, in_cell, wave['exponents'])) -%}
    {%- endfor -%}
    {%- for item in wave['items'] -%}
        {%- if not item['is_proved'] -%}{%- do columns.append('count_if(' ~ reserved_condition(item) ~ ') as r' ~ loop.index0 ~ ',') -%}{%- endif -%}
        {%- if 'misrouted' in item -%}{%- do columns.append('count_if(' ~ item['misrouted'] ~ ') as m' ~ loop.index0 ~ ',') -%}{%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{% macro reserved_condition(item) %}
    {#- SQL that holds where the item was not asked, not answered or answered with don't know; a code that is also an option is not reserved. -#}
    {%- set codes = (var('reserved_codes') if item['kind'] == 'code' else var('reserved_numbers')).values() | list -%}
    {%- set left = codes | reject('in', item['codes']) | list -%}
    {%- if left | length == codes | length -%}
        {{ return(item['column'] ~ ' between ' ~ left | min ~ ' and ' ~ left | max) }}
    {%- else -%}
        {{ return(item['column'] ~ ' in (' ~ (left | join(', ') or 'null') ~ ')') }}
    {%- endif -%}
{% endmacro %}


{% macro variable_aggregates(variable, in_cell, exponents) %}
    {#- The aggregates of one variable in the scan: a count, and sums where the answer is a number. -#}
    {%- set prefix = variable['prefix'] %}
    count_if({{ variable['is_valid'] }}) as {{ prefix }}_respondents,
    {%- if 'y' in variable %}
    {%- for name, factors in moment_products(variable).items() %}
    {{ exact_sum(factors, variable['is_valid'], exponents) }} as {{ prefix }}_{{ name }},
    {%- endfor %}
    {%- endif %}
    {%- if variable.get('is_amount') %}
    {{ largest_two(variable['y'] ~ ' * cast(' ~ variable['is_valid'] ~ ' as integer)') }} as {{ prefix }}_largest_values,
    {%- endif %}
    {%- if not in_cell %}
    {{ weighted_aggregates(variable['is_valid'], prefix, exponents) }}
    {%- if 'y' in variable %}
    {%- for name, factors in weighted_products(variable).items() %}
    {{ exact_sum(factors, variable['is_valid'], exponents) }} as {{ prefix }}_{{ name }},
    {%- endfor %}
    {%- endif %}
    {%- endif %}
{% endmacro %}


{% macro weighted_aggregates(is_valid, prefix, exponents) %}
    {#- Count of weights that are not 0, sum of weights and of their squares over the rows that satisfy is_valid. -#}
    count_if({{ is_valid }} and design_weight <> 0) as {{ prefix }}_weighted_respondents,
    {{ exact_sum(['design_weight'], is_valid, exponents) }} as {{ prefix }}_sum_d,
    {{ exact_sum(['design_weight', 'design_weight'], is_valid, exponents) }} as {{ prefix }}_sum_dd,
{% endmacro %}


{% macro moment_products(variable) %}
    {#- The unweighted sums of a number y (and of the denominator x of a ratio): name -> columns that are multiplied. -#}
    {%- set y, x = variable['y'], variable.get('x') -%}
    {%- set products = {'sum_y': [y], 'sum_yy': [y, y]} -%}
    {%- if x -%}{%- do products.update({'sum_x': [x], 'sum_xx': [x, x], 'sum_yx': [y, x]}) -%}{%- endif -%}
    {{ return(products) }}
{% endmacro %}


{% macro weighted_products(variable) %}
    {#- The same with the weight d: sums of d·y, d·y², d²·y, d²·y² and, for a ratio, of x and the cross product. -#}
    {%- set y, x, d = variable['y'], variable.get('x'), 'design_weight' -%}
    {%- set products = {
        'sum_dy': [d, y], 'sum_dyy': [d, y, y], 'sum_ddy': [d, d, y], 'sum_ddyy': [d, d, y, y],
    } -%}
    {%- if x -%}
        {%- do products.update({'sum_dx': [d, x], 'sum_ddx': [d, d, x], 'sum_ddyx': [d, d, y, x], 'sum_ddxx': [d, d, x, x]}) -%}
    {%- endif -%}
    {{ return(products) }}
{% endmacro %}


{% macro exact_sum(factors, is_valid, exponents) %}
    {#-
    Sum of the product of the columns over the rows that satisfy is_valid, the same for any order of addition: each product is rounded to a
    whole multiple of a power of two (62 bits, relative to the largest product that can occur) and whole numbers are added.
    Source: Demmel and Nguyen (2013), Fast reproducible floating-point summation, 21st IEEE Symposium on Computer Arithmetic (pre-rounding).
    -#}
    {%- set exponent = namespace(total=61) -%}
    {%- set product = [] -%}
    {%- for factor in factors -%}
        {%- set exponent.total = exponent.total - exponents[factor] -%}
        {%- do product.append('cast(' ~ factor ~ ' as double)') -%}
    {%- endfor -%}
    {%- set scale = 2.0 ** exponent.total -%}
    cast(sum(cast({{ product | join(' * ') }} * cast({{ is_valid }} as integer) * {{ scale }} as bigint)) as double) / {{ scale }}
{%- endmacro %}


{% macro moment_names(in_cell) %}
    {#- Names of the sums that only a number has. -#}
    {{ return(
        ['sum_y', 'sum_x', 'sum_yy', 'sum_yx', 'sum_xx']
        + ([] if in_cell else ['sum_dy', 'sum_dx', 'sum_dyy', 'sum_ddy', 'sum_ddx', 'sum_ddyy', 'sum_ddyx', 'sum_ddxx'])
    ) }}
{% endmacro %}


{% macro weighted_fields(prefix, in_cell) %}
    {#- The weighted counts of a long row, which the scan takes only where the weight is not part of the cell: field name -> SQL. -#}
    {{ return({} if in_cell else {
        'weighted_respondents': 'cast(' ~ prefix ~ '_weighted_respondents as bigint)',
        'sum_d': prefix ~ '_sum_d', 'sum_dd': prefix ~ '_sum_dd',
    } if prefix else {
        'weighted_respondents': 'cast(null as bigint)', 'sum_d': 'cast(null as double)', 'sum_dd': 'cast(null as double)',
    }) }}
{% endmacro %}


{% macro count_rows(wave, variables, in_cell) %}
    {#- One dictionary per answer code of each item, for the answers that the catalogue does not know and for those against the routing: field name -> SQL. -#}
    {%- set rows = [] -%}
    {%- for variable in variables if 'code' in variable -%}
        {%- set row = {
            'variable_id': "'" ~ variable['variable_id'] ~ "'", 'code': 'cast(' ~ variable['code'] ~ ' as integer)',
            'answer_status': "'valid'", 'respondents': 'cast(' ~ variable['prefix'] ~ '_respondents as bigint)',
        } -%}
        {%- do row.update(weighted_fields(variable['prefix'], in_cell)) -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {%- for item in wave['items'] -%}
        {%- set counted = [] -%}
        {%- for variable in variables if variable['variable_id'] == item['item_id'] -%}
            {%- do counted.append(' - ' ~ variable['prefix'] ~ '_respondents') -%}
        {%- endfor -%}
        {%- set rest = 'respondents' ~ counted | join -%}
        {%- set counts = {} if item['is_proved'] else {'unknown': rest ~ ' - r' ~ loop.index0} -%}
        {%- if 'misrouted' in item -%}{%- do counts.update({'misrouted': 'm' ~ loop.index0}) -%}{%- endif -%}
        {%- for status, count in counts.items() -%}
            {%- set row = {
                'variable_id': "'" ~ item['item_id'] ~ "'", 'code': 'cast(null as integer)',
                'answer_status': "'" ~ status ~ "'", 'respondents': 'cast(' ~ count ~ ' as bigint)',
            } -%}
            {%- do row.update(weighted_fields(none, in_cell)) -%}
            {%- do rows.append(row) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows) }}
{% endmacro %}


{% macro sum_rows(variables, in_cell) %}
    {#- One dictionary for the cell as a whole (variable_id '') and one per number or ratio: field name -> SQL. -#}
    {%- set rows = [] -%}
    {%- for variable in [{}] + variables | selectattr('y', 'defined') | list -%}
        {%- set prefix = variable.get('prefix', '') -%}
        {%- set row = {
            'variable_id': "'" ~ variable.get('variable_id', '') ~ "'",
            'is_number': 'true' if variable else 'false',
            'is_ratio': 'true' if 'x' in variable else 'false',
            'respondents': 'cast(' ~ (prefix ~ '_' if variable else '') ~ 'respondents as bigint)',
            'largest_values': prefix ~ '_largest_values' if variable.get('is_amount') else 'cast(null as double[])',
        } -%}
        {%- do row.update(weighted_fields(prefix or 'w', in_cell)) -%}
        {%- set sums = (moment_products(variable) if variable else {}).keys() | list -%}
        {%- if variable and not in_cell -%}{%- do sums.extend(weighted_products(variable)) -%}{%- endif -%}
        {%- for name in moment_names(in_cell) -%}
            {%- do row.update({name: prefix ~ '_' ~ name if name in sums else 'cast(null as double)'}) -%}
        {%- endfor -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {{ return(rows) }}
{% endmacro %}


{% macro attribute_map(attributes, survey_wave_id) %}
    {#- The cell's breakdown, margin and domain columns as a map from column to text; null stays null. -#}
    {{ return(adapter.dispatch('attribute_map')(attributes, survey_wave_id)) }}
{% endmacro %}


{% macro default__attribute_map(attributes, survey_wave_id) %}
    {#- DuckDB: a map literal. -#}
    map { 'survey_wave_id': '{{ survey_wave_id }}'
    {%- for column in attributes %}, '{{ column }}': cast(cells.{{ column }} as varchar){% endfor %} }
{% endmacro %}


{% macro spark__attribute_map(attributes, survey_wave_id) %}
    {#- Spark: the map function. -#}
    map('survey_wave_id', '{{ survey_wave_id }}'
    {%- for column in attributes %}, '{{ column }}', cast(cells.{{ column }} as string){% endfor %})
{% endmacro %}


{% macro largest_two(expression) %}
    {#- The two largest values as a list. -#}
    {{ return(adapter.dispatch('largest_two')(expression)) }}
{% endmacro %}


{% macro default__largest_two(expression) %}
    {#- DuckDB: max with a count. -#}
    max(cast({{ expression }} as double), 2)
{%- endmacro %}


{% macro spark__largest_two(expression) %}
    {#- Spark: the head of a sorted array. -#}
    slice(sort_array(collect_list(cast({{ expression }} as double)), false), 1, 2)
{%- endmacro %}


{% macro unpivoted_rows(rows) %}
    {#- Columns that turn one wide row into one row per dictionary of the list (field name -> SQL); the engines spell it differently. -#}
    {{ return(adapter.dispatch('unpivoted_rows')(rows)) }}
{% endmacro %}


{% macro default__unpivoted_rows(rows) %}
    {#- DuckDB: lists side by side, unnested in step. -#}
    {%- for name in rows[0] %}
            unnest([{{ rows | map(attribute=name) | join(', ') }}]) as {{ name }},
    {%- endfor %}
{%- endmacro %}


{% macro spark__unpivoted_rows(rows) %}
    {#- Spark: zipped arrays, inlined. -#}
    inline(arrays_zip(
        {%- for name in rows[0] %}
        array({{ rows | map(attribute=name) | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )) as ({{ rows[0] | join(', ') }}),
{%- endmacro %}
