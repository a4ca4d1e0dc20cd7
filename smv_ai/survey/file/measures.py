"""The measures of a survey file: tables of answers by default, and the estimates that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from smv_ai.survey.file.conditions import Rule
from smv_ai.survey.file.items import AskedItem, WaveFile
from smv_ai.survey.file.model import Estimate, Option, Quantiles, Question

TABLE = "table"
INTERVAL_OF_SHARES, INTERVAL = "logit", "wald"
STATISTICS_OF_AMOUNTS = ("mean", "total", "ratio")


@dataclass(frozen=True)
class OwnIndicator:
    """An indicator that the catalogue does not have; `is_shared`: the file says apart from estimates what it is."""

    indicator_id: str
    label: str
    theme: str | None
    construct: str | None
    is_shared: bool = False


@dataclass(frozen=True)
class Measure:
    """One statistic of a design, as the models read it; `place` is where the file says so."""

    measure_id: str
    statistic: str
    item: AskedItem | None
    estimate: Estimate
    place: tuple[str | int, ...]
    scores: dict[int, float] = field(default_factory=dict)
    denominator: str | None = None
    unit: str | None = None
    indicator: str | OwnIndicator | None = None
    base: str = ""
    answer: str | None = None
    technology: str | None = None
    barrier: str | None = None
    has_change: bool | None = None
    restriction: Rule | None = None

    @property
    def interval_method(self) -> str:
        """The interval: logit for shares, estimate and standard error for anything else."""
        return self.estimate.interval or (INTERVAL_OF_SHARES if self.statistic == "share" else INTERVAL)

    @property
    def is_amount(self) -> bool:
        """Whether two firms may dominate it."""
        given = self.estimate.amount
        if given is None and self.item is not None:
            given = self.item.question.amount
        of_numbers = self.item is not None and self.item.question.number and self.statistic in STATISTICS_OF_AMOUNTS
        return of_numbers if given is None else given

    @property
    def quantiles(self) -> Quantiles | None:
        """Quantiles that are asked for beside it."""
        if self.statistic != "mean" or self.item is None:
            return None
        return self.estimate.quantiles or self.item.question.quantiles

    @property
    def indicator_id(self) -> str | None:
        """The indicator of the catalogue or of the survey's own."""
        return self.indicator.indicator_id if isinstance(self.indicator, OwnIndicator) else self.indicator


def zero_one(codes: list[int], options: dict[int, Option]) -> dict[int, float]:
    """The scores of a share: 1 for these codes, 0 for all others that count as an answer."""
    return {code: float(code in codes) for code in options}


@dataclass(frozen=True)
class _Measures:
    """What turns the questions of one file into measures."""

    wave: WaveFile

    def of_file(self) -> Iterator[Measure]:
        for key, question in self.wave.file.questions.items():
            items = [item for item in self.wave.items if item.key == key]
            for item in items:
                yield from self._of_item(item)
            for name, estimate in (question.estimates or {}).items():
                if estimate.of is not None and "{item}" not in name and name != TABLE:
                    place = ("questions", key, "estimates", name)
                    yield from self._of_estimate(name, estimate, self.wave.item_by_id.get(estimate.of), place)
        for name, estimate in self.wave.file.estimates.items():
            item = self.wave.item_by_id.get(estimate.of or "")
            yield from self._of_estimate(name, estimate, item, ("estimates", name))

    def _of_item(self, item: AskedItem) -> Iterator[Measure]:
        question, place = item.question, ("questions", item.key)
        if not item.is_tabulated:
            return
        estimates = question.estimates
        if estimates is None and self._is_wanted(item):
            estimates = {TABLE: Estimate()}
        for name, estimate in (estimates or {}).items():
            if name == TABLE:
                yield from self._table(item, estimate, place)
            elif estimate.of is None:
                yield from self._of_estimate(item.name(name), estimate, item, (*place, "estimates", name))

    def _is_wanted(self, item: AskedItem) -> bool:
        """Whether a question without estimates of its own is tabulated."""
        if self.wave.file.tabulate == "all":
            return True
        return self._known_indicator(item, self._prefix(item), item.question.indicator) is not None

    @staticmethod
    def _prefix(item: AskedItem) -> str:
        """What the names of an item's estimates begin with."""
        if item.question.as_ is None:
            return item.item_id
        return f"{item.question.as_}_{item.member}" if item.member is not None else item.question.as_

    def _table(self, item: AskedItem, given: Estimate, place: tuple[str | int, ...]) -> Iterator[Measure]:
        """The frequency table: a share an answer; one share where 1 and 0 are the answers; or the numbers' mean."""
        question, prefix = item.question, self._prefix(item)
        if question.number:
            for statistic in ("mean", "total"):
                if (unit := getattr(question, statistic)) is not None:
                    yield self._measure(f"{prefix}_{statistic}", statistic, item, given, place, unit=unit)
            return
        if question.share is not None or item.is_pair:
            answers = {"": (question.share or [1], item.options.get(1) if item.is_pair else None)}
        else:
            answers = {
                self._part(prefix, self._name_of(code, option)): (option.codes or [int(code)], option)
                for code, option in self.wave.option_list(item.key, question)[1].items()
                if option.codes is not None or int(code) >= 0
            }
        for part, (codes, option) in answers.items():
            name = f"{prefix}_{part}" if part else prefix
            answer = None if option is None else self._category(item, option, codes)
            for statistic in question.statistics:
                yield self._measure(
                    name if statistic == "share" else f"{name}_firms",
                    "share" if statistic == "share" else "total",
                    item, given, place,
                    scores=zero_one(codes, item.options), answer=answer, prefix=prefix,
                    change=option.change if option and option.change is not None else given.change,
                    unit="percent" if statistic == "share" else "firms",
                )  # fmt: skip

    @staticmethod
    def _name_of(code: str, option: Option) -> str:
        """What an answer is called in the names of estimates."""
        return option.id or (code if option.codes is not None else option.category or code)

    @staticmethod
    def _part(prefix: str, name: str) -> str:
        """The name of an answer without what the names of the estimates begin with anyway."""
        return name.removeprefix(f"{prefix}_")

    def _category(self, item: AskedItem, option: Option, codes: list[int]) -> str | None:
        if option.category is not None:
            return self.wave.own_id("answer", option.category)
        if item.is_pair:
            return None
        if not self.wave.is_own:
            return None
        name = option.id or "_".join(str(code) for code in codes)
        return f"{self.wave.survey_id}_{item.list_name}_{name}"

    def _of_estimate(
        self, name: str, given: Estimate, item: AskedItem | None, place: tuple[str | int, ...]
    ) -> Iterator[Measure]:
        options = item.options if item else {}
        if given.share is not None or given.firms is not None:
            codes = given.share if given.share is not None else given.firms or []
            statistic, unit = ("share", "percent") if given.share is not None else ("total", "firms")
            yield self._measure(name, statistic, item, given, place, scores=zero_one(codes, options), unit=unit)
        elif given.mean is not None or given.total is not None:
            statistic = "mean" if given.mean is not None else "total"
            scores = given.scores or ({} if item and item.question.number else {c: float(c) for c in options if c >= 0})
            yield self._measure(name, statistic, item, given, place, scores=scores, unit=given.mean or given.total)
        elif given.per is not None:
            yield self._measure(name, "ratio", item, given, place, denominator=given.per)
        elif given.count:
            yield self._measure(name, "population", None, given, place, unit="firms")
        elif item is not None and item.is_pair:
            yield self._measure(name, "share", item, given, place, scores=zero_one([1], options), unit="percent")

    def _measure(
        self,
        name: str,
        statistic: str,
        item: AskedItem | None,
        given: Estimate,
        place: tuple[str | int, ...],
        *,
        scores: dict[int, float] | None = None,
        denominator: str | None = None,
        unit: str | None = None,
        answer: str | None = None,
        prefix: str | None = None,
        change: bool | None = None,
    ) -> Measure:
        question = item.question if item else Question()
        subject = {question.about: item.about} if item and question.about else {}
        base = given.base or (item.base if item else self.wave.default_base)
        shown = given.change if change is None else change
        if question.items is not None and answer is None and question.about is None and item and item.is_pair:
            answer = f"{self.wave.survey_id}_{item.key}_{item.member}" if self.wave.is_own else None
        return Measure(
            measure_id=name,
            statistic=statistic,
            item=item,
            estimate=given,
            place=place,
            scores=scores or {},
            denominator=denominator,
            unit=given.unit or unit,
            indicator=self._indicator(item, given, prefix or name),
            base=self.wave.base_id(base),
            answer=given.answer or question.answer or subject.get("answer") or answer,
            technology=given.technology or question.technology or subject.get("technology"),
            barrier=given.barrier or question.barrier or subject.get("barrier"),
            has_change=question.change if shown is None else shown,
            restriction=self.wave.restriction(given, item),
        )

    def _known_indicator(self, item: AskedItem | None, name: str, given: str | None) -> str | None:
        """An indicator of the catalogue: as named, or in a survey of the catalogue that of the same name."""
        if given is not None:
            return given
        return name if not self.wave.is_own and name in self.wave.names.of("indicator") else None

    def _indicator(self, item: AskedItem | None, given: Estimate, name: str) -> str | OwnIndicator | None:
        question = item.question if item else Question()
        found = self._known_indicator(item, name, given.indicator or question.indicator)
        if found is not None and (own := self.wave.file.indicators.get(found)) is not None:
            return OwnIndicator(f"{self.wave.survey_id}_{found}", own.label, own.theme, own.construct_, is_shared=True)
        if found is not None:
            return found
        label = given.label or (item.label if item else name)
        if item is not None and item.member is not None and item.is_pair and given.label is None:
            # the items of a battery are the answers of one question
            name, label = self._prefix_of_battery(item), question.label or item.key
        return OwnIndicator(f"{self.wave.survey_id}_{name}", label, question.theme, question.construct_)

    @staticmethod
    def _prefix_of_battery(item: AskedItem) -> str:
        return item.question.as_ or item.key


def measures_of(wave: WaveFile) -> list[Measure]:
    """All measures of a wave in the order of its file."""
    return list(_Measures(wave).of_file())
