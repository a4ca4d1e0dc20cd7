"""A codebook in one language: what both forms of the page say, in the order in which they say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smv_ai.metadata.contents import Contents, Entry, Kind, Variable, fieldwork
from smv_ai.metadata.figures import Figure, Figures
from smv_ai.metadata.words import Words
from smv_ai.tabulation.questions import Mark
from smv_ai.tabulation.words import Words as WordsOfTables

Table = tuple[list[str], list[list[str]]]
"""Head and rows, as text."""
DECIMALS = 2


@dataclass(frozen=True)
class Edition:
    """Contents and figures in one language; `why_none` says why there are no figures, where there are none."""

    contents: Contents
    figures: Figures | None
    why_none: str
    language: str

    @property
    def words(self) -> Words:
        """Our words."""
        return Words(self.language)

    @property
    def numbers(self) -> WordsOfTables:
        """Numbers, days and marks as the tables write them."""
        return WordsOfTables(self.language)

    @property
    def heading(self) -> str:
        """The title of the page."""
        return self.words("heading", title=self.contents.title.of(self.language))

    @property
    def banner(self) -> str | None:
        """What a demonstration says at its head."""
        return self.numbers["banner"] if self.figures and self.figures.is_demonstration else None

    def about(self) -> list[tuple[str, str]]:
        """Facts about the survey, those that are known."""
        words, said, survey = self.words, self.contents.said, self.contents.survey
        first, last = fieldwork(said)
        period = f"{self.numbers.day(first)} – {self.numbers.day(last)}" if first and last else said["reference_period"]
        columns = sum(len(entry.variables) for entry in self.contents.questions)
        found = {
            "producer": survey["producer"],
            "population": said[f"population_{self.language}"],
            "unit": self.contents.unit.of(self.language),
            # the catalogue has it in English alone
            "sampling": survey["sampling_design_en"] if self.language == "en" else None,
            "mode": self.contents.mode.of(self.language),
            "period": period,
            "invited": said["invited"] and self.numbers.number(int(said["invited"]), 0),
            "answered": (count := said["answered"] or said["valid"]) and self.numbers.number(int(count), 0),
            "size": words("extent", questions=len(self.contents.questions), columns=columns),
        }
        return [(words[key], str(text)) for key, text in found.items() if text]

    def where_from(self) -> str:
        """Which release the figures are of, or why there are none."""
        if self.figures is None:
            return self.words("no_figures", reason=self.why_none)
        return self.words(
            "figures_of", release=self.figures.cited_as, date=self.figures.made_on,
            notice=f"{self.figures.notice}." if self.figures.notice else "",
        ).strip()  # fmt: skip

    def legend(self) -> list[str]:
        """What the marks mean that stand in the tables."""
        marks = self.figures.marks if self.figures else set()
        return [self.numbers[f"mark_{mark}"] for mark in Mark if mark in marks]

    def missing(self) -> Table:
        """The reserved codes."""
        words = self.words
        rows = [[str(code), str(number), label.of(self.language)] for code, number, label in self.contents.missing]
        return [words["in_codes"], words["in_numbers"], words["meaning"]], rows

    def asked(self, entry: Entry) -> str:
        """Who is asked, or whom a rule is about."""
        if entry.asked_if is None:
            return self.words["everybody"] if entry.kind is not Kind.DERIVED else entry.base.of(self.language)
        return self.words("asked_if", rule=self.contents.in_words(entry.asked_if, self.language))

    def title(self, entry: Entry) -> str:
        """Number and text of a question."""
        text = entry.text.of(self.language)
        return f"{entry.number}. {text}" if entry.number else text

    def facts(self, entry: Entry) -> list[tuple[str, str]]:
        """Base, who is asked and what kind of answer."""
        words = self.words
        asked = [] if entry.kind is Kind.DERIVED else [(words["asked"], self.asked(entry))]
        return [*asked, (words["base"], entry.base.of(self.language)), (words["kind"], words.kind(entry.kind))]

    def tables(self, entry: Entry) -> Iterator[Table]:
        """The tables of a question: its columns, its answers, its rules."""
        if len(entry.variables) > 1 or entry.variables[0].column != entry.key:
            yield self._columns(entry)
        if entry.kind is Kind.NUMBER:
            yield from self._mean(entry.variables[0])
        elif entry.kind is Kind.GRID and any(not one.is_number for one in entry.variables):
            yield self._grid(entry)
        elif not entry.variables[0].is_number:
            yield self._answers(entry)
        if entry.rules:
            rows = [
                [label.of(self.language), self.contents.in_words(rule, self.language)] for label, rule in entry.rules
            ]
            yield [self.words["answer"], self.words["rule"]], rows

    def _columns(self, entry: Entry) -> Table:
        """A line for each column; where answers are ticks, with the share that ticked."""
        words = self.words
        head = [words["column"], words["item"] if len(entry.variables) > 1 else words["label"]]
        is_pair = entry.kind in (Kind.SEVERAL, Kind.DERIVED) and len(entry.variables) > 1
        rows = [[one.column, one.label.of(self.language)] for one in entry.variables]
        shares = [self._share(one, 1) for one in entry.variables] if is_pair else []
        if any(share for share, _ in shares):
            head, rows = [*head, words["share"], self._interval], [
                [*row, *share] for row, share in zip(rows, shares, strict=True)
            ]  # fmt: skip
        sizes = [self._size(one) for one in entry.variables]
        if not any(sizes):
            return head, rows
        return [*head, words["respondents"]], [[*row, size] for row, size in zip(rows, sizes, strict=True)]

    def _answers(self, entry: Entry) -> Table:
        """Codes and answers; with shares where there is one column."""
        words, variable = self.words, entry.variables[0]
        head = [words["code"], words["answer"]]
        rows = [[str(one.code), one.label.of(self.language)] for one in variable.answers]
        shares = [self._share(variable, one.code) for one in variable.answers] if len(entry.variables) == 1 else []
        if not any(share for share, _ in shares):
            return head, rows
        return [*head, words["share"], self._interval], [
            [*row, *share] for row, share in zip(rows, shares, strict=True)
        ]  # fmt: skip

    @property
    def _interval(self) -> str:
        return self.numbers.interval(self.contents.wave.file.variance.level)

    def _grid(self, entry: Entry) -> Table:
        """Codes and answers; shares by item beside them."""
        words, answers = self.words, entry.variables[0].answers
        head = [words["code"], words["answer"]]
        rows = [[str(one.code), one.label.of(self.language)] for one in answers]
        shown = [one for one in entry.variables if any(self._share(one, answer.code)[0] for answer in answers)]
        for variable in shown:
            head.append(f"{variable.column}, %")
            rows = [[*row, self._share(variable, one.code)[0]] for row, one in zip(rows, answers, strict=True)]
        return head, rows

    def _mean(self, variable: Variable) -> Iterator[Table]:
        """The mean of a number, where it is released."""
        words = self.words
        figure = self.figures.shares.get((variable.item_id, None)) if self.figures else None
        if figure is not None:
            head = [words["column"], f"{words['mean']}, {figure.unit}", self._interval, words["respondents"]]
            yield head, [[variable.column, *self._shown(figure), self._size(variable)]]

    def _share(self, variable: Variable, code: int) -> list[str]:
        figure = self.figures.shares.get((variable.item_id, code)) if self.figures else None
        return ["", ""] if figure is None else self._shown(figure)

    def _shown(self, figure: Figure) -> list[str]:
        if figure.estimate is None:
            return [str(figure.mark), ""]
        bounds = [figure.ci_lower, figure.ci_upper]
        between = "–".join(self._number(bound) for bound in bounds if bound is not None)
        return [self._number(figure.estimate) + str(figure.mark), between]

    def _number(self, value: float) -> str:
        decimals = next((n for n in range(DECIMALS) if abs(round(value, n) - value) < 1e-9), DECIMALS)
        return self.numbers.number(value, decimals)

    def _size(self, variable: Variable) -> str:
        size = self.figures.respondents.get(variable.item_id) if self.figures else None
        return "" if size is None else self.numbers.number(size, 0)

    def size_line(self, entry: Entry) -> str | None:
        """The number of responses of a question with one column of answer codes."""
        if self.figures is None or len(entry.variables) > 1 or entry.kind is Kind.NUMBER:
            return None
        size = self._size(entry.variables[0])
        return f"{self.words['respondents']}: {size}" if size else None

    def breakdown(self, place: int) -> Table:
        """Values, labels and rules of a column to break down by."""
        words, one = self.words, self.contents.breakdowns[place]
        has_rules = any(rule for _, _, rule in one.values)
        head = [words["value"], words["label"], *([words["rule"]] if has_rules else [])]
        rows = [
            [value, label.of(self.language),
             *([self.contents.in_words(rule, self.language) if rule else ""] if has_rules else [])]
            for value, label, rule in one.values
        ]  # fmt: skip
        return head, rows

    def source(self) -> str:
        """Where the codebook comes from."""
        return self.words("source", file=f"{self.contents.wave.wave_id}.yml")
