-- With calibrated weights the variance is that of Z - G, G the part of Z that the calibration predicts, so V(Z) - 2 C(Z, G) + V(G). G of a
-- row is w x'B in the whole sample, also outside the segment. As x has few values, C (covariance) and V(G) (fit_variance) come from sums by
-- margin category (int_calibration_residuals), not from rows.
-- Source: Deville and Särndal (1992), JASA 87, 376-382, section 3; Särndal, Swensson and Wretman (1992), result 6.6.1.
with influences as (
    select * from {{ ref('int_estimate_influences') }}
),

units as (
    select * from {{ ref('int_estimate_units') }}
    where psu_id is not null
),

stratum_totals as (
    select * from {{ ref('int_estimate_strata') }}
),

vectors as (
    select * from {{ ref('int_calibration_coefficients') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

strata as (
    select * from {{ ref('int_design_strata') }}
),

residuals as (
    select * from {{ ref('int_calibration_residuals') }}
),

-- sum of Z G over units, less the product of the stratum's sums of Z and of G times its mean factor
terms as (
    select
        influences.estimate_number,
        strata.variance_scale * influences.zw_product * list_sum(list_select(vectors.coefficients, factors.category_numbers)) as term,
    from influences
    inner join factors on influences.calibration_cell = factors.calibration_cell
    inner join vectors on influences.estimate_number = vectors.estimate_number
    inner join strata on influences.stratum_number = strata.stratum_number
    where influences.psu_id is null
    union all
    select
        units.estimate_number,
        strata.variance_scale * units.z_total
        * list_dot_product(residuals.elements, list_select(vectors.coefficients, residuals.category_numbers)) as term,
    from units
    inner join vectors on units.estimate_number = vectors.estimate_number
    inner join residuals
        on residuals.level = 'unit' and units.stratum_number = residuals.stratum_number and units.psu_id = residuals.psu_id
    inner join strata on units.stratum_number = strata.stratum_number
    union all
    select
        totals.estimate_number,
        -strata.variance_scale * strata.mean_factor * totals.z_total
        * list_dot_product(residuals.elements, list_select(vectors.coefficients, residuals.category_numbers)) as term,
    from stratum_totals as totals
    inner join vectors on totals.estimate_number = vectors.estimate_number
    inner join residuals on residuals.level = 'stratum' and totals.stratum_number = residuals.stratum_number
    inner join strata on totals.stratum_number = strata.stratum_number
),

covariances as (
    select
        estimate_number,
        {{ ordered_sum('term') }} as covariance,
    from terms
    group by estimate_number
),

fit_variances as (
    select
        vectors.estimate_number,
        {{ ordered_sum('vectors.coefficients[residuals.row_number]
            * list_dot_product(list_resize(residuals.elements, len(vectors.coefficients), 0.0), vectors.coefficients)') }} as fit_variance,
    from vectors
    inner join residuals on residuals.level = 'matrix_row' and vectors.design_id = residuals.design_id
    group by vectors.estimate_number
)

select
    covariances.estimate_number,
    covariances.covariance,
    fit_variances.fit_variance,
from covariances
inner join fit_variances on covariances.estimate_number = fit_variances.estimate_number
