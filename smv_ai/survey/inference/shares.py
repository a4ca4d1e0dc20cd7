"""What part of a total each group of a breakdown has: "firms with AI have 31 % of all employees"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from smv_ai.survey.inference.degrees_of_freedom import Rule, degrees_of_freedom, design_degrees_of_freedom
from smv_ai.survey.inference.differences import Row
from smv_ai.survey.inference.probabilities import t_quantile
from smv_ai.survey.inference.reading import Group, Variable
from smv_ai.survey.inference.sample import Sample
from smv_ai.survey.inference.variance import Forms, average_factor, variances


def shares_of_totals(sample: Sample, variables: Iterable[Variable], groups: list[Group], rule: Rule) -> Iterator[Row]:
    """A row for each total and group: S = the group's total / that of all rows, z = w (y 1[group] - S y) / total.

    All rows are those with an answer, also those that belong to no group; degrees of freedom count them. Source:
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.6 (ratio).
    """
    design_df = design_degrees_of_freedom(sample)
    chosen = [group for group in groups if group.column_count]
    for variable in variables:
        if not variable.is_total or not chosen:
            continue
        measure = variable.sums
        inside = np.zeros((len(chosen), len(sample.n)))
        for place, group in enumerate(chosen):
            inside[place, group.cells] = 1.0
        inside = inside[:, measure.place]
        total = measure.sum_wy.sum()
        if total == 0:
            continue
        share = inside @ measure.sum_wy / total
        a = (inside - share[:, None]) / total
        rows = np.zeros((1, len(sample.n)))
        rows[0, measure.place] = measure.weighted
        df = np.repeat(degrees_of_freedom(rule, sample, rows, design_df), len(chosen))
        if sample.replicates is None:
            has_rows = np.zeros((1, len(sample.n)))
            has_rows[0, measure.place] = measure.n
            factor = average_factor(sample, has_rows)
            variance = variances(sample, measure, Forms.of(a, np.zeros_like(a))) * factor
        else:
            totals = measure.raw_y[:, None] * sample.replicates.weights[measure.place]
            variance = sample.replicates.variance(inside @ totals / totals.sum(axis=0), share)
        error = np.sqrt(variance)
        k = t_quantile(df, rule.level)
        respondents = inside @ measure.n
        for place, group in enumerate(chosen):
            if respondents[place] == 0:
                continue
            yield {
                "design_id": sample.design_id,
                "measure_id": variable.measure_id,
                "measure_number": variable.measure_number,
                "breakdown_id": group.breakdown_id,
                "segment": group.segment,
                "segment_number": group.segment_number,
                "respondents": float(respondents[place]),
                "share_of_total": float(share[place]),
                "standard_error": float(error[place]),
                "degrees_of_freedom": float(df[place]),
                "ci_lower": float(share[place] - k[place] * error[place]),
                "ci_upper": float(share[place] + k[place] * error[place]),
            }
