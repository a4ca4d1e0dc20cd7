"""The estimates of a survey wave laid out: questions, their blocks of one unit each, and the groups that split them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from smv_ai.tabulation.significance import IndependenceTest, Significance, significance_of
from smv_ai.tabulation.source import Estimate, Source, estimates_of, groups_of
from smv_ai.tabulation.words import Words

GroupKey = tuple[str, str]  # breakdown_id and segment
CodedGroups = dict[tuple[str, str], tuple[int, str]]
Item = TypeVar("Item")
LAST = 10**6  # the place of a group that no code list orders
MOST_DECIMALS = 2


class Mark(StrEnum):
    """What stands beside a figure, or in its place."""

    NONE = ""
    CAUTION = "*"
    UNRELIABLE = "u"
    CONFIDENTIAL = ".."


@dataclass(frozen=True)
class Cell:
    """A figure of a table. What is withheld has neither figure nor interval; what is confidential no `sample_size`.

    `higher_than` are the groups of the same table that it exceeds beyond chance (see significance.py).
    """

    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    sample_size: int | None
    mark: Mark
    higher_than: frozenset[GroupKey] = frozenset()

    @property
    def figures(self) -> list[float]:
        """The figure and its bounds, without those that are missing."""
        return [figure for figure in (self.estimate, self.ci_lower, self.ci_upper) if figure is not None]

    @property
    def decimals(self) -> int:
        """The decimals that the figure and its bounds have been released with: more would promise what nobody knows."""
        fits = (n for n in range(MOST_DECIMALS) if all(abs(round(f, n) - f) < 1e-9 for f in self.figures))
        return next(fits, MOST_DECIMALS)


@dataclass(frozen=True)
class Answer:
    """A row of a table: a measure, under the name of its answer; empty where the question has one measure alone."""

    measure_id: str
    label: str


@dataclass(frozen=True)
class Group:
    """A column of a table: a group of respondents."""

    key: GroupKey
    label: str


@dataclass(frozen=True)
class Breakdown:
    """The groups that one breakdown makes; `hidden` of them may not even be named. `test`: of the question and it."""

    breakdown_id: str
    heading: str
    groups: list[Group]
    hidden: int = 0
    test: IndependenceTest | None = None


@dataclass(frozen=True)
class Block:
    """The tables of a question in one unit: a cell by measure and group.

    `whole` is the group that all respondents are in; None where no such figure was estimated.
    """

    heading: str
    unit: str
    interval_level: float
    answers: list[Answer]
    whole: Group | None
    breakdowns: list[Breakdown]
    cells: dict[tuple[str, GroupKey], Cell]

    @cached_property
    def decimals(self) -> int:
        """The most decimals that a figure of the block has been released with."""
        return max((cell.decimals for cell in self.cells.values()), default=0)

    @cached_property
    def has_negative(self) -> bool:
        """Whether a figure or a bound lies below 0."""
        return any((cell.ci_lower or 0) < 0 or (cell.estimate or 0) < 0 for cell in self.cells.values())

    def sizes(self, group: Group) -> set[int | None]:
        """The numbers of respondents behind the measures in a group; one where all rest on the same."""
        found = [self.cells[answer.measure_id, group.key].sample_size for answer in self.answers
                 if (answer.measure_id, group.key) in self.cells]  # fmt: skip
        return {size for size in found if size is not None} or {None}

    @cached_property
    def sizes_differ(self) -> bool:
        """Whether the measures of a group rest on different numbers of respondents."""
        groups = [group for breakdown in self.breakdowns for group in breakdown.groups]
        return any(len(self.sizes(group)) > 1 for group in [*([self.whole] if self.whole else []), *groups])

    @cached_property
    def marks(self) -> set[Mark]:
        """The marks that its cells carry."""
        return {cell.mark for cell in self.cells.values()} - {Mark.NONE}


@dataclass(frozen=True)
class Question:
    """What stands on a sheet: an indicator on a base population, of a battery with answers one item of it."""

    number: int
    title: str
    wording: str | None
    base: str
    blocks: list[Block]
    estimates: list[Estimate] = field(repr=False)

    @property
    def sample_size(self) -> int | None:
        """The respondents behind it, the most that one of its figures rests on."""
        sizes = [row.sample_size for row in self.estimates if row.sample_size is not None and not row.is_change]
        return max(sizes, default=None)

    @property
    def marks(self) -> set[Mark]:
        """The marks that its tables carry."""
        return set().union(*(block.marks for block in self.blocks))

    @property
    def has_letters(self) -> bool:
        """Whether letters say which of its groups differ."""
        return any(cell.higher_than for block in self.blocks for cell in block.cells.values())


def _by(rows: Iterable[Item], key: Sequence[str]) -> list[list[Item]]:
    """The rows in bundles that agree in the attributes, in the order in which each bundle begins."""
    bundles: dict[Hashable, list[Item]] = {}
    for row in rows:
        bundles.setdefault(tuple(getattr(row, name) for name in key), []).append(row)
    return list(bundles.values())


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """A key by which `2` stands before `10`."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts if part)


def mark_of(row: Estimate) -> Mark:
    """The mark of an estimate: confidential, too uncertain to be shown, to be used with caution, or none."""
    if row.is_suppressed:
        return Mark.CONFIDENTIAL
    if row.is_withheld or row.estimate is None:
        return Mark.UNRELIABLE
    return Mark.CAUTION if row.quality_grade == "publish_with_warning" else Mark.NONE


def _group_order(row: Estimate, coded: CodedGroups) -> tuple:
    codes = zip(row.breakdown_columns, row.parts, strict=False)
    return tuple((coded.get(code, (LAST, ""))[0], _natural(code[1])) for code in codes)


def _own_heading(labels: Sequence[str]) -> str:
    """What the names of a survey's own groups begin with: 'Size' of 'Size: Small' and 'Size: Large'."""
    found = {label.split(": ", 1)[0] for label in labels if ": " in label}
    return found.pop() if len(found) == 1 and all(": " in label for label in labels) else ""


def _breakdown(rows: list[Estimate], coded: CodedGroups, words: Words, own_headings: dict[str, str]) -> Breakdown:
    """The groups of one breakdown, named without what all of them share."""
    named = [row for row in rows if row.segment is not None]
    one_each = {row.segment: row for row in sorted(named, key=lambda row: _group_order(row, coded))}
    columns = rows[0].breakdown_columns
    is_split = all(row.parts for row in one_each.values())
    shared = {
        place for place in range(len(columns))
        if is_split and len(one_each) > 1 and len({row.parts[place] for row in one_each.values()}) == 1
    }  # fmt: skip
    headings = [
        words.breakdown(column) or own_headings.get(column) or column.removesuffix("_id").replace("_", " ").capitalize()
        for place, column in enumerate(columns)
        if place not in shared
    ]
    heading = words.heading(headings)

    def label(row: Estimate) -> str:
        codes = list(zip(columns, row.parts, strict=False))
        if codes and all(code in coded for code in codes):
            return ", ".join(coded[code][1] for place, code in enumerate(codes) if place not in shared)
        return row.segment_label.removeprefix(f"{heading}: ")

    groups = [Group((row.breakdown_id, row.segment or ""), label(row)) for row in one_each.values()]
    hidden = max((sum(1 for row in of_one if row.segment is None) for of_one in _by(rows, ["measure_id"])), default=0)
    return Breakdown(rows[0].breakdown_id, heading, groups, hidden)


def _breakdowns(rows: list[Estimate], coded: CodedGroups, words: Words) -> list[Breakdown]:
    """All breakdowns: those of one column first, then crossings, in the order of the columns' names in `words`."""
    bundles = _by(rows, ["breakdown_id"])
    own = {
        bundle[0].breakdown_columns[0]: _own_heading([row.segment_label for row in bundle if row.segment is not None])
        for bundle in bundles
        if len(bundle[0].breakdown_columns) == 1
    }
    bundles.sort(
        key=lambda bundle: (
            len(bundle[0].breakdown_columns),
            [words.place(column) for column in bundle[0].breakdown_columns],
            bundle[0].breakdown_id,
        )
    )
    return [_breakdown(bundle, coded, words, own) for bundle in bundles]


def _answers(rows: list[Estimate], *, is_item: bool) -> list[Answer]:
    """The measures of a block in the order of their code lists; those that no name tells apart carry their id."""
    measures = {row.measure_id: row for row in sorted(rows, key=lambda row: (row.answer_order, row.measure_id))}

    def label(row: Estimate) -> str:
        parts = [row.answer_label] if is_item else [row.technology_label, row.barrier_label, row.answer_label]
        return ", ".join(part for part in parts if part)

    labels = {measure: label(row) for measure, row in measures.items()}
    if len(measures) == 1:
        return [Answer(*pair) for pair in labels.items()]
    seen = list(labels.values())
    return [
        Answer(
            measure,
            f"{text} ({measure})".strip() if seen.count(text) > 1 else text or measures[measure].indicator_label,
        )
        for measure, text in labels.items()
    ]


def _cells(rows: list[Estimate], significance: Significance) -> dict[tuple[str, GroupKey], Cell]:
    """The figures, by measure and group. No letter stands at a change, nor tells of a group that is withheld."""
    cells: dict[tuple[str, GroupKey], Cell] = {}
    shown = {(row.measure_id, row.breakdown_id, row.segment) for row in rows if row.estimate is not None}
    for row in rows:
        if row.segment is None:
            continue
        key = (row.measure_id, row.unit_of_measure, row.breakdown_id, row.segment)
        lower = frozenset() if row.is_change or row.estimate is None else significance.higher.get(key, frozenset())
        cells[row.measure_id, (row.breakdown_id, row.segment)] = Cell(
            row.estimate, row.ci_lower, row.ci_upper, row.sample_size, mark_of(row),
            frozenset(
                (row.breakdown_id, segment) for segment in lower if (row.measure_id, row.breakdown_id, segment) in shown
            ),
        )  # fmt: skip
    return cells


def _with_test(breakdown: Breakdown, rows: list[Estimate], significance: Significance) -> Breakdown:
    """The breakdown with its test, found by a measure of the question; numbers and changes have none."""
    measures = {row.measure_id for row in rows if row.unit_of_measure == "percent" and not row.is_change}
    tests = (significance.tests.get((measure, breakdown.breakdown_id)) for measure in sorted(measures))
    return replace(breakdown, test=next((test for test in tests if test), None))


@dataclass(frozen=True)
class _Making:
    """What every block is made with."""

    words: Words
    coded: CodedGroups
    significance: Significance


def _block(rows: list[Estimate], making: _Making, *, is_item: bool) -> Block:
    """The tables of estimates in one unit."""
    coded, words = making.coded, making.words
    cells = _cells(rows, making.significance)
    breakdowns = _breakdowns(rows, coded, words)
    alone = [breakdown for breakdown in breakdowns if len(breakdown.groups) == 1 and not breakdown.hidden]
    whole = next((breakdown for breakdown in alone if breakdown.groups[0].key[1] == ""), None) or next(
        iter(alone), None
    )
    group = whole.groups[0] if whole else None
    if group and group.key[1] == "":
        group = Group(group.key, words["total"])
    return Block(
        heading=words.unit({row.statistic for row in rows}, rows[0]),
        unit=words.unit_short(rows[0]),
        interval_level=next((row.interval_level for row in rows if row.interval_level), 0.95),
        answers=_answers(rows, is_item=is_item),
        whole=group,
        breakdowns=[_with_test(by, rows, making.significance) for by in breakdowns if by is not whole],
        cells=cells,
    )


def _bundles(rows: list[Estimate]) -> list[tuple[list[Estimate], str | None]]:
    """The estimates of each question, with the name of the item where it is one of a battery with several answers."""
    found: list[tuple[list[Estimate], str | None]] = []
    key = ("indicator_id", "base_population_id", "indicator_label")
    for bundle in _by(rows, key):
        items = {(row.technology_label, row.barrier_label) for row in bundle}
        answers = {row.answer_label for row in bundle}
        if len(items) > 1 and len(answers) > 1:
            for of_item in _by(bundle, ["technology_label", "barrier_label"]):
                name = ", ".join(filter(None, (of_item[0].technology_label, of_item[0].barrier_label)))
                found.append((of_item, name or None))
        else:
            found.append((bundle, None))
    return found


def _question_order(bundle: list[Estimate]) -> tuple:
    """By subject and place in the questionnaire; of one question, the broadest base first, then the items in order."""
    largest = max((row.sample_size or 0 for row in bundle), default=0)
    first = bundle[0]
    return (first.indicator_order, first.indicator_id or "", -largest, first.base_population_id)


def questions_of(source: Source, wave_id: str, language: str) -> list[Question]:
    """The questions of a survey wave, in the order in which they are read."""
    making = _Making(Words(language), groups_of(source, language), significance_of(source, wave_id))
    rows = sorted(estimates_of(source, wave_id, language), key=lambda row: (row.answer_order, row.measure_id))
    bundles = sorted(_bundles(rows), key=lambda found: _question_order(found[0]))
    questions = []
    for number, (bundle, item) in enumerate(bundles, start=1):
        blocks = _by(sorted(bundle, key=_block_order), ["is_change", "unit_of_measure"])
        first = bundle[0]
        made = [_block(block, making, is_item=item is not None) for block in blocks]
        questions.append(
            Question(
                number,
                f"{first.indicator_label}: {item}" if item else first.indicator_label,
                first.wording if first.wording != first.indicator_label else None,
                first.base_label,
                made,
                [row for block, rows in zip(made, blocks, strict=True) for row in _as_in(block, rows)],
            )
        )
    return questions


def _as_in(block: Block, rows: list[Estimate]) -> list[Estimate]:
    """The rows in the order of the tables: answer by answer, and within each group by group."""
    answers = [answer.measure_id for answer in block.answers]
    groups = [*([block.whole] if block.whole else []), *(group for by in block.breakdowns for group in by.groups)]
    places = {group.key: place for place, group in enumerate(groups)}
    return sorted(
        rows,
        key=lambda row: (answers.index(row.measure_id), places.get((row.breakdown_id, row.segment or ""), len(places))),
    )


def _block_order(row: Estimate) -> tuple[bool, bool]:
    """Shares before numbers, levels before changes."""
    return (row.is_change, row.unit_of_measure != "percent")
