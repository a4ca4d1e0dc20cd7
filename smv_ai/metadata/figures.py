"""What a release shows of the answers of a wave, in total: shares, means and numbers of respondents, and no more.

A release has no count of respondents by answer, and none can be worked out here: what it withholds is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from smv_ai.survey.file.items import WaveFile
from smv_ai.survey.file.measures import Measure, measures_of
from smv_ai.tabulation.questions import Mark, mark_of
from smv_ai.tabulation.source import Estimate, Source, estimates_of


@dataclass(frozen=True)
class Figure:
    """A share or a mean in total, rounded as released, with its interval; its mark where it is not shown."""

    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    mark: Mark
    unit: str
    is_weighted: bool


@dataclass(frozen=True)
class Figures:
    """Figures by item and answer code (None: the mean), respondents by item, and where they come from."""

    cited_as: str
    made_on: str
    is_demonstration: bool
    notice: str
    shares: dict[tuple[str, int | None], Figure] = field(default_factory=dict)
    respondents: dict[str, int] = field(default_factory=dict)

    @property
    def marks(self) -> set[Mark]:
        """The marks that stand in place of figures, or beside them."""
        return {figure.mark for figure in self.shares.values()} - {Mark.NONE}


def figures_of(source: Source, wave: WaveFile, language: str) -> Figures:
    """The figures of a wave in a release; none where the release has no estimates of it."""
    rows = {
        row.measure_id: row
        for row in estimates_of(source, wave.wave_id, language)
        if not row.is_change and not row.breakdown_columns
    }
    shares: dict[tuple[str, int | None], Figure] = {}
    respondents: dict[str, int] = {}
    for measure in measures_of(wave):
        row = rows.get(measure.measure_id)
        if row is None or measure.item is None or measure.statistic != row.statistic or _is_of_some(wave, measure):
            continue
        for code in _codes(measure):
            shares.setdefault((measure.item.item_id, code), _figure(row))
        if row.sample_size is not None:
            respondents.setdefault(measure.item.item_id, row.sample_size)
    return Figures(
        cited_as=source.cited_as,
        made_on=source.made_at.date().isoformat(),
        is_demonstration=source.is_demonstration,
        notice="; ".join(sorted({row.evidence_notice for row in rows.values()})),
        shares=shares,
        respondents=respondents,
    )


def _is_of_some(wave: WaveFile, measure: Measure) -> bool:
    """Whether it is about fewer than all that were asked: on another base, or with a condition of its own."""
    of_item = measure.item is None or measure.base == wave.base_id(measure.item.base)
    return not of_item or measure.estimate.where is not None or not measure.estimate.valid


def _codes(measure: Measure) -> Iterator[int | None]:
    """The one answer that a share is about, or None for a mean."""
    if measure.statistic == "share":
        ones = [code for code, score in measure.scores.items() if score == 1]
        if len(ones) == 1:
            yield ones[0]
    elif measure.statistic == "mean" and measure.item is not None and measure.item.question.number:
        yield None


def _figure(row: Estimate) -> Figure:
    return Figure(
        row.estimate, row.ci_lower, row.ci_upper, mark_of(row), row.unit_label, row.weighting_method != "unweighted"
    )
