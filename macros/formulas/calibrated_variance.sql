{% macro calibrated_variance(variance, covariance, fit_variance) %}
    {#-
    V(Z) - 2 C(Z, G) + V(G), see int_calibration_corrections; a difference that is 0 but for the rounding of its terms (1e-13 of them), as
    where the variable is itself a margin, is 0.
    Source: Deville and Särndal (1992), JASA 87, 376-382, section 3.
    -#}
    case
        when {{ covariance }} is null then {{ variance }}
        when {{ variance }} - 2 * {{ covariance }} + {{ fit_variance }} <= 1e-13 * ({{ variance }} + {{ fit_variance }}) then 0.0
        else {{ variance }} - 2 * {{ covariance }} + {{ fit_variance }}
    end
{%- endmacro %}
