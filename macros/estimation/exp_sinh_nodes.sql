{% macro exp_sinh_nodes() %}
    {#-
    Nodes s and weights of a quadrature over (0, infinity): a list of structs. The trapezoidal rule after s = exp(π/2 sinh u) converges
    so fast that 129 nodes give integrals of analytic functions to about 1e-15.
    Source: Takahasi and Mori (1974), Double exponential formulas for numerical integration, Publ. RIMS Kyoto 9, 721-741.
    -#}
    list_transform(range(-64, 65), lambda k: {
        'position': exp(0.5 * pi() * sinh(k / 16.0)),
        'weight': exp(0.5 * pi() * sinh(k / 16.0)) * 0.5 * pi() * cosh(k / 16.0) / 16.0
    })
{%- endmacro %}
