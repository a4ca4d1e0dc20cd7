{% macro estimate_cells(scored_cells, weighted_cells, segments) %}
    {#-
    CTE `estimate_cells`: a row per estimate, side of a change and cell: the scored cell in each of its segments (int_design_segments), with
    its calibration factor (weighted_cells).
    -#}
estimate_cells as (
    select
        -- one number for measure and segment: the segments of all designs are fewer than a thousand million
        scored_cells.measure_number * 1000000000 + segments.segment_number as estimate_number,
        segments.change_sign,
        segments.segment_number,
        weighted_cells.stratum_number,
        weighted_cells.psu_id,
        weighted_cells.calibration_cell,
        weighted_cells.calibration_factor,
        scored_cells.* exclude (weighted_respondents),
        case when weighted_cells.calibration_factor <> 0 then scored_cells.weighted_respondents else 0 end as weighted_respondents,
    from {{ scored_cells }} as scored_cells
    inner join {{ weighted_cells }} as weighted_cells on scored_cells.design_cell = weighted_cells.design_cell
    inner join {{ segments }} as segments on scored_cells.design_cell = segments.design_cell
)
{%- endmacro %}
