"""The SQL that reads the firms of a study from its panel: one row a firm, with the numbers that the study names."""

from __future__ import annotations

from smv_ai.matching.study import Outcome, Study, SurveyTreatment
from smv_ai.sql.quoting import identifier, literal


def row_query(study: Study, source: str, answers: str, outcomes: list[tuple[Outcome, tuple[int, ...]]]) -> str:
    """SQL with a row per firm of the base year: firm_number (order of firm_id), firm_id, by_value, treatment (0, 1 or
    null), exact_values, distance_values, balance_values, outcome_values (a list of values for each outcome, in the
    order of its years) and missing_years. `source` and `answers` are relations of the panel and of the survey wave.
    """
    base = _relation(study.base_year)
    years = sorted({year for _, outcome_years in outcomes for year in outcome_years} - {study.base_year})
    balance = study.balance or study.match_on
    values = [_list([outcome.column.sql(_relation(year)) for year in years_of]) for outcome, years_of in outcomes]
    absent = [f"case when {_relation(year)}.firm_id is null then {year} end" for year in years]
    selected = {
        "firm_number": f"row_number() over (order by {base}.firm_id)",
        "firm_id": f"cast({base}.firm_id as varchar)",
        "by_value": f"cast({base}.{identifier(study.by)} as varchar)" if study.by else "''",
        "treatment": _treatment(study),
        "exact_values": f"cast({_list([f'{base}.{identifier(column)}' for column in study.exact])} as varchar[])",
        "distance_values": _list([term.sql(base) for term in study.match_on]),
        "balance_values": _list([term.sql(base) for term in balance]),
        "outcome_values": _list(values),
        "missing_years": f"list_filter(cast({_list(absent)} as integer[]), lambda year: year is not null)",
    }
    return "\n".join(
        [
            "select",
            *(f"    {expression} as {name}," for name, expression in selected.items()),
            f"from (select * from {source} where year = {study.base_year}) as {base}",
            *(
                f"left join (select * from {source} where year = {year}) as {_relation(year)}"
                f" on {base}.firm_id = {_relation(year)}.firm_id"
                for year in years
            ),
            *_answers_joined(study, answers),
            f"where {' and '.join(_conditions(study)) or 'true'}",
        ]
    )


def condition(relation: str, column: str, values: list) -> str:
    """SQL for `column is one of values`: a number means numeric equality, a text equal text."""
    name = f"{relation}.{identifier(column)}"
    is_number = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values]
    tests = [
        f"try_cast({name} as double) = {literal(value)}" if number else f"cast({name} as varchar) = {literal(value)}"
        for value, number in zip(values, is_number, strict=True)
    ]
    return f"({' or '.join(tests) or 'false'})"


def _relation(year: int) -> str:
    return f"panel_{year}".replace("-", "minus_")


def _list(expressions: list[str]) -> str:
    return f"[{', '.join(expressions)}]"


def _conditions(study: Study) -> list[str]:
    return [condition(_relation(study.base_year), column, values) for column, values in study.where.items()]


def _treatment(study: Study) -> str:
    treatment = study.treatment
    if not isinstance(treatment, SurveyTreatment):
        return f"try_cast({_relation(study.base_year)}.{identifier(treatment)} as double)"
    yes, no = (condition("answers", treatment.column, side) for side in (treatment.treated, treatment.untreated))
    return f"case when {yes} then 1.0 when {no} then 0.0 end"


def _answers_joined(study: Study, answers: str) -> list[str]:
    if not isinstance(study.treatment, SurveyTreatment):
        return []
    key = f"cast({_relation(study.base_year)}.firm_id as varchar)"
    return [f"left join {answers} as answers on {key} = cast(answers.respondent_id as varchar)"]
