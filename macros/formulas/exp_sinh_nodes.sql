{% macro exp_sinh_nodes() %}
    {#-
    Nodes s and weights of a quadrature over (0, infinity): a list of structs. The trapezoidal rule after s = exp(π/2 sinh u) converges
    so fast that 257 nodes give integrals of analytic functions to about 1e-15.
    Source: Takahasi and Mori (1974), Double exponential formulas for numerical integration, Publ. RIMS Kyoto 9, 721-741.
    -#}
    list_transform(range(-128, 129), lambda k: {
        'position': exp(0.5 * pi() * sinh(k / 32.0)),
        'weight': exp(0.5 * pi() * sinh(k / 32.0)) * 0.5 * pi() * cosh(k / 32.0) / 32.0
    })
{%- endmacro %}
