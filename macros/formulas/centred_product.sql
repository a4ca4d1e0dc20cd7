{% macro centred_product(product, first, second, n='respondents', rows='respondents') %}
    {#-
    Sum of products about the means: product - first·second / n, from a sum of products, two sums and the sum of weights n of so many rows.
    A difference within the rounding error of its terms (eight units in the last place) is 0, and so is that of a single row.
    Source: Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247.
    -#}
    case
        when {{ rows }} = 1
            or abs({{ product }} - {{ first }} * {{ second }} / {{ n }}) <= 8 * 2.220446049250313e-16 * abs({{ product }})
            then cast(0 as double)
        else {{ product }} - {{ first }} * {{ second }} / {{ n }}
    end
{%- endmacro %}
