{% macro response_problem_queries() %}
    {#-
    The rules, each a query with a row per violation: survey_id, survey_wave_id, finding (what is wrong and what is allowed)
    and rows_where (a condition on response rows that finds the respondents, or null); what is wrong with ids that do not rise, only a search
    tells (repeated_respondents). Keys are the names of the rules. They read the CTEs
    of rule_relations.
    -#}
    {%- set designs = ref('stg_responses__estimation_designs') -%}
    {%- set measures = ref('stg_responses__estimation_measures') -%}
    {%- set items = ref('stg_responses__items') -%}
    {%- set bases = ref('stg_catalogue__base_populations') -%}
    {%- set loaded = ref('int_response_waves') -%}
    {{ return({
        'weight_not_negative':
            "select survey_id, survey_wave_id, 'design_weight is negative' as finding, 'design_weight < 0' as rows_where from cells where lowest_weight < 0 group by all",
        'weight_present':
            "select survey_id, survey_wave_id, 'design_weight is missing' as finding, 'design_weight is null' as rows_where from cells where weights_present < respondents group by all",
        'number_finite':
            "select survey_id, survey_wave_id, 'column design_weight holds values that are not finite numbers' as finding, 'not isfinite(design_weight)' as rows_where from cells where not isfinite(lowest_weight) group by all",
        'stratum_present':
            "select survey_id, survey_wave_id, 'stratum_id is missing' as finding, 'stratum_id is null or trim(stratum_id) = ''''' as rows_where from cells where stratum_id is null or trim(stratum_id) = '' group by all",
        'stratum_has_weight':
            "select survey_id, survey_wave_id, 'all design weights of stratum ' || stratum_id || ' are 0' as finding, 'stratum_id = ''' || replace(stratum_id, '''', '''''') || '''' as rows_where from cells group by survey_id, survey_wave_id, stratum_id having sum(weighted_respondents) = 0",
        'population_constant':
            "select survey_id, survey_wave_id, 'stratum_population_size of stratum ' || stratum_id || ' has ' || count(distinct coalesce(stratum_population_size, -1)) || ' values; it must have one' as finding, 'stratum_id = ''' || replace(stratum_id, '''', '''''') || '''' as rows_where from cells group by survey_id, survey_wave_id, stratum_id having count(distinct coalesce(stratum_population_size, -1)) > 1",
        'population_covers_respondents':
            "select survey_id, survey_wave_id, 'stratum ' || stratum_id || ' has ' || " ~ sampling_units('psu_id', 'respondents') ~ " || ' respondents of a population of ' || cast(min(stratum_population_size) as varchar) || '; stratum_population_size cannot be smaller' as finding, null as rows_where from cells group by survey_id, survey_wave_id, stratum_id having min(stratum_population_size) < " ~ sampling_units('psu_id', 'respondents'),
        'population_present':
            "select cells.survey_id, cells.survey_wave_id, 'stratum_population_size is missing, but design ' || designs.design_id || ' corrects for the finite population' as finding, 'stratum_population_size is null' as rows_where from cells inner join " ~ designs ~ " as designs on cells.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) where designs.has_population_correction and cells.stratum_population_size is null and cells.stratum_id <> '' group by all",
        'psu_present':
            "select cells.survey_id, cells.survey_wave_id, 'psu_id is missing, but design ' || designs.design_id || ' samples units' as finding, 'psu_id is null' as rows_where from cells inner join " ~ designs ~ " as designs on cells.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) where designs.has_psu and cells.psu_id is null group by all",
        'answer_in_catalogue':
            "select moments.survey_id, moments.survey_wave_id, 'item ' || moments.variable_id || ' has ' || moments.respondents || ' answers that are neither an option in response_options.csv nor a reserved code' as finding, "
            ~ "items.column_name || ' is null or ' || items.column_name || case items.value_kind when 'code' then ' not in (' || coalesce((select string_agg(code, ', ' order by code) || ', ' from " ~ ref('stg_responses__options')
            ~ " as options where options.survey_wave_id = items.survey_wave_id and options.item_id = items.item_id), '') || '" ~ var('reserved_codes').values() | join(', ') ~ ")' else ' <= " ~ var('highest_reserved_number') ~ " and ' || items.column_name || ' not in (" ~ var('reserved_numbers').values() | join(', ') ~ ")' end as rows_where from "
            ~ "(select survey_id, survey_wave_id, variable_id, sum(respondents) as respondents from scanned where answer_status = 'unknown' group by all) as moments inner join "
            ~ items ~ " as items on moments.survey_wave_id = items.survey_wave_id and moments.variable_id = items.item_id",
        'routing_followed':
            "select moments.survey_id, moments.survey_wave_id, 'item ' || moments.variable_id || ' is asked ' || coalesce('where ' || items.asked_if_column || ' is ' || replace(items.asked_if_values, ';', ' or '), 'of everybody')"
            ~ " || '; ' || moments.respondents || ' respondents answered without being asked, or were not asked (' || codes.not_asked || ') though they should be' as finding, "
            ~ "coalesce('coalesce(cast(' || items.asked_if_column || ' as varchar) in (''' || replace(replace(items.asked_if_values, '''', ''''''), ';', ''', ''') || '''), false)', 'true') || ' = (' || items.column_name || ' = ' || codes.not_asked || ')' as rows_where from "
            ~ "(select survey_id, survey_wave_id, variable_id, sum(respondents) as respondents from scanned where answer_status = 'misrouted' group by all) as moments inner join "
            ~ items ~ " as items on moments.survey_wave_id = items.survey_wave_id and moments.variable_id = items.item_id inner join (values ('code', " ~ var('reserved_codes')['not_asked'] ~ "), ('number', " ~ var('reserved_numbers')['not_asked']
            ~ ")) as codes(value_kind, not_asked) using (value_kind)",
        'respondent_once':
            "select survey_id, survey_wave_id, null as finding, null as rows_where from scanned where answer_status = 'unordered'",
        'real_not_demonstration':
            "select scanned.survey_id, scanned.survey_wave_id, 'respondents of the demonstration (demo_…) stand among real responses; they belong into the folder of the demonstration' as finding, '" ~ is_made_up() | replace("'", "''")
            ~ "' as rows_where from scanned inner join " ~ loaded ~ " as loaded using (survey_wave_id) where scanned.answer_status = 'misplaced' and loaded.evidence_type = 'estimated'",
        'demonstration_is_marked':
            "select scanned.survey_id, scanned.survey_wave_id, 'respondent ids of the demonstration do not begin with demo_; real responses belong into the folder of the responses' as finding, 'not " ~ is_made_up() | replace("'", "''")
            ~ "' as rows_where from scanned inner join " ~ loaded ~ " as loaded using (survey_wave_id) where scanned.answer_status = 'misplaced' and loaded.evidence_type = 'synthetic'",
        'item_has_base':
            "select loaded.survey_id, loaded.survey_wave_id, 'item ' || items.item_id || ' is asked of base population ' || coalesce(items.base_population_id, '(none)') || ', which base_populations.csv does not have' as finding, null as rows_where from "
            ~ loaded ~ " as loaded inner join " ~ items ~ " as items using (survey_wave_id) left join " ~ bases ~ " as bases using (base_population_id) where bases.base_population_id is null",
        'measure_has_base':
            "select loaded.survey_id, loaded.survey_wave_id, 'measure ' || measures.measure_id || ' refers to base population ' || coalesce(measures.base_population_id, '(none)') || ', which base_populations.csv does not have' as finding, null as rows_where from "
            ~ loaded ~ " as loaded inner join " ~ designs ~ " as designs on loaded.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) inner join " ~ measures ~ " as measures using (measure_set_id) left join " ~ bases
            ~ " as bases using (base_population_id) where bases.base_population_id is null group by all",
        'measure_has_item':
            "select loaded.survey_id, loaded.survey_wave_id, 'measure ' || measures.measure_id || ' reads item ' || named.item_id || case when named.wants_number then ' as a number' else '' end || ', which response_items.csv does not have for the wave' as finding, null as rows_where from "
            ~ loaded ~ " as loaded inner join " ~ designs ~ " as designs on loaded.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) inner join " ~ measures
            ~ " as measures using (measure_set_id) cross join lateral (select unnest([measures.item_id, measures.denominator_item_id]) as item_id, measures.denominator_item_id is not null as wants_number) as named left join "
            ~ items ~ " as items on items.survey_wave_id = loaded.survey_wave_id and items.item_id = named.item_id and (not named.wants_number or items.value_kind = 'number')"
            ~ " where named.item_id <> '' and items.item_id is null group by all",
        'score_in_catalogue':
            "select loaded.survey_id, loaded.survey_wave_id, 'measure ' || measures.measure_id || ' scores code ' || scores.code || ' of item ' || measures.item_id || ', which is not an option in response_options.csv' as finding, null as rows_where from "
            ~ loaded ~ " as loaded inner join " ~ designs ~ " as designs on loaded.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) inner join " ~ measures ~ " as measures using (measure_set_id) inner join "
            ~ ref('stg_responses__estimation_scores') ~ " as scores using (measure_set_id, measure_id) left join " ~ ref('stg_responses__options')
            ~ " as options on options.survey_wave_id = loaded.survey_wave_id and options.item_id = measures.item_id and options.code = scores.code where options.item_id is null group by all",
        'post_strata_one_margin':
            "select survey_id, survey_wave_id, 'design ' || design_id || ' post-stratifies on ' || len(margin_columns) || ' margins; poststratify takes one' as finding, null as rows_where from "
            ~ "(select distinct designs.survey_id, cells.survey_wave_id, cells.design_id, cells.margin_columns from " ~ ref('int_design_cells') ~ " as cells inner join " ~ designs
            ~ " as designs using (design_id) where cells.calibration_method = 'poststratify' and len(cells.margin_columns) > 1)",
        'calibration_has_margins':
            "select designs.survey_id, designs.survey_wave_id, 'design ' || designs.design_id || ' calibrates to margin set ' || coalesce(designs.margin_set_id, '(none)') || ', of which calibration_margins.csv has no row' as finding, null as rows_where from "
            ~ designs ~ " as designs inner join " ~ loaded ~ " as loaded using (survey_wave_id) left join " ~ ref('stg_responses__calibration_margins')
            ~ " as margins using (margin_set_id) where designs.calibration_method is not null and margins.margin_set_id is null group by all",
        'margins_are_real':
            "select loaded.survey_id, loaded.survey_wave_id, 'design ' || designs.design_id || ' calibrates real responses to margin set ' || designs.margin_set_id || ', of which ' || count(*) || ' rows are made up for the demonstration' as finding, null as rows_where from "
            ~ loaded ~ " as loaded inner join " ~ designs ~ " as designs on loaded.survey_wave_id in (designs.survey_wave_id, designs.earlier_survey_wave_id) inner join " ~ ref('stg_responses__calibration_margins')
            ~ " as margins using (margin_set_id) where loaded.evidence_type = 'estimated' and designs.calibration_method is not null and margins.is_demonstration group by loaded.survey_id, loaded.survey_wave_id, designs.design_id, designs.margin_set_id",
        'margins_agree':
            "select designs.survey_id, designs.survey_wave_id, 'the margins of ' || designs.margin_set_id || case when totals.within_category <> '' then ' within ' || totals.within_category else '' end || ' contradict each other: '"
            ~ " || string_agg(distinct totals.column_name || ' adds up to ' || totals.total, ', ' order by totals.column_name || ' adds up to ' || totals.total) as finding, null as rows_where from (select calibration_id, within_category, column_name, fsum(population_count) as total from calibration_categories group by all) as totals inner join (select distinct calibration_id, design_id from " ~ ref('int_design_cells') ~ ") as calibrations using (calibration_id) inner join "
            ~ designs ~ " as designs using (design_id) group by designs.survey_id, designs.survey_wave_id, designs.margin_set_id, totals.calibration_id, totals.within_category having max(totals.total) - min(totals.total) > 1e-6 * max(totals.total)",
        'margin_has_respondents':
            "select designs.survey_id, designs.survey_wave_id, 'margin ' || categories.column_name || ' = ' || categories.category || ' has a population of ' || categories.population_count || ' and no respondent with a weight' as finding, null as rows_where from "
            ~ "(select calibration_id, within_category, column_name, category, population_count from calibration_categories) as categories inner join "
            ~ "(select distinct calibration_id, design_id from " ~ ref('int_design_cells') ~ ") as calibrations using (calibration_id) inner join " ~ designs ~ " as designs using (design_id) left join "
            ~ "(select calibration_id, within_category, unnest(margin_columns) as column_name, unnest(margin_categories) as category from " ~ ref('int_design_cells') ~ " where weighted_respondents > 0) as present"
            ~ " using (calibration_id, within_category, column_name, category) where present.category is null group by all",
        'respondent_in_margin':
            "select designs.survey_id, present.survey_wave_id, present.respondents || ' respondents have ' || present.column_name || ' = ' || case when present.category = '' then '(missing)' else present.category end || ', which has no population count in margin set ' || designs.margin_set_id as finding,"
            ~ " 'coalesce(cast(' || present.column_name || ' as varchar), '''') = ''' || replace(present.category, '''', '''''') || '''' as rows_where from (select design_id, calibration_id, survey_wave_id, within_category, column_name, category, sum(respondents) as respondents from "
            ~ "(select design_id, calibration_id, survey_wave_id, within_category, respondents, unnest(margin_columns) as column_name, unnest(margin_categories) as category from " ~ ref('int_design_cells') ~ " where calibration_id is not null) group by all) as present inner join "
            ~ designs ~ " as designs using (design_id) left join calibration_categories as categories using (calibration_id, within_category, column_name, category) where categories.category is null",
    }) }}
{% endmacro %}


{% macro rule_relations() %}
    {#-
    CTEs that the rules read: `scanned`, whole cells and answers that are none (where a wave was scanned twice, those of the finer scan),
    `cells`, the whole cells alone, and `calibration_categories`.
    -#}
scanned as materialized (
    select *
    from {{ ref('int_response_moments') }}
    where variable_id = '' or answer_status <> 'valid'
    qualify is_by_unit = bool_or(is_by_unit) over (partition by survey_id, survey_wave_id)
),

cells as (
    select * from scanned
    where variable_id = ''
),

{{ calibration_categories(ref('int_design_cells'), ref('stg_responses__calibration_margins')) }}
{%- endmacro %}


{% macro calibration_problems(relation) %}
    {#- Stops the build where calibrated weights do not add up to their margins; called once the factors are built. -#}
    {%- if execute and var('response_checks') == 'enforced' -%}
        {%- set problems = [] -%}
        {%- for row in run_query(
            "select distinct designs.survey_id, designs.survey_wave_id, designs.design_id, factors.calibration_method, factors.rounds, factors.largest_margin_error from "
            ~ relation ~ " as factors inner join " ~ ref('int_design_cells') ~ " as cells using (calibration_id) inner join " ~ ref('stg_responses__estimation_designs')
            ~ " as designs using (design_id) where factors.largest_margin_error is null or factors.largest_margin_error > 1e-9 order by all"
        ) -%}
            {%- do problems.append({'message': 'Survey ' ~ row[0] ~ ', wave ' ~ row[1] ~ ': the weights of design ' ~ row[2] ~ ' (' ~ row[3] ~ ') miss a margin by ' ~ row[5]
                ~ ' of its size after ' ~ row[4] ~ ' rounds; the margins cannot be met by these respondents [calibration_converges]'}) -%}
        {%- endfor -%}
        {{ stop_on_problems(problems) }}
    {%- endif -%}
{% endmacro %}
