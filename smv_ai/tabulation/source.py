"""The estimates of a survey wave with their labels in one language, read from a release or from what is like one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from smv_ai.errors import BadInputError
from smv_ai.reader import Release, connect
from smv_ai.suggest import allowed_in_words

LANGUAGES = ("da", "en")


@dataclass(frozen=True)
class Source:
    """What tables are made from: a connection with the tables of `marts`, and which relation holds the estimates.

    The relation has the columns of `marts.fct_estimates`; `differences` and `independence` are read by significance.py,
    and an older release lacks them. `cited_as` and `made_at` (UTC) are those of the release.

    `is_private`: the relation holds what a release withholds, and it is shown, with its mark beside it. Such tables are
    for the researcher alone: they say so on every sheet, and nobody else may read their files.
    """

    connection: duckdb.DuckDBPyConnection
    cited_as: str
    made_at: datetime
    is_demonstration: bool
    estimates: str = "marts.fct_estimates"
    differences: str = "marts.fct_differences"
    independence: str = "marts.fct_independence_tests"
    is_private: bool = False


@contextmanager
def released(release: Release) -> Generator[Source]:
    """The public tables of a release as a source."""
    with connect(release) as connection:
        made_at = datetime.fromisoformat(release.created_at)
        yield Source(connection, release.cited_as, made_at, release.is_demonstration)


@dataclass(frozen=True)
class Estimate:
    """A row of the relation of estimates, with what a reader needs beside it, in one language.

    Figures are in the unit of `unit_of_measure` (shares in per cent); what is withheld has none, and what is suppressed
    no `sample_size` either. `parts` are the codes of the breakdown's columns, in their order, see _parts.
    """

    measure_id: str
    indicator_id: str | None
    indicator_label: str
    indicator_order: tuple[int, int, str]  # the same in both languages
    wording: str | None
    base_population_id: str
    base_label: str
    technology_label: str | None
    barrier_label: str | None
    answer_label: str | None
    answer_order: tuple[int, int, int]
    statistic: str
    is_change: bool
    earlier_wave_label: str | None
    unit_of_measure: str
    unit_label: str
    breakdown_id: str
    breakdown_columns: tuple[str, ...]
    segment: str | None
    segment_label: str
    parts: tuple[str, ...]
    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    sample_size: int | None
    is_suppressed: bool
    is_withheld: bool
    quality_grade: str | None
    quality_label: str | None
    interval_method: str | None
    interval_level: float | None
    weighting_method: str | None
    evidence_type: str
    evidence_notice: str
    source_file: str


# {language} is one of LANGUAGES, {shows_all} a truth value. The question of a survey of its own is found by its id: the
# wave's and the question's key.
ESTIMATES = """
select
    estimates.measure_id,
    estimates.indicator_id,
    coalesce(indicators.label_{language}, estimates.measure_label_{language}) as indicator_label,
    (
        coalesce(constructs.sort_order, 0),
        coalesce(questions.question_number, 0),
        coalesce(indicators.label_da, estimates.measure_label_da)
    ) as indicator_order,
    questions.wording_{language} as wording,
    estimates.base_population_id,
    coalesce(estimates.base_population_label_{language}, estimates.base_population_id) as base_label,
    case when estimates.technology_id <> 'total' then technologies.label_{language} end as technology_label,
    case when estimates.barrier_id <> 'total' then barriers.label_{language} end as barrier_label,
    case when estimates.answer_category_id <> 'total' then answers.label_{language} end as answer_label,
    (
        coalesce(technologies.sort_order, 0), coalesce(barriers.sort_order, 0), coalesce(answers.sort_order, 0)
    ) as answer_order,
    estimates.statistic,
    estimates.is_change,
    earlier_waves.label_{language} as earlier_wave_label,
    estimates.unit_of_measure,
    coalesce(units.label_{language}, estimates.unit_of_measure) as unit_label,
    estimates.breakdown_id,
    string_split(nullif(estimates.breakdown_columns, ''), ';') as breakdown_columns,
    case when coalesce(estimates.breakdown_columns, '') = '' then '' else estimates.segment end as segment,
    estimates.segment_label_{language} as segment_label,
    case when {shows_all} or not estimates.is_withheld then estimates.estimate end as estimate,
    case when {shows_all} or not estimates.is_withheld then estimates.ci_lower end as ci_lower,
    case when {shows_all} or not estimates.is_withheld then estimates.ci_upper end as ci_upper,
    case when {shows_all} or not estimates.is_suppressed then estimates.sample_size end as sample_size,
    estimates.is_suppressed,
    estimates.is_withheld,
    estimates.quality_grade,
    estimates.quality_grade_label_{language} as quality_label,
    estimates.interval_method,
    estimates.interval_level,
    estimates.weighting_method,
    estimates.evidence_type,
    estimates.evidence_notice_{language} as evidence_notice,
    estimates.source_file,
from {relation} as estimates
left join marts.dim_indicators as indicators on estimates.indicator_id = indicators.indicator_id
left join marts.dim_constructs as constructs on indicators.construct = constructs.construct
left join marts.dim_technologies as technologies on estimates.technology_id = technologies.technology_id
left join marts.dim_barriers as barriers on estimates.barrier_id = barriers.barrier_id
left join marts.dim_answer_categories as answers on estimates.answer_category_id = answers.answer_category_id
left join marts.dim_units as units on estimates.unit_of_measure = units.unit_of_measure
left join marts.dim_survey_waves as earlier_waves on estimates.earlier_survey_wave_id = earlier_waves.survey_wave_id
left join (
    select
        survey_wave_id,
        coalesce(indicator_id, question_id) as key,
        min(question_number) as question_number,
        case when count(*) = 1 then any_value(wording_{language}) end as wording_{language},
    from marts.dim_questions
    group by all
) as questions
    on estimates.survey_wave_id = questions.survey_wave_id
    and questions.key in (
        estimates.indicator_id,
        estimates.survey_wave_id || '_' || substr(estimates.indicator_id, length(estimates.survey_id) + 2)
    )
where estimates.survey_wave_id = ?
order by estimates.measure_id, estimates.breakdown_id, estimates.segment, estimates.estimate_id
"""

# The names and the order of coded groups, by the column of the breakdown.
GROUPS = """
select 'industry_id' as breakdown_column, industry_id as code, sort_order, label_{language} from marts.dim_industries
union all
select 'size_class_id', size_class_id, sort_order, label_{language} from marts.dim_size_classes
union all
select 'region_id', region_id, sort_order, label_{language} from marts.dim_regions
union all
select
    case codelist_id when 'maturity_levels' then 'maturity_level_id' else 'ai_use_group_id' end,
    code_id,
    sort_order,
    label_{language},
from marts.dim_codes
where codelist_id in ('maturity_levels', 'ai_use_groups')
"""

WAVE = """
select
    surveys.label_{language} as survey,
    waves.label_{language} as wave,
    surveys.producer,
    waves.population_{language} as population,
    surveys.sampling_design_en as sampling,
    modes.label_{language} as mode,
    waves.collection_start_date,
    waves.collection_end_date,
    waves.reference_period,
    waves.invited,
    coalesce(waves.answered, waves.valid) as answered,
    waves.response_rate_percent,
    publications.citation,
from marts.dim_survey_waves as waves
inner join marts.dim_surveys as surveys on waves.survey_id = surveys.survey_id
left join marts.dim_publications as publications on waves.publication_id = publications.publication_id
left join marts.dim_codes as modes on waves.collection_mode = modes.code_id and modes.codelist_id = 'collection_modes'
where waves.survey_wave_id = ?
"""

CODES = """
select code_id, label_{language}, description_{language}
from marts.dim_codes
where codelist_id = ?
order by sort_order
"""


def _rows(source: Source, query: str, *values: str) -> list[dict[str, Any]]:
    found = source.connection.execute(query, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def refuse_unknown(source: Source, wave_id: str) -> None:
    """Raise BadInputError where there is no such survey wave, or none of its responses: with what there is."""
    with_estimates = [
        row["survey_wave_id"]
        for row in _rows(source, f"select distinct survey_wave_id from {source.estimates} order by all")
    ]
    if wave_id in with_estimates:
        return
    if not with_estimates:
        raise BadInputError(
            f"No survey wave of release {source.cited_as} has estimates, so there is nothing to tabulate: load "
            "responses (docs/responses.md) and build, or add --demo for the demonstration."
        )
    allowed = allowed_in_words(wave_id, with_estimates)
    if _rows(source, "select 1 as found from marts.dim_survey_waves where survey_wave_id = ?", wave_id):
        raise BadInputError(
            f"The survey wave '{wave_id}' has printed figures only in release {source.cited_as}; tables are made from "
            f"estimates of loaded responses: {allowed}."
        )
    raise BadInputError(f"There is no survey wave '{wave_id}' in release {source.cited_as}: {allowed}.")


def estimates_of(source: Source, wave_id: str, language: str) -> list[Estimate]:
    """The estimates of a wave, and of changes that end in it."""
    query = ESTIMATES.format(language=language, relation=source.estimates, shows_all=source.is_private)
    rows = _rows(source, query, wave_id)
    for row in rows:
        row["breakdown_columns"] = tuple(row["breakdown_columns"] or ())
        row["parts"] = _parts(row["segment"] or "", len(row["breakdown_columns"]))
        # no minus before nought
        row |= {name: row[name] + 0.0 for name in ("estimate", "ci_lower", "ci_upper") if row[name] is not None}
    return [Estimate(**row) for row in rows]


def _parts(segment: str, columns: int) -> tuple[str, ...]:
    """The codes of a segment; none where a bar within one of them leaves open which it is."""
    parts = (segment,) if columns == 1 else tuple(segment.split("|"))
    return parts if len(parts) == columns else ()


def groups_of(source: Source, language: str) -> dict[tuple[str, str], tuple[int, str]]:
    """Order and name of each coded group, by column and code."""
    found = source.connection.execute(GROUPS.format(language=language)).fetchall()
    return {(column, code): (order, label) for column, code, order, label in found}


def wave_of(source: Source, wave_id: str, language: str) -> dict[str, Any]:
    """What is known of a survey wave: the columns of WAVE."""
    [row] = _rows(source, WAVE.format(language=language), wave_id)
    return row


def codes_of(source: Source, codelist: str, language: str) -> dict[str, tuple[str, str | None]]:
    """Label and description of each code of a list, in its order."""
    found = source.connection.execute(CODES.format(language=language), [codelist]).fetchall()
    return {code: (label, description) for code, label, description in found}
