"""From a block of estimates to tables as they are read: which way round they stand, where numbers of responses go."""

from __future__ import annotations

from dataclasses import dataclass, field
from string import ascii_uppercase

from smv_ai.tabulation.questions import Answer, Block, Breakdown, Cell, Group, GroupKey
from smv_ai.tabulation.words import Words

# With more groups than these a table has a line for each group, with fewer a line for each answer.
MOST_COLUMNS = 9


@dataclass(frozen=True)
class Line:
    """A line of a table: its cells in the order of the columns, None where nothing was estimated; or a heading."""

    label: str
    cells: list[Cell | None] = field(default_factory=list)
    sample_size: int | None = None
    is_heading: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a block. The numbers of responses stand in one of three places, see `layout_of`.

    `letters` names its groups where letters say which of them differ; `notes` stand below it.
    """

    heading: str
    corner: str
    columns: list[str]
    lines: list[Line]
    sizes_below: list[int | None] | None = None
    has_size_column: bool = False
    letters: dict[GroupKey, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def letters_of(self, cell: Cell) -> str:
        """The letters of the groups that a cell exceeds beyond chance."""
        return " ".join(sorted(self.letters[key] for key in cell.higher_than if key in self.letters))


def layout_of(block: Block, words: Words) -> list[Table]:
    """The tables of a block: of one measure a single table of all groups, otherwise frequencies and one by breakdown.

    Where all measures of a group rest on the same responses, their number stands once: below a column or at the end of
    a line. Where they differ (`block.sizes_differ`) it stands in each cell.
    """
    if len(block.answers) == 1:
        return [_of_one_measure(block, words)]
    whole = [block.whole] if block.whole else []
    frequencies = [_by_answer(block, words, whole, words["frequencies"])] if whole else []
    return [*frequencies, *(_of_breakdown(block, breakdown, whole, words) for breakdown in block.breakdowns)]


def _of_breakdown(block: Block, breakdown: Breakdown, whole: list[Group], words: Words) -> Table:
    groups, heading = [*whole, *breakdown.groups], breakdown.heading
    letters, notes = _letters(block, breakdown), _below(breakdown, words)
    if len(groups) <= MOST_COLUMNS:
        return _by_answer(block, words, groups, heading, letters, notes)
    lines = [_line(block, group, letters) for group in groups]
    columns = [answer.label for answer in block.answers]
    return Table(heading, words["group"], columns, lines, None, not block.sizes_differ, letters, notes)


def _of_one_measure(block: Block, words: Words) -> Table:
    """All groups below each other, breakdown by breakdown."""
    lines = [_line(block, block.whole, {})] if block.whole else []
    letters: dict[GroupKey, str] = {}
    notes: list[str] = []
    for breakdown in block.breakdowns:
        own = _letters(block, breakdown)
        lines += [Line(breakdown.heading, is_heading=True), *(_line(block, group, own) for group in breakdown.groups)]
        letters |= own
        notes += _below(breakdown, words)
    return Table("", words["group"], [block.answers[0].label], lines, None, True, letters, notes)


def _cell(block: Block, answer: Answer, group: Group) -> Cell | None:
    return block.cells.get((answer.measure_id, group.key))


def _named(group: Group, letters: dict[GroupKey, str]) -> str:
    return f"({letters[group.key]}) {group.label}" if group.key in letters else group.label


def _line(block: Block, group: Group, letters: dict[GroupKey, str]) -> Line:
    cells = [_cell(block, answer, group) for answer in block.answers]
    return Line(_named(group, letters), cells, next(iter(block.sizes(group))))


def _by_answer(
    block: Block, words: Words, groups: list[Group], heading: str,
    letters: dict[GroupKey, str] | None = None, notes: list[str] | None = None,
) -> Table:  # fmt: skip
    letters = letters or {}
    lines = [Line(answer.label, [_cell(block, answer, group) for group in groups]) for answer in block.answers]
    sizes = None if block.sizes_differ else [next(iter(block.sizes(group))) for group in groups]
    columns = [_named(group, letters) for group in groups]
    return Table(heading, words["answer"], columns, lines, sizes, False, letters, notes or [])


def _letters(block: Block, breakdown: Breakdown) -> dict[GroupKey, str]:
    """A letter for each group, where any of them differs from another beyond chance: A to Z, then AA, AB."""
    keys = {group.key for group in breakdown.groups}
    if not any(cell.higher_than & keys for (_, key), cell in block.cells.items() if key in keys):
        return {}
    names = [*ascii_uppercase, *(first + second for first in ascii_uppercase for second in ascii_uppercase)]
    return {group.key: name for group, name in zip(breakdown.groups, names, strict=False)}


def _below(breakdown: Breakdown, words: Words) -> list[str]:
    """What is said below the table of a breakdown: the test, and how many groups may not be named."""
    said = []
    if breakdown.test:
        said.append(words.independence(breakdown.heading, breakdown.test))
    if breakdown.hidden:
        said.append(words["hidden_one"] if breakdown.hidden == 1 else words("hidden_some", count=breakdown.hidden))
    return said
