"""What follows from survey files for estimation: items, options, derived columns, designs, measures and their sets.

Pure functions from files to rows; `layout.ESTIMATION` has the columns. Names that are made here hold two underscores,
which no name of a file may.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from smv_ai.survey.file.changes import same_measures
from smv_ai.survey.file.conditions import Rule, rule_from
from smv_ai.survey.file.items import LOWEST_ANSWER, AskedItem, WaveFile, danish, english
from smv_ai.survey.file.layout import ESTIMATION, Row, Rows
from smv_ai.survey.file.measures import Measure, measures_of
from smv_ai.survey.file.model import Calibration, Change, Replicates, Table
from smv_ai.survey.file.names import DIMENSIONS
from smv_ai.survey.file.quality import quality_rows
from smv_ai.survey.file.sample import stated_rows

WAVE = "survey_wave_id"
HOLDS = "yes"
GROUP_OF = "__group"
DIGITS = 8
TOTAL = [Table(id="total", columns=[])]


@dataclass
class _MadeColumns:
    """Derived columns for conditions that a row of routing or of a domain cannot say.

    They are named by the condition, so that the same one has the same name in every wave of a survey.
    """

    rules: dict[str, tuple[str, Rule]] = field(default_factory=dict)

    def name(self, kind: str, rule: Rule) -> str:
        """The column that is `yes` where the rule holds."""
        key = repr(rule.alternatives)
        digest = hashlib.sha256(key.encode()).hexdigest()[:DIGITS]
        return self.rules.setdefault(key, (f"{kind}__{digest}", rule))[0]


def _derived(wave_id: str, column: str, rules: dict[str, Rule]) -> Iterator[Row]:
    """The rows of a derived column: a place in the order for each alternative, a row for each of its conditions."""
    order = 0
    for value, rule in rules.items():
        for alternative in rule.alternatives:
            order += 1
            row = {WAVE: wave_id, "column_name": column, "rule_order": order, "value": value}
            if not alternative:
                yield {**row, "at_least": None, "if_columns": None, "if_values": None}
            for condition in alternative:
                yield {
                    **row,
                    "at_least": condition.needed(),
                    "if_columns": ";".join(condition.columns),
                    "if_values": ";".join(condition.values),
                }


def _routing(wave: WaveFile, item: AskedItem, made: _MadeColumns) -> Row:
    rule = wave.asked_if(item)
    if rule is None:
        return {"asked_if_column": None, "asked_if_values": None}
    if rule.plain is not None and len(rule.plain) == 1:
        [condition] = rule.plain
        return {"asked_if_column": condition.columns[0], "asked_if_values": ";".join(condition.values)}
    return {"asked_if_column": made.name("asked_if", rule), "asked_if_values": HOLDS}


def _item_rows(wave: WaveFile, made: _MadeColumns) -> Iterator[Row]:
    for item in wave.items:
        yield {
            WAVE: wave.wave_id,
            "item_id": item.item_id,
            "column_name": item.column,
            "value_kind": "number" if item.question.number else "code",
            "question_id": question_id(wave, item),
            "base_population_id": wave.base_id(item.base),
            **_routing(wave, item, made),
        }


def question_id(wave: WaveFile, item: AskedItem) -> str | None:
    """The question of the catalogue that an item belongs to; in a survey of its own each question is one."""
    if item.question.question is not None:
        return item.question.question
    return f"{wave.wave_id}_{item.key}" if wave.is_own and not item.question.rules else None


def _option_rows(wave: WaveFile) -> Iterator[Row]:
    for item in wave.items:
        for code, option in item.options.items():
            yield {
                WAVE: wave.wave_id,
                "item_id": item.item_id,
                "code": code,
                "answer_category_id": None if option.category is None else wave.own_id("answer", option.category),
                "label_da": danish(option.label or str(code)),
                "label_en": english(option.label or str(code)),
            }


def _derived_rows(wave: WaveFile) -> Iterator[Row]:
    for item in wave.items:
        rules = {value: wave.read(rule, item) for value, rule in item.question.rules.items()}
        yield from _derived(wave.wave_id, item.column, rules)
    for column, group in wave.file.groups.items():
        yield from _derived(wave.wave_id, column, {value: wave.read(rule) for value, rule in group.rules.items()})


def _columns_broken_down_by(wave: WaveFile) -> list[str]:
    change = wave.file.change
    tables = [*(wave.file.tables or []), *((change.tables if change else None) or [])]
    columns = [column for table in tables for column in table.columns]
    return list(dict.fromkeys([*columns, *_crossed(wave)]))


def _crossed(wave: WaveFile) -> dict[str, list[str]]:
    """The columns whose answers others are crossed with, and the items that are, where no table has them all."""
    found: dict[str, list[str]] = {}
    whole = [table.columns for table in wave.file.tables or []]
    item_of = {item.column: item.item_id for item in wave.items}
    for rows, columns in [table.columns for table in wave.file.cross if len(table.columns) == 2]:
        if [columns] not in whole and rows in item_of:
            found.setdefault(columns, []).append(item_of[rows])
    return found


def _group_column(wave: WaveFile, column: str) -> str:
    """The column that a breakdown reads: of a question, one that is empty where there is no answer."""
    return f"{column}{GROUP_OF}" if any(item.column == column for item in wave.items) else column


def _answer_groups(wave: WaveFile) -> Iterator[Row]:
    """Derived columns for questions that estimates are broken down by: who gave no answer is in no group."""
    for item in wave.items:
        if item.column in _columns_broken_down_by(wave):
            rules = {str(code): rule_from({item.column: str(code)}) for code in item.options if code >= LOWEST_ANSWER}
            yield from _derived(wave.wave_id, _group_column(wave, item.column), rules)


def _group_label_rows(wave: WaveFile) -> Iterator[Row]:
    """The names of groups of the survey's own that something is broken down by: `column: value`, both by name."""
    for column in [name for name in _columns_broken_down_by(wave) if name not in DIMENSIONS]:
        name, values = _values_of(wave, column)
        for category, label in values.items():
            da, en = (f"{half(name)}: {half(label)}" if name else half(label) for half in (danish, english))
            yield {
                WAVE: wave.wave_id,
                "column_name": _group_column(wave, column),
                "category": category,
                "label_da": da,
                "label_en": en,
            }


def _values_of(wave: WaveFile, column: str) -> tuple[str | None, dict[str, str]]:
    """The name of a column and those of its values, as far as the file gives them."""
    group = wave.file.groups.get(column)
    if group is not None:
        return group.label, {value: group.values.get(value, value) for value in [*group.rules, *group.values]}
    item = next((item for item in wave.items if item.column == column), None)
    if item is None:
        return None, {}
    return item.label, {str(code): option.label or str(code) for code, option in item.options.items()}


def _domain_rows(key: Row, restriction: Rule, made: _MadeColumns) -> Iterator[Row]:
    plain = restriction.plain
    if plain is None or len({condition.columns for condition in plain}) < len(plain):
        yield {**key, "column_name": made.name("where", restriction), "category": HOLDS}
        return
    for condition in plain:
        for value in condition.values:
            yield {**key, "column_name": condition.columns[0], "category": value}


def _measure_rows(
    measures: list[Measure], measure_set: str, comparable: set[str] | None, made: _MadeColumns, rows: Rows
) -> None:
    """The rows of measures; `comparable` are those that the wave before has, too, where a change is estimated."""
    for measure in measures:
        is_new = comparable is not None and measure.measure_id not in comparable
        key = {"measure_set_id": measure_set, "measure_id": measure.measure_id}
        rows["estimation_measures"].append(
            {
                **key,
                "statistic": measure.statistic,
                "item_id": measure.item.item_id if measure.item else None,
                "denominator_item_id": measure.denominator,
                "interval_method": measure.interval_method,
                "is_amount": measure.is_amount,
                "indicator_id": measure.indicator_id,
                "base_population_id": measure.base,
                "technology_id": measure.technology,
                "barrier_id": measure.barrier,
                "answer_category_id": measure.answer,
                "unit_of_measure": measure.unit,
                "has_change": False if is_new else measure.has_change,
            }
        )
        if (quantiles := measure.quantiles) is not None:
            rows["estimation_quantiles"] += [
                {**key, "quantile": at, "quantile_rule": quantiles.rule, "interval_method": quantiles.interval}
                for at in quantiles.at
            ]
        rows["estimation_scores"] += [{**key, "code": code, "score": score} for code, score in measure.scores.items()]
        if measure.restriction is not None:
            rows["estimation_domains"] += list(_domain_rows(key, measure.restriction, made))


def _breakdown_rows(wave: WaveFile, breakdown_set: str, tables: list[Table]) -> Iterator[Row]:
    for table in tables:
        columns = ";".join(_group_column(wave, column) for column in table.columns) or None
        yield {
            "breakdown_set_id": breakdown_set,
            "breakdown_id": table.id,
            "breakdown_columns": columns,
            "item_ids": None,
        }


def _cross_rows(wave: WaveFile) -> Iterator[Row]:
    """The breakdowns of some items alone, named by the column, or made a name where a table has that one."""
    taken = {table.id for table in wave.file.tables or []}
    for column, items in _crossed(wave).items():
        yield {
            "breakdown_set_id": wave.wave_id,
            "breakdown_id": f"cross__{column}" if column in taken else column,
            "breakdown_columns": _group_column(wave, column),
            "item_ids": ";".join(dict.fromkeys(items)),
        }


def _comparison_rows(wave: WaveFile) -> Iterator[Row]:
    """The pairs of groups that are the family of their table."""
    for table, pairs in wave.file.compare.items():
        for a, b in pairs:
            yield {
                "breakdown_set_id": wave.wave_id,
                "comparison_id": None,
                "breakdown_id_a": table,
                "segment_a": a,
                "breakdown_id_b": table,
                "segment_b": b,
                "family": "measure",
            }


def _margin_rows(margin_set: str, calibration: Calibration, within: str | None = None) -> Iterator[Row]:
    for column, counts in calibration.margins.items():
        for category, count in counts.items():
            yield {
                "margin_set_id": margin_set,
                "column_name": column,
                "category": category,
                "within_category": within,
                "population_count": float(count),
                "is_demonstration": calibration.demonstration,
            }


def _total_rows(margin_set: str, calibration: Calibration) -> Iterator[Row]:
    if calibration.firms is not None and not calibration.margins:
        yield {"margin_set_id": margin_set, "column_name": None, "total": float(calibration.firms)}
    for column, total in calibration.totals.items():
        yield {"margin_set_id": margin_set, "column_name": column, "total": float(total)}


def scale_of(replicates: Replicates) -> float:
    """The factor of the sum of squares. Source: Wolter (2007), Introduction to Variance Estimation, chapters 3 to 5."""
    if replicates.scale is not None or not replicates.columns:
        return 1.0 if replicates.scale is None else replicates.scale
    count = len(replicates.columns)
    of_method = {
        "JK1": (count - 1) / count,
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - replicates.rho) ** 2),
        "bootstrap": 1 / max(count - 1, 1),
    }
    return of_method.get(replicates.method, 1.0)


def _replicate_rows(wave: WaveFile, replicates: Replicates) -> dict[str, list[Row]]:
    columns = replicates.columns
    rscales = replicates.rscales or [1.0] * len(columns)
    own = {
        "replicate_set_id": wave.wave_id,
        "source": "columns" if columns else "jackknife",
        "scale": scale_of(replicates),
        "is_combined": replicates.combined,
        "is_mse": replicates.mse,
    }
    return {
        "replicate_sets": [own],
        "replicate_weights": [
            {"replicate_set_id": wave.wave_id, "column_name": column, "rscale": rscale}
            for column, rscale in zip(columns, rscales, strict=True)
        ],
    }


def _design(wave: WaveFile) -> Row:
    variance, calibration, trim = wave.file.variance, wave.file.calibrate, wave.file.trim
    lower, upper = (calibration.bounds if calibration and calibration.bounds else None) or (None, None)
    has_beta = any(measure.interval_method == "beta" for measure in measures_of(wave))
    return {
        **dict.fromkeys(ESTIMATION["estimation_designs"]),
        "design_id": wave.wave_id,
        "survey_id": wave.survey_id,
        WAVE: wave.wave_id,
        "stratum_scope": "wave",
        "has_psu": variance.units,
        "has_population_correction": variance.correction,
        "lonely_stratum": variance.lonely_stratum,
        "calibration_method": calibration.method if calibration else None,
        "residual_weights": calibration.residual_weights if calibration else None,
        "margin_set_id": wave.wave_id if calibration else None,
        "measure_set_id": wave.wave_id,
        "breakdown_set_id": wave.wave_id,
        "interval_level": variance.level,
        "degrees_of_freedom_rule": variance.degrees_of_freedom,
        "beta_rows": "segment" if has_beta else None,
        "calibration_lower": lower,
        "calibration_upper": upper,
        "trim_lower": trim.lower if trim else None,
        "trim_upper": trim.upper if trim else None,
        "trim_is_strict": trim.strict if trim else None,
        "replicate_set_id": wave.wave_id if wave.file.replicates else None,
    }


def _change_design(wave: WaveFile, change: Change, level: Row, margin_set: str | None, breakdown_set: str) -> Row:
    return {
        **level,
        "design_id": change.id or f"{wave.wave_id}_change",
        "earlier_survey_wave_id": change.since,
        "stratum_scope": "shared" if change.panel else "wave",
        "has_psu": change.panel or level["has_psu"],
        "calibration_within_column": WAVE if margin_set else None,
        "margin_set_id": margin_set,
        "breakdown_set_id": breakdown_set,
        "change_column": WAVE,
        "change_from": change.since,
        "change_to": wave.wave_id,
    }


def estimation_rows(waves: list[WaveFile]) -> Rows:
    """The rows of all tables of `layout.ESTIMATION`, in the order of the files."""
    rows: Rows = {name: [] for name in ESTIMATION}
    by_id = {wave.wave_id: wave for wave in waves}
    for wave in waves:
        made = _MadeColumns()
        rows["response_items"] += list(_item_rows(wave, made))
        rows["response_options"] += list(_option_rows(wave))
        rows["derived_columns"] += list(_derived_rows(wave))
        since = by_id.get(wave.file.change.since) if wave.file.change else None
        comparable = None if since is None else same_measures(wave, since)
        _measure_rows(measures_of(wave), wave.wave_id, comparable, made, rows)
        for name, rule in made.rules.values():
            rows["derived_columns"] += list(_derived(wave.wave_id, name, {HOLDS: rule}))
        rows["derived_columns"] += list(_answer_groups(wave))
        rows["group_labels"] += list(_group_label_rows(wave))
        rows["quality_rules"] += list(quality_rows(wave))
        rows["response_rates"] += stated_rows(wave)
        tables = TOTAL if wave.file.tables is None else wave.file.tables
        rows["estimation_breakdowns"] += [*_breakdown_rows(wave, wave.wave_id, tables), *_cross_rows(wave)]
        rows["estimation_comparisons"] += list(_comparison_rows(wave))
        level = _design(wave)
        rows["estimation_designs"].append(level)
        if wave.file.calibrate is not None:
            rows["calibration_margins"] += list(_margin_rows(wave.wave_id, wave.file.calibrate))
            rows["calibration_totals"] += list(_total_rows(wave.wave_id, wave.file.calibrate))
        if wave.file.replicates is not None:
            for name, found in _replicate_rows(wave, wave.file.replicates).items():
                rows[name] += found
        if wave.file.change is not None:
            _add_change(wave, wave.file.change, by_id.get(wave.file.change.since), level, rows)
    return rows


def _add_change(wave: WaveFile, change: Change, earlier: WaveFile | None, level: Row, rows: Rows) -> None:
    """The design of a change: margins of each wave within it, where the two have different ones."""
    own, other = wave.file.calibrate, earlier.file.calibrate if earlier else None
    margin_set = wave.wave_id if own else None
    design_id = change.id or f"{wave.wave_id}_change"
    if own is not None and other is not None and own != other:
        margin_set = design_id
        rows["calibration_margins"] += [
            *_margin_rows(margin_set, other, change.since), *_margin_rows(margin_set, own, wave.wave_id)
        ]  # fmt: skip
    breakdown_set = wave.wave_id if change.tables is None else design_id
    if change.tables is not None:
        rows["estimation_breakdowns"] += list(_breakdown_rows(wave, design_id, change.tables))
    rows["estimation_designs"].append(_change_design(wave, change, level, margin_set, breakdown_set))
