{% macro average_factor(lonely_rule, segment_strata, lonely_segment_strata) %}
    {#-
    What the variance is multiplied by where strata with one unit get the mean variance of the others (`average`): a/(a - l), a strata and
    l lonely ones, counted among those with a row in the segment; 1 with the other rules.
    Source: Lumley (2010), Complex Surveys, 3.2.1; options of the R package survey.
    -#}
    case
        when {{ lonely_rule }} <> 'average' then 1.0
        else {{ segment_strata }} / nullif(cast({{ segment_strata }} - {{ lonely_segment_strata }} as double), 0)
    end
{%- endmacro %}
