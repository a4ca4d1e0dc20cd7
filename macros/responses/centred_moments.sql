{% macro centred_moments(relation, in_cell) %}
    {#-
    Sums of a cell as the moments that the estimates need: n, sums of y, x, d, dy, dx, and the sums of squares and products
    of d, dy, dx about their means in the cell (c_dd ... c_xx), which the variance is put together from without cancellation.
    With the weight in the cell they follow from the unweighted sums: the sum of (dy)² about its mean is d² times that of y².
    y and x are 1 for an answer code (the score comes later) and x is 1 for everything but a ratio.
    Source: Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247 (sums of squares of pooled groups).
    -#}
    select
        cell_id,
        stratum_id,
        psu_id,
        stratum_population_size,
        design_weight,
        weights_present,
        lowest_weight,
        attributes,
        variable_id,
        code,
        answer_status,
        largest_values,
        respondents,
        {% if in_cell -%}
        case when design_weight <> 0 then respondents else 0 end as weighted_respondents,
        {%- else -%}
        weighted_respondents,
        {%- endif %}
        case when is_number then sum_y else respondents end as sum_y,
        case when is_ratio then sum_x else respondents end as sum_x,
        {% if in_cell -%}
        design_weight * respondents as sum_d,
        design_weight * case when is_number then sum_y else respondents end as sum_dy,
        design_weight * case when is_ratio then sum_x else respondents end as sum_dx,
        {%- set c_yy = centred_product('sum_yy', 'sum_y', 'sum_y') -%}
        {%- set c_yx = centred_product('sum_yx', 'sum_y', 'sum_x') -%}
        {%- set c_xx = centred_product('sum_xx', 'sum_x', 'sum_x') %}
        case when is_number then design_weight * {{ c_yy }} else cast(0 as double) end as within_dyy,
        cast(0 as double) as c_dd,
        cast(0 as double) as c_dy,
        cast(0 as double) as c_dx,
        case when is_number then design_weight * design_weight * {{ c_yy }} else cast(0 as double) end as c_yy,
        case when is_ratio then design_weight * design_weight * {{ c_yx }} else cast(0 as double) end as c_yx,
        case when is_ratio then design_weight * design_weight * {{ c_xx }} else cast(0 as double) end as c_xx,
        {%- else -%}
        {%- set c_dd = centred_product('sum_dd', 'sum_d', 'sum_d') -%}
        {%- set c_dy = centred_product('sum_ddy', 'sum_d', 'sum_dy') %}
        sum_d,
        case when is_number then sum_dy else sum_d end as sum_dy,
        case when is_ratio then sum_dx else sum_d end as sum_dx,
        case when is_number and sum_d <> 0 then {{ centred_product('sum_dyy', 'sum_dy', 'sum_dy', 'sum_d') }} else cast(0 as double) end as within_dyy,
        {{ c_dd }} as c_dd,
        case when is_number then {{ c_dy }} else {{ c_dd }} end as c_dy,
        case when is_ratio then {{ centred_product('sum_ddx', 'sum_d', 'sum_dx') }} else {{ c_dd }} end as c_dx,
        case when is_number then {{ centred_product('sum_ddyy', 'sum_dy', 'sum_dy') }} else {{ c_dd }} end as c_yy,
        case
            when is_ratio then {{ centred_product('sum_ddyx', 'sum_dy', 'sum_dx') }}
            when is_number then {{ c_dy }}
            else {{ c_dd }}
        end as c_yx,
        case when is_ratio then {{ centred_product('sum_ddxx', 'sum_dx', 'sum_dx') }} else {{ c_dd }} end as c_xx,
        {%- endif %}
    from {{ relation }}
{% endmacro %}


{% macro centred_product(product, first, second, n='respondents') %}
    {#-
    Sum of products about the means: product - first·second / n. A difference within the rounding error of its terms
    (eight units in the last place) is 0, and so is that of a single row.
    -#}
    case
        when respondents = 1 or abs({{ product }} - {{ first }} * {{ second }} / {{ n }}) <= 8 * 2.220446049250313e-16 * abs({{ product }}) then cast(0 as double)
        else {{ product }} - {{ first }} * {{ second }} / {{ n }}
    end
{%- endmacro %}
