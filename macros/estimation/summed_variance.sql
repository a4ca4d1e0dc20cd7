{% macro summed_variance() %}
    {#-
    The variance of an estimate from its strata. With `average`, strata with one unit are given the mean variance of the others:
    the sum is multiplied by a/(a - l), a strata and l lonely ones, counted among those with a row in the segment, for calibrated
    weights among all. An aggregate over stratum_variances joined to designs and lonely.
    Source: Lumley (2010), Complex Surveys, 3.2.1; options of the R package survey.
    -#}
    fsum(stratum_variances.variance) * case
        when designs.lonely_stratum <> 'average' then 1.0
        when designs.calibration_method is not null
            then any_value(lonely.stratum_count) / nullif(cast(any_value(lonely.stratum_count - lonely.lonely_stratum_count) as double), 0)
        else count_if(stratum_variances.valid_respondents > 0)
            / nullif(cast(count_if(stratum_variances.valid_respondents > 0 and not stratum_variances.is_lonely) as double), 0)
    end
{%- endmacro %}
