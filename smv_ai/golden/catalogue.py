"""The rows that make the models estimate what a case asks for: those that follow from survey files elsewhere.

A case asks for what no survey has, several samples of one wave or a side of a change within it, so its rows are written
as the tables that survey files expand to.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smv_ai.golden.cases import Case
from smv_ai.golden.inputs import Sample, canonical_json
from smv_ai.survey.file.layout import TABLES, Rows

STATISTICS = {
    "mean": "mean",
    "proportion": "share",
    "total": "total",
    "ratio": "ratio",
    "change": "mean",
    "difference": "mean",
    "mean_ratio": "mean",
    "share_of_total": "total",
    "quantile": "mean",
}
FAMILIES = {"variable": "measure", "case": "design"}
INTERVALS = {"xlogit": "logit"}


@dataclass
class Catalogue:
    """Rows by table, and which measure stands for which variable and level of a case."""

    tables: Rows = field(default_factory=dict)
    measures: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    margin_sets: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """Add a row to a table."""
        self.tables.setdefault(table, []).append(row)

    def write(self, target: Path) -> None:
        """Write the tables as CSV files into a folder, for the variable survey_tables_path."""
        target.mkdir(parents=True)
        for table, columns in TABLES.items():
            with (target / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(columns))
                writer.writeheader()
                writer.writerows(self.tables.get(table, []))


def catalogue_of(samples: list[Sample]) -> Catalogue:
    """The rows of all cases; registers the columns and items that they need in the samples."""
    catalogue = Catalogue()
    for sample in samples:
        for case in sample.cases:
            _add_design(catalogue, sample, case)
            _add_measures(catalogue, sample, case)
        _add_items(catalogue, sample)
    return catalogue


def _add_design(catalogue: Catalogue, sample: Sample, case: Case) -> None:
    calibration, interval, change = case.get("calibration") or {}, case.get("interval") or {}, case.get("change")
    method = calibration.get("method")
    by = case.get("by") or []
    if case.get("statistic") == "weights":
        by = [case.spec["key"]]
    elif case.get("statistic") == "independence":
        by = [case.spec["table"]["columns"]]
    catalogue.add(
        "estimation_designs",
        design_id=case.case_id,
        survey_id="golden",
        survey_wave_id=sample.survey_wave_id,
        stratum_scope="wave",
        has_psu=str(case.get("psu") is not None).lower(),
        has_population_correction=str(case.get("population_size") is not None).lower(),
        lonely_stratum=case.get("lonely_stratum") or "adjust",
        calibration_method=method,
        residual_weights=calibration.get("residual_weights")
        or ("unweighted" if method in ("rake", "poststratify") else "base")
        if method
        else None,
        calibration_within_column=sample.attribute(calibration["within"]) if calibration.get("within") else None,
        margin_set_id=_margin_set(catalogue, sample, case) if method else None,
        measure_set_id=case.case_id,
        breakdown_set_id=case.case_id,
        change_column=sample.side(change) if change else None,
        change_from="from" if change else None,
        change_to="to" if change else None,
        interval_level=interval.get("level", 0.95),
        degrees_of_freedom_rule=interval.get("df", "design"),
        beta_rows=interval.get("beta_rows"),
        calibration_lower=(calibration.get("bounds") or [None, None])[0],
        calibration_upper=(calibration.get("bounds") or [None, None])[1],
        trim_lower=(case.get("trim") or {}).get("lower"),
        trim_upper=(case.get("trim") or {}).get("upper"),
        trim_is_strict=str(bool((case.get("trim") or {}).get("strict"))).lower(),
        replicate_set_id=_replicate_set(catalogue, sample, case),
    )
    columns = ";".join(sample.attribute(column) for column in by)
    catalogue.add("estimation_breakdowns", breakdown_set_id=case.case_id, breakdown_id="by", breakdown_columns=columns)
    for pair in case.get("pairs") or []:
        catalogue.add(
            "estimation_comparisons",
            breakdown_set_id=case.case_id,
            comparison_id=pair["pair"],
            breakdown_id_a=_side(catalogue, sample, case, pair["a"]),
            segment_a="yes",
            breakdown_id_b=_side(catalogue, sample, case, pair["b"]),
            segment_b="yes",
            family=FAMILIES[case.get("family") or "variable"],
        )


def _side(catalogue: Catalogue, sample: Sample, case: Case, conditions: dict[str, Any]) -> str:
    """The breakdown whose segment 'yes' is one side of a pair."""
    column = sample.flag(conditions)
    known = [
        row["breakdown_id"]
        for row in catalogue.tables["estimation_breakdowns"]
        if row["breakdown_set_id"] == case.case_id
    ]
    if column not in known:
        catalogue.add(
            "estimation_breakdowns", breakdown_set_id=case.case_id, breakdown_id=column, breakdown_columns=column
        )
    return column


def _margin_set(catalogue: Catalogue, sample: Sample, case: Case) -> str:
    calibration = case.spec["calibration"]
    margins, totals = calibration["margins"], calibration.get("totals") or []
    key = canonical_json([str(case.folder), sample.survey_wave_id, margins, totals, calibration.get("population")])
    if key in catalogue.margin_sets:
        return catalogue.margin_sets[key]
    name = catalogue.margin_sets[key] = f"margins_{len(catalogue.margin_sets) + 1:03d}"
    if totals and not margins:
        catalogue.add(
            "calibration_totals", margin_set_id=name, column_name=None, total=repr(float(calibration["population"]))
        )
    for total in totals:
        column = sample.attribute(total["column"])
        catalogue.add("calibration_totals", margin_set_id=name, column_name=column, total=repr(float(total["total"])))
    for margin in margins:
        with (case.folder / margin["file"]).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                count = row.pop("Freq")
                (category,) = row.values()
                catalogue.add(
                    "calibration_margins",
                    margin_set_id=name,
                    column_name=sample.attribute(margin["column"]),
                    category=category,
                    population_count=count,
                )
    return name


def _replicate_set(catalogue: Catalogue, sample: Sample, case: Case) -> str | None:
    replicates = case.get("replicates")
    if not replicates:
        return None
    columns = sample.replicate_columns(replicates) if replicates["source"] == "file" else []
    rscales = replicates.get("rscales")
    catalogue.add(
        "replicate_sets",
        replicate_set_id=case.case_id,
        source="columns" if columns else "jackknife",
        scale=repr(float(replicates.get("scale") or 1)),
        is_combined=str(bool(replicates.get("combined"))).lower(),
        is_mse=str(bool(replicates["mse"])).lower(),
    )
    for place, column in enumerate(columns):
        rscale = rscales[place] if isinstance(rscales, list) else rscales
        catalogue.add(
            "replicate_weights", replicate_set_id=case.case_id, column_name=column, rscale=repr(float(rscale))
        )
    return case.case_id


def _add_measures(catalogue: Catalogue, sample: Sample, case: Case) -> None:
    variables = case.get("variables") or []
    if case.get("statistic") == "weights":
        _add_measure(catalogue, sample, case, ("", ""), statistic="population")
    elif case.get("statistic") == "independence":
        table = case.spec["table"]
        item_id, item = sample.item(table["rows"], "category")
        scores = {code: float(code) for code in item.codes.values()}
        name = (f"{table['rows']}/{table['columns']}", "")
        _add_measure(catalogue, sample, case, name, "mean", scores, item_id=item_id)
    elif case.get("statistic") == "ratio":
        items = [sample.item(variable, "number")[0] for variable in variables]
        _add_measure(
            catalogue, sample, case, ("/".join(variables), ""), "ratio", item_id=items[0], denominator_item_id=items[1]
        )
    else:
        for variable in variables:
            _add_variable(catalogue, sample, case, variable)


def _add_variable(catalogue: Catalogue, sample: Sample, case: Case, variable: str) -> None:
    statistic = STATISTICS[case.spec["statistic"]]
    levels = (case.get("levels") or {}).get(variable)
    if levels is None:
        kind = "number" if case.spec["statistic"] == "quantile" else "either"
        item_id, item = sample.item(variable, kind)
        scores = {code: float(value) for value, code in item.codes.items()}
        _add_measure(catalogue, sample, case, (variable, ""), statistic, scores, item_id=item_id)
        return
    item_id, item = sample.item(variable, "category", levels)
    for level in levels:
        scores = {code: float(value == level) for value, code in item.codes.items()}
        _add_measure(catalogue, sample, case, (variable, level), statistic, scores, item_id=item_id)


def _add_measure(
    catalogue: Catalogue,
    sample: Sample,
    case: Case,
    name: tuple[str, str],
    statistic: str,
    scores: dict[int, float] | None = None,
    **items: str,
) -> None:
    number = sum(1 for case_id, _ in catalogue.measures if case_id == case.case_id) + 1
    measure = {"measure_set_id": case.case_id, "measure_id": f"m{number:03d}"}
    catalogue.measures[case.case_id, measure["measure_id"]] = name
    method = (case.get("interval") or {}).get("method", "wald")
    catalogue.add(
        "estimation_measures",
        **measure,
        **items,
        statistic=statistic,
        interval_method="wald" if case.get("quantiles") else INTERVALS.get(method, method),
        is_amount="false",
    )
    for code, score in (scores or {}).items():
        catalogue.add("estimation_scores", **measure, code=code, score=repr(score))
    for quantile in case.get("quantiles") or []:
        catalogue.add(
            "estimation_quantiles",
            **measure,
            quantile=quantile,
            quantile_rule=case.get("quantile_rule"),
            interval_method=INTERVALS.get(method, method),
        )
    for column, value in (case.get("domain") or {}).items():
        catalogue.add("estimation_domains", **measure, column_name=sample.flag({column: value}), category="yes")


def _add_items(catalogue: Catalogue, sample: Sample) -> None:
    for item in sample.items.values():
        row = {"survey_wave_id": sample.survey_wave_id, "item_id": item.column}
        catalogue.add("response_items", **row, column_name=item.column, value_kind=item.kind)
        for value, code in item.codes.items():
            catalogue.add("response_options", **row, code=code, label_da=value, label_en=value)
