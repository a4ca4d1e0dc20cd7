{% macro response_moments(wave) %}
    {#-
    The moments of one wave: a query with a row per cell and item (or answer code), made by one scan of the responses.

    A cell is all respondents that share stratum, sampling unit (where it is part of the design), population size and the
    columns that estimates are broken down or calibrated by. Survey weights take few values within a stratum, so the weight
    joins the cell and the scan only counts answers, in whole numbers; where weights vary from row to row
    (is_weight_in_cell = false) the weighted sums are taken in the scan, compensated (fsum), which costs more.
    Aggregates stand side by side in the scan and become rows last.
    -#}
    {%- set in_cell = wave['is_weight_in_cell'] -%}
    {%- set keys = response_keys(wave) + (['design_weight'] if in_cell else []) -%}
    {%- set reserved = var('reserved_codes').values() | join(', ') -%}
    {%- set variables = [] -%}
    {%- for item in wave['items'] -%}
        {%- if item['kind'] == 'code' -%}
            {%- for code in item['codes'] -%}
                {%- do variables.append({'variable_id': item['item_id'], 'code': code, 'is_valid': item['column'] ~ ' = ' ~ code}) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do variables.append({'variable_id': item['item_id'], 'y': item['column'], 'is_valid': item['column'] ~ ' > ' ~ var('highest_reserved_number')}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for ratio in wave['ratios'] -%}
        {%- do variables.append({
            'variable_id': ratio['item_id'] ~ '/' ~ ratio['denominator_item_id'], 'y': ratio['column'], 'x': ratio['denominator_column'],
            'is_valid': ratio['column'] ~ ' > ' ~ var('highest_reserved_number') ~ ' and ' ~ ratio['denominator_column'] ~ ' > ' ~ var('highest_reserved_number'),
        }) -%}
    {%- endfor %}
select
    '{{ wave['survey_id'] }}' as survey_id,
    '{{ wave['survey_wave_id'] }}' as survey_wave_id,
    centred.*,
from (
    with scanned as (
        select
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            count(*) as respondents,
            {%- if not in_cell %}
            {{ weighted_aggregates('true', 'w') }}
            count(design_weight) as weights_present,
            min(design_weight) as lowest_weight,
            {%- endif %}
            {%- for variable in variables %}
            {{ variable_aggregates(variable, 'v' ~ loop.index, in_cell) }}
            {%- endfor %}
            {%- for item in wave['items'] %}
            count_if({{ item['column'] }} in ({{ (var('reserved_codes') if item['kind'] == 'code' else var('reserved_numbers')).values() | reject('in', item['codes']) | join(', ') or 'null' }})) as r{{ loop.index }},
            {%- endfor %}
        from {{ ref('stg_responses__answers') }}
        where survey_id = '{{ wave['survey_id'] }}' and survey_wave_id = '{{ wave['survey_wave_id'] }}'
        group by all
    ),

    cells as (
        select
            row_number() over (order by {{ keys | join(', ') }}) as cell_id,
            *,
        from scanned
    ),

    unpivoted as (
        select
            cell_id,
            {{ unpivot_structs(moment_structs(wave, variables, in_cell)) }},
        from cells
    ),

    moments as (
        select
            cells.cell_id,
            cells.stratum_id,
            {{ 'cells.psu_id' if wave['has_psu'] else 'cast(null as varchar)' }} as psu_id,
            cast(cells.stratum_population_size as double) as stratum_population_size,
            {% if in_cell -%}
            cast(cells.design_weight as double) as design_weight,
            case when cells.design_weight is null then 0 else cells.respondents end as weights_present,
            cast(cells.design_weight as double) as lowest_weight,
            {%- else -%}
            cast(null as double) as design_weight,
            cells.weights_present,
            cells.lowest_weight,
            {%- endif %}
            {{ attribute_map(wave['attributes'], wave['survey_wave_id']) }} as attributes,
            moment.*,
        from cells
        inner join unpivoted on cells.cell_id = unpivoted.cell_id
        where moment.respondents > 0
    )

    {{ centred_moments('moments', in_cell) }}
) as centred
{% endmacro %}


{% macro variable_aggregates(variable, prefix, in_cell) %}
    {#- The aggregates of one variable in the scan: a count, and sums where the answer is a number. -#}
    count_if({{ variable['is_valid'] }}) as {{ prefix }}_respondents,
    {%- set flag = 'cast(' ~ variable['is_valid'] ~ ' as integer)' -%}
    {%- if 'y' in variable %}
    {%- for name, expression in moment_products(variable).items() %}
    {{ stable_sum(expression ~ ' * ' ~ flag) }} as {{ prefix }}_{{ name }},
    {%- endfor %}
    {%- endif %}
    {%- if not in_cell %}
    {{ weighted_aggregates(variable['is_valid'], prefix) }}
    {%- if 'y' in variable %}
    {%- for name, expression in weighted_products(variable).items() %}
    {{ stable_sum(expression ~ ' * ' ~ flag) }} as {{ prefix }}_{{ name }},
    {%- endfor %}
    {%- endif %}
    {%- endif %}
{% endmacro %}


{% macro weighted_aggregates(is_valid, prefix) %}
    {#- Count of weights that are not 0, sum of weights and of their squares over the rows that satisfy is_valid. -#}
    count_if({{ is_valid }} and design_weight <> 0) as {{ prefix }}_weighted_respondents,
    {{ stable_sum('design_weight * cast(' ~ is_valid ~ ' as integer)') }} as {{ prefix }}_sum_d,
    {{ stable_sum('design_weight * design_weight * cast(' ~ is_valid ~ ' as integer)') }} as {{ prefix }}_sum_dd,
{% endmacro %}


{% macro moment_products(variable) %}
    {#- Names and expressions of the unweighted sums of a number y (and of the denominator x of a ratio). -#}
    {%- set y, x = variable['y'], variable.get('x') -%}
    {%- set products = {'sum_y': ('cast(' ~ y ~ ' as double)'), 'sum_yy': ('cast(' ~ y ~ ' as double)') ~ ' * ' ~ y} -%}
    {%- if x -%}{%- do products.update({'sum_x': ('cast(' ~ x ~ ' as double)'), 'sum_xx': ('cast(' ~ x ~ ' as double)') ~ ' * ' ~ x, 'sum_yx': ('cast(' ~ y ~ ' as double)') ~ ' * ' ~ x}) -%}{%- endif -%}
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
    {%- for name in products -%}{%- do products.update({name: products[name] | join(' * ')}) -%}{%- endfor -%}
    {{ return(products) }}
{% endmacro %}


{% macro moment_structs(wave, variables, in_cell) %}
    {#- One dictionary per long row of a cell: field name -> SQL. The first row is the whole cell (variable_id ''). -#}
    {%- set rows = [] -%}
    {%- set sums = ['sum_y', 'sum_x', 'sum_yy', 'sum_yx', 'sum_xx'] -%}
    {%- set weighted = ['weighted_respondents', 'sum_d', 'sum_dd', 'sum_dy', 'sum_dx', 'sum_dyy', 'sum_ddy', 'sum_ddx', 'sum_ddyy', 'sum_ddyx', 'sum_ddxx'] -%}
    {%- for variable in [{'variable_id': ''}] + variables -%}
        {%- set prefix = 'v' ~ loop.index0 -%}
        {%- set present = (moment_products(variable).keys() | list) + (weighted_products(variable).keys() | list) if 'y' in variable else [] -%}
        {%- set row = {
            'variable_id': "'" ~ variable['variable_id'] ~ "'", 'code': 'cast(' ~ variable.get('code', 'null') ~ ' as integer)', 'answer_status': "'valid'",
            'is_number': 'true' if 'y' in variable else 'false', 'is_ratio': 'true' if 'x' in variable else 'false',
            'respondents': 'cast(' ~ ('respondents' if loop.first else prefix ~ '_respondents') ~ ' as bigint)',
        } -%}
        {%- for name in sums + ([] if in_cell else weighted) -%}
            {%- if name in ['weighted_respondents', 'sum_d', 'sum_dd'] -%}
                {%- set column = ('w' if variable['variable_id'] == '' else prefix) ~ '_' ~ name -%}
                {%- do row.update({name: 'cast(' ~ column ~ ' as bigint)' if name == 'weighted_respondents' else column}) -%}
            {%- else -%}
                {%- do row.update({name: prefix ~ '_' ~ name if name in present else 'cast(null as double)'}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {%- for item in wave['items'] -%}
        {%- set counted = [] -%}
        {%- for variable in variables if variable['variable_id'] == item['item_id'] -%}
            {%- do counted.append(' - v' ~ (variables.index(variable) + 1) ~ '_respondents') -%}
        {%- endfor -%}
        {%- for status, count in {'reserved': 'r' ~ loop.index, 'unknown': 'respondents - r' ~ loop.index ~ counted | join}.items() -%}
            {%- set row = {'variable_id': "'" ~ item['item_id'] ~ "'", 'code': 'cast(null as integer)', 'answer_status': "'" ~ status ~ "'", 'is_number': 'false', 'is_ratio': 'false', 'respondents': 'cast(' ~ count ~ ' as bigint)'} -%}
            {%- for name in sums + ([] if in_cell else weighted) -%}
                {%- do row.update({name: 'cast(null as bigint)' if name == 'weighted_respondents' else 'cast(null as double)'}) -%}
            {%- endfor -%}
            {%- do rows.append(row) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows) }}
{% endmacro %}


{% macro attribute_map(attributes, survey_wave_id) %}
    {#- The cell's breakdown, margin and domain columns as a map from column to text; null stays null. -#}
    {{ return(adapter.dispatch('attribute_map')(attributes, survey_wave_id)) }}
{% endmacro %}


{% macro default__attribute_map(attributes, survey_wave_id) %}
    map { 'survey_wave_id': '{{ survey_wave_id }}'
    {%- for column in attributes %}, '{{ column }}': cast(cells.{{ column }} as varchar){% endfor %} }
{% endmacro %}


{% macro spark__attribute_map(attributes, survey_wave_id) %}
    map('survey_wave_id', '{{ survey_wave_id }}'
    {%- for column in attributes %}, '{{ column }}', cast(cells.{{ column }} as string){% endfor %})
{% endmacro %}


{% macro stable_sum(expression) %}
    {#- Sum whose result does not depend on the number of threads: compensated where the engine has it. -#}
    {{ return(adapter.dispatch('stable_sum')(expression)) }}
{% endmacro %}


{% macro default__stable_sum(expression) %}
    {#- DuckDB: Kahan summation, Kahan (1965), Communications of the ACM 8, 40. -#}
    fsum({{ expression }})
{%- endmacro %}


{% macro spark__stable_sum(expression) %}
    {#- Spark has no compensated sum: decimals add without rounding. -#}
    cast(sum(cast({{ expression }} as decimal(38, 12))) as double)
{%- endmacro %}


{% macro unpivot_structs(rows) %}
    {#- A column `moment` with one struct per row of the list: the engines differ in how they spell it. -#}
    {{ return(adapter.dispatch('unpivot_structs')(rows)) }}
{% endmacro %}


{% macro default__unpivot_structs(rows) %}
    {#- DuckDB: unnest of a list of structs. -#}
    unnest([
        {%- for row in rows %}
        { {%- for name, expression in row.items() %}{{ name }}: {{ expression }}{{ ', ' if not loop.last }}{% endfor -%} }{{ ',' if not loop.last }}
        {%- endfor %}
    ]) as moment
{%- endmacro %}


{% macro spark__unpivot_structs(rows) %}
    {#- Spark: explode of an array of named structs. -#}
    explode(array(
        {%- for row in rows %}
        named_struct({% for name, expression in row.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
        {%- endfor %}
    )) as moment
{%- endmacro %}
