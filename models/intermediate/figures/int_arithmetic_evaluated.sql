-- Interval arithmetic on the seeded figures: every printed value is the range that its wording leaves open.
with terms as (
    select * from {{ ref('stg_catalogue__arithmetic_terms') }}
),

operations as (
    select
        check_id as arithmetic_id,
        operation,
    from {{ ref('stg_catalogue__source_checks') }}
    union all by name
    select
        derivation_id as arithmetic_id,
        operation,
    from {{ ref('stg_catalogue__derivations') }}
),

figures as (
    select * from {{ ref('int_published_figures_identified') }}
),

valued as (
    select
        terms.*,
        operations.operation,
        figures.source_line,
        figures.publication_id,
        figures.sample_size,
        coalesce(figures.printed_decimals, 0) as printed_decimals,
        figures.value_form = 'digits' and figures.value_qualifier = '=' as is_exact_print,
        concat_ws('|', figures.indicator_id, figures.base_population_id, figures.answer_category_id) as definition_key,
        coalesce(
            figures.observation_status in ('base_uncertain', 'ocr_uncertain')
            or 'undetermined' in (figures.technology_id, figures.size_class_id, figures.answer_category_id), false
        ) as is_uncertain,
        coalesce(terms.constant_value, figures.observation_value) as term_value,
        coalesce(terms.constant_value, figures.printed_lower) as term_lower,
        coalesce(terms.constant_value, figures.printed_upper) as term_upper,
        -- word fractions are printed as words; figures as they stand
        coalesce(figures.printed_value, format('{:g}', terms.constant_value)) as term_text,
    from terms
    inner join operations on terms.arithmetic_id = operations.arithmetic_id
    left join figures on terms.figure_id = figures.figure_id
),

signed as (
    select
        *,
        coefficient * term_value as signed_value,
        case when coefficient >= 0 then coefficient * term_lower else coefficient * term_upper end as signed_lower,
        case when coefficient >= 0 then coefficient * term_upper else coefficient * term_lower end as signed_upper,
        case when coefficient < 0 then '− ' when term_order > 1 then '+ ' else '' end || term_text as signed_text,
    from valued
),

aggregated as (
    select
        arithmetic_id,
        any_value(operation) as operation,
        bool_or(is_uncertain) as is_uncertain,
        min(sample_size) as sample_size,
        max(sample_size) as largest_sample_size,
        any_value(publication_id) as publication_id,
        list(distinct source_line order by source_line) filter (where source_line is not null) as source_lines,
        -- computed side; in a fixed order, so that the same seeds give the same last digit
        fsum(signed_value order by term_order) filter (where term_role = 'term') as sum_value,
        fsum(signed_lower order by term_order) filter (where term_role = 'term') as sum_lower,
        fsum(signed_upper order by term_order) filter (where term_role = 'term') as sum_upper,
        max(term_value) filter (where term_role = 'term') as maximum_value,
        max(term_lower) filter (where term_role = 'term') as maximum_lower,
        max(term_upper) filter (where term_role = 'term') as maximum_upper,
        fsum(term_value order by term_order) filter (where term_role = 'numerator') as numerator_value,
        fsum(term_lower order by term_order) filter (where term_role = 'numerator') as numerator_lower,
        fsum(term_upper order by term_order) filter (where term_role = 'numerator') as numerator_upper,
        fsum(term_value order by term_order) filter (where term_role = 'denominator') as denominator_value,
        fsum(term_lower order by term_order) filter (where term_role = 'denominator') as denominator_lower,
        fsum(term_upper order by term_order) filter (where term_role = 'denominator') as denominator_upper,
        product(term_value / 100 order by term_order) filter (where term_role = 'factor') * 100 as product_value,
        product(term_lower / 100 order by term_order) filter (where term_role = 'factor') * 100 as product_lower,
        product(term_upper / 100 order by term_order) filter (where term_role = 'factor') * 100 as product_upper,
        string_agg(signed_text, ' ' order by term_order) filter (where term_role = 'term') as sum_text,
        string_agg(term_text, ' × ' order by term_order) filter (where term_role = 'factor') as product_text,
        string_agg(term_text, ', ' order by term_order) filter (where term_role = 'numerator') as numerator_text,
        string_agg(term_text, ', ' order by term_order) filter (where term_role = 'denominator') as denominator_text,
        -- printed side
        fsum(signed_value order by term_order) filter (where term_role = 'printed') as printed_value,
        fsum(signed_lower order by term_order) filter (where term_role = 'printed') as printed_lower,
        fsum(signed_upper order by term_order) filter (where term_role = 'printed') as printed_upper,
        max(printed_decimals) filter (where term_role = 'printed') as printed_decimals,
        coalesce(bool_and(is_exact_print) filter (where term_role = 'printed'), false) as is_exact_print,
        string_agg(term_text, ' and ' order by term_order) filter (where term_role = 'printed') as printed_text,
        -- definitions on both sides, and the pieces of a whole-number search
        any_value(definition_key) filter (where term_role = 'term') as computed_definition,
        any_value(definition_key) filter (where term_role = 'printed') as printed_definition,
        list(term_value order by term_order) filter (where term_role = 'term') as term_values,
        max(term_lower) filter (where term_role = 'base') as base_lower,
        max(term_upper) filter (where term_role = 'base') as base_upper,
        max(term_value) filter (where term_role = 'count') as base_count,
    from signed
    group by arithmetic_id
)

select
    * exclude (
        sum_value, sum_lower, sum_upper, maximum_value, maximum_lower, maximum_upper, product_value, product_lower, product_upper,
        numerator_value, numerator_lower, numerator_upper, denominator_lower, denominator_upper,
        sum_text, product_text, numerator_text, denominator_text
    ),
    case operation
        when 'sum' then sum_value
        when 'maximum' then maximum_value
        when 'bounds' then maximum_value
        when 'share' then 100 * numerator_value / denominator_value
        when 'product_share' then product_value
    end as computed_value,
    case operation
        when 'sum' then sum_lower
        when 'maximum' then maximum_lower
        when 'bounds' then maximum_lower
        when 'share' then 100 * numerator_lower / denominator_upper
        when 'product_share' then product_lower
    end as computed_lower,
    case operation
        when 'sum' then sum_upper
        when 'maximum' then maximum_upper
        when 'bounds' then sum_upper
        when 'share' then 100 * numerator_upper / denominator_lower
        when 'product_share' then product_upper
    end as computed_upper,
    case operation
        when 'sum' then sum_text
        when 'maximum' then 'max(' || sum_text || ')'
        when 'bounds' then 'max … sum of ' || sum_text
        when 'share' then coalesce(numerator_text || ' ÷ ' || denominator_text, sum_text)
        when 'product_share' then product_text
    end as computed_text,
from aggregated
