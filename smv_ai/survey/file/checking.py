"""What a survey file names must exist: each finding with file, line, key, and the nearest that is allowed.

The form of a file is checked where it is read; here are the names in it, compared with the file itself, with the
product's catalogue and with the columns of the responses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

from smv_ai.suggest import allowed_in_words, is_near_miss
from smv_ai.survey.file.changes import is_same_column, same_measures
from smv_ai.survey.file.columns import ALWAYS, NOT_IN_NAMES, NUMBER, KnownColumns, Loaded
from smv_ai.survey.file.conditions import Rule
from smv_ai.survey.file.expansion import Surveys
from smv_ai.survey.file.items import CODE, DEFAULT_BASE, OPTION_LISTS, AskedItem, WaveFile
from smv_ai.survey.file.measures import TABLE, Measure, OwnIndicator, measures_of
from smv_ai.survey.file.model import Calibration, Estimate, Option, Question, Table
from smv_ai.survey.file.names import DIMENSIONS
from smv_ai.survey.file.quality import quality_faults
from smv_ai.survey.file.reading import FOLDER, PASSED_OVER, SUFFIX, Line, Place, Problem, Read
from smv_ai.survey.file.sample import sample_faults

MADE = "__"
KINDS = ("share", "firms", "mean", "total", "per", "count")
ITEM = "{item}"
# Who writes one of these wants a question tabulated.
TABULATED = {"as_", "share", "statistics", "about", "answer", "technology", "barrier", "mean", "total", "change"}
NAME = re.compile("[a-z0-9][a-z0-9_]*")
NAMED = (
    "bases", "options", "groups", "questions", "estimates", "indicators", "themes", "constructs", "units",
    "statistical_units", "modes", "quality",
)  # fmt: skip
LARGEST_CODE = 32767
NEEDED_COLUMNS = ("respondent_id", "stratum_id", "design_weight", "stratum_population_size")
PERCENT = "percent"
NEEDED = 2  # weight of what follows from something else


# What both waves of a change must have alike, and what is said where they do not.
UNLIKE_IN_CHANGE = {
    "calibrate": "is calibrated otherwise (not at all, or by another method, bounds or residual_weights)",
    "trim": "has weights trimmed otherwise",
}
NOT_IN_CHANGE = "a change is not estimated with {what}: those{whose} are of one sample, a change is of two; leave {out}"


def _of_change(wave: WaveFile, key: str) -> object:
    """What of a key must be alike; margins may differ."""
    found = getattr(wave.file, key)
    return (found.method, found.bounds, found.residual_weights) if key == "calibrate" and found else found


class _Check:
    """Everything that one file names."""

    def __init__(self, read: Read, wave: WaveFile, surveys: Surveys, columns: KnownColumns) -> None:
        self.read, self.wave, self.surveys, self.columns = read, wave, surveys, columns
        self.file, self.names = wave.file, wave.names

    def run(self) -> None:
        """Note what is wrong; what follows from a wrong name is left to the next run."""
        self._survey()
        self._bases()
        self._form_of_names()
        self._own_codes()
        for name, options in self.file.options.items():
            self._options(options, ("options", name))
        for column in self.file.groups:
            self._group(column)
        for key, question in self.file.questions.items():
            self._question(key, question, ("questions", key))
        for name, estimate in self.file.estimates.items():
            self._estimate(name, estimate, self.wave.item_by_id.get(estimate.of or ""), ("estimates", name))
        self._rule(self.file.valid, ("valid",))
        self._tables(self.file.tables, ("tables",))
        self._cross()
        self._compare()
        self._calibration()
        self._weights()
        for place, message in sample_faults(self.file):
            self.note(place, message)
        self._quality()
        self._change()
        if not self.read.problems:
            self._circles()
            self._measures()
            self._nothing_to_cross()
            self._loaded()

    def note(self, place: Place, message: str, weight: int = 1) -> None:
        """Note a finding."""
        self.read.problem(place, message, weight)

    def _named(self, name: str | None, known: Collection[str], what: str, place: Place) -> None:
        """Note a name that is not among the known ones."""
        if name is not None and name not in known:
            self.note(place, f"'{name}' is no {what}; {allowed_in_words(name, known)}")

    def _own(self, kind: str, own: Iterable[str]) -> list[str]:
        return [*own, *self.names.of(kind)]

    def _survey(self) -> None:
        survey, wave = self.file.survey, self.file.wave
        known = self.names.of("survey")
        near = next((other for other in known if is_near_miss(survey.id, other)), None)
        if self.wave.is_own and near:
            self.note(
                ("survey",), f"'{survey.id}' looks like survey '{near}' of the catalogue; did you mean '{near}'?", 0
            )
        of_catalogue = self.names.survey_of.get(("survey_wave", self.wave.wave_id))
        if of_catalogue not in (None, survey.id):
            self.note(("survey",), f"wave {self.wave.wave_id} is of survey {of_catalogue}, not '{survey.id}'", 0)
        self._named(
            survey.unit,
            self._own("statistical_unit", self.file.statistical_units),
            "statistical unit",
            ("survey", "unit"),
        )
        self._named(wave.mode, self._own("mode", self.file.modes), "mode of collection", ("wave", "mode"))
        self._named(self.file.theme, self._own("theme", self.file.themes), "theme", ("theme",))
        if wave.fieldwork is not None:
            self._dates(wave.fieldwork)

    def _form_of_names(self) -> None:
        """Names become ids, of which columns, files and addresses are made."""
        for section in NAMED:
            for name in getattr(self.file, section):
                if not NAME.fullmatch(name):
                    self.note((section, name), f"'{name}' is no name; lower-case letters, digits and underscores")
        for key, question in self.file.questions.items():
            for part in ("items", "estimates"):
                for name in getattr(question, part) or {}:
                    if not NAME.fullmatch(name.replace(ITEM, "x")):
                        message = f"'{name}' is no name; lower-case letters, digits and underscores"
                        self.note(("questions", key, part, name), message)
            if question.column is not None and (found := NOT_IN_NAMES.search(question.column)):
                self.note(("questions", key, "column"), f"a name of a column cannot hold {found.group()!r}")

    def _own_codes(self) -> None:
        """Codes of the survey's own must not be those of the product."""
        kinds = {
            "themes": "theme", "constructs": "construct", "units": "unit", "modes": "mode",
            "statistical_units": "statistical_unit", "indicators": "indicator",
        }  # fmt: skip
        for section, kind in kinds.items():
            for name in getattr(self.file, section):
                if name in self.names.of(kind):
                    self.note(
                        (section, name), f"'{name}' is one of the product's already; use it, or name it otherwise"
                    )
        for name, indicator in self.file.indicators.items():
            place = ("indicators", name)
            self._named(indicator.theme, self._own("theme", self.file.themes), "theme", (*place, "theme"))
            constructs = self._own("construct", self.file.constructs)
            self._named(indicator.construct_, constructs, "construct", (*place, "construct"))

    def _dates(self, text: str) -> None:
        try:
            first, last = (date.fromisoformat(part) for part in text.split("/"))
        except ValueError:
            self.note(("wave", "fieldwork"), f"'{text}' holds a day that does not exist")
            return
        if first > last:
            self.note(("wave", "fieldwork"), f"'{text}' ends before it begins")

    def _known_bases(self) -> list[str]:
        of_survey = [
            base for base in self.names.of("base") if self.names.survey_of.get(("base", base)) == self.wave.survey_id
        ]
        default = [DEFAULT_BASE] if self.wave.is_own and self.wave.default_base == DEFAULT_BASE else []
        return list(dict.fromkeys([*self.file.bases, *default, *of_survey]))

    def _bases(self) -> None:
        self._named(self.file.base, self._known_bases(), "base", ("base",))
        for name, base in self.file.bases.items():
            self._rule(base.where, ("bases", name, "where"))
            if base.label is None and name not in self.names.of("base"):
                known = [other for other in self._known_bases() if other != name]
                near = f"; {allowed_in_words(name, known)}" if not self.wave.is_own else ""
                self.note(("bases", name), f"'{name}' is not in the catalogue, so it needs a label{near}")
        if self.wave.default_base not in self._known_bases():
            self.note(("base",), "is missing: which base of the catalogue are all firms of the survey?")

    def _options(self, options: dict[str, Option], place: Place) -> None:
        codes = [name for name, option in options.items() if option.codes is None]
        for name, option in options.items():
            here = (*place, name)
            if option.codes is None and not CODE.fullmatch(name):
                self.note(
                    here, f"'{name}' is no answer code; write a whole number, or codes: [1, 2] for a group of answers"
                )
            elif option.codes is None and abs(int(name)) > LARGEST_CODE:
                self.note(
                    here, f"'{name}' is out of range; allowed: whole numbers from -{LARGEST_CODE} to {LARGEST_CODE}"
                )
            for code in option.codes or []:
                self._named(str(code), codes, "answer code of the list", (*here, "codes"))
            if option.category is not None and not self.wave.is_own:
                self._named(option.category, self.names.of("answer"), "answer category", (*here, "category"))
        if not codes:
            self.note(place, "holds no answer code")

    def _rule(self, rule: Rule | None, place: Place, item: AskedItem | None = None, spared: str | None = None) -> None:
        """Note columns and values of a condition that do not exist; `spared` is the column that it makes."""
        if rule is None:
            return
        for condition in self.wave.read(rule, item).conditions:
            for column in condition.columns:
                if ITEM in column:
                    self.note(place, f"'{column}' is for a battery; the question has no items")
                elif column == spared:
                    self.note(place, f"'{column}' is put together from itself")
                elif (fault := self.columns.fault(column)) is not None:
                    self.note(place, fault)
                else:
                    for message in self.columns.value_faults(column, condition.values):
                        self.note(place, message)

    def _group(self, column: str) -> None:
        group, place = self.file.groups[column], ("groups", column)
        self._name(column, place)
        for value, rule in group.rules.items():
            self._rule(rule, (*place, "rules", value), spared=column)
            if column in DIMENSIONS:
                self._named(value, self.names.of(column), f"code of {column}", (*place, "rules", value))
        if group.rules and self.columns.loaded is not None and column in self.columns.loaded.columns:
            self.note(
                place, f"'{column}' has rules, but stands in {self.columns.loaded.place} as well; name it otherwise"
            )
        is_answer = column in self.columns.items
        if not group.rules and not is_answer and (fault := self.columns_of_file(column)) is not None:
            self.note(place, fault)
        known = list(group.rules) if group.rules else self.columns.values(column)
        for value in group.values:
            if known is not None:
                self._named(value, known, f"value of {column}", (*place, "values", value))

    def columns_of_file(self, column: str) -> str | None:
        """What is wrong with a column that the response file must have; None where it has it or nothing is known."""
        loaded = self.columns.loaded
        if loaded is None or column in loaded.columns:
            return None
        return f"'{column}' is no column of {loaded.place}; {allowed_in_words(column, list(loaded.columns))}"

    def _name(self, name: str, place: Place) -> None:
        if MADE in name:
            self.note(place, f"'{name}' holds two underscores in a row, as names do that are made here; write one")
        if name in ALWAYS:
            self.note(place, f"'{name}' is a column of every response file; name it otherwise")
        if name in self.file.groups and name in self.file.questions:
            self.note(place, f"'{name}' is a question and a group; name one of them otherwise")

    def _question(self, key: str, question: Question, place: Place) -> None:
        self._name(key, place)
        self._answers(key, question, place)
        self._named(question.base, self._known_bases(), "base", (*place, "base"))
        self._named(question.question, self.names.of("question"), "question of the catalogue", (*place, "question"))
        self._subjects(question, place)
        self._named(question.theme, self._own("theme", self.file.themes), "theme", (*place, "theme"))
        self._named(
            question.construct_, self._own("construct", self.file.constructs), "construct", (*place, "construct")
        )
        items = [item for item in self.wave.items if item.key == key]
        for item in items[:1] if question.items is None else items:
            self._rule(question.asked_if, (*place, "asked_if"), item)
            self._rule(question.where, (*place, "where"), item)
            for value, rule in question.rules.items():
                self._rule(rule, (*place, "rules", value), item, spared=item.column)
        for name, estimate in (question.estimates or {}).items():
            of = self.wave.item_by_id.get(estimate.of) if estimate.of else (items[0] if items else None)
            here = (*place, "estimates", name)
            self._estimate(name, estimate, of, here)
            if question.items is not None and name != TABLE and estimate.of is None and ITEM not in name:
                self.note(here, f"'{name}' would be the name of {len(items)} estimates; put {{item}} into it")
            if question.items is None and ITEM in name:
                self.note(here, f"'{name}' is for a battery; the question has no items")
        self._battery(question, place)
        self._left_out(key, question, place)

    def _left_out(self, key: str, question: Question, place: Place) -> None:
        """A question that would be left out of the tables because the indicator that it means is misspelt."""
        if self.file.tabulate == "all" or question.estimates is not None or question.indicator is not None:
            return
        name, known = question.as_ or key, self.names.of("indicator")
        near = next((other for other in known if is_near_miss(name, other)), None)
        if name not in known and (near is not None or question.model_fields_set & TABULATED):
            where = (*place, "as") if question.as_ else place
            self.note(
                where,
                f"'{name}' is no indicator of the catalogue, so nothing would be estimated of the question;"
                f" {allowed_in_words(name, known)}",
            )

    def _answers(self, key: str, question: Question, place: Place) -> None:
        name, options = self.wave.option_list(key, question)
        if question.option_list is not None:
            self._named(name, [*self.file.options, *OPTION_LISTS], "list of answers", (*place, "options"))
        elif question.options is not None:
            self._options(options, (*place, "options"))
        elif not question.number:
            self.note(
                place, "has no answers: name a list under options (yes_no, ticked), write them there, or number: true"
            )
        for value in question.rules if question.number else ():
            if not NUMBER.fullmatch(value):
                self.note((*place, "rules", value), f"'{value}' is not a number, but {key} is one")
        if question.number and (question.options is not None or question.option_list is not None):
            self.note((*place, "options"), "a number has no answers; take out options, or number: true")
        if not options:
            return
        codes = [code for code, option in options.items() if option.codes is None]
        for code in question.share or []:
            self._named(str(code), codes, f"answer code of {key}", (*place, "share"))
        for value in question.rules:
            self._named(value, [*codes, *self.columns.reserved], f"answer code of {key}", (*place, "rules", value))

    def _battery(self, question: Question, place: Place) -> None:
        if question.items is None:
            if ITEM in (question.column or ""):
                self.note((*place, "column"), "{item} is for a battery; the question has no items")
            if question.about is not None:
                self.note(
                    (*place, "about"), f"is for a battery; write {question.about}: and what the question is about"
                )
            return
        if not question.items:
            self.note((*place, "items"), "holds no item")
        if question.column is not None and ITEM not in question.column:
            self.note((*place, "column"), "would be the column of every item; put {item} into it")
        if question.about is None or (question.about == "answer" and self.wave.is_own):
            return
        for number, (member, item) in enumerate(question.items.items()):
            if item is not None:
                place_of = (*place, "items", member)
                listed = (*place, "items", number)
                found = place_of if self.read.tree and place_of in self.read.tree.lines else listed
                self._named(item.about or member, self.names.of(question.about), question.about, found)

    def _subjects(self, given: Question | Estimate, place: Place) -> None:
        known = self._own("indicator", self.file.indicators)
        self._named(given.indicator, known, "indicator of the catalogue or the file", (*place, "indicator"))
        for kind in ("technology", "barrier"):
            self._named(getattr(given, kind), self.names.of(kind), kind, (*place, kind))
        if not self.wave.is_own:
            self._named(given.answer, self.names.of("answer"), "answer category", (*place, "answer"))
        for kind in ("mean", "total", "unit"):
            unit = getattr(given, kind, None)
            self._named(unit, self._own("unit", self.file.units), "unit", (*place, kind))

    def _estimate(self, name: str, estimate: Estimate, item: AskedItem | None, place: Place) -> None:
        self._subjects(estimate, place)
        self._named(estimate.base, self._known_bases(), "base", (*place, "base"))
        self._rule(estimate.where, (*place, "where"), item)
        items = list(self.wave.item_by_id)
        self._named(estimate.of, items, "item of the file", (*place, "of"))
        self._named(estimate.per, items, "item of the file", (*place, "per"))
        said = [kind for kind in KINDS if getattr(estimate, kind) not in (None, False)]
        if name == TABLE:
            if said:
                self.note((*place, said[0]), "table is the table of all answers; give the estimate another name")
            return
        if len(said) > 1:
            self.note((*place, said[1]), f"an estimate is one of {', '.join(KINDS)}; here {' and '.join(said)}")
        if estimate.of is None and item is None and said != ["count"]:
            self.note(place, "needs 'of': the item that is estimated, or count: true for a number of firms")
        if item is None or (estimate.of is not None and estimate.of not in items):
            return
        if not said and not item.is_pair:
            self.note(place, f"says nothing to estimate; one of {', '.join(KINDS)}")
        self._ratio(item, self.wave.item_by_id.get(estimate.per or ""), place)
        codes = [str(code) for code in item.options]
        for kind in ("share", "firms", "scores"):
            for code in getattr(estimate, kind) or []:
                self._named(str(code), codes, f"answer code of {item.key}", (*place, kind))

    def _ratio(self, item: AskedItem, per: AskedItem | None, place: Place) -> None:
        for of, here in ((item, place), (per, (*place, "per"))):
            if per is not None and of is not None and not of.question.number:
                self.note(here, f"'{of.item_id}' is no number; a ratio is of the totals of two numbers")

    def _tables(self, tables: list[Table] | None, place: Place) -> None:
        seen: dict[str, int] = {}
        for number, table in enumerate(tables or []):
            here = (*place, number)
            if table.id in seen:
                self.note(here, f"'{table.id}' stands there twice; keep one, or name one otherwise: {{name: a × b}}")
            seen.setdefault(table.id, number)
            for column in table.columns:
                if (fault := self.columns.fault(column)) is not None:
                    self.note(here, fault)
                elif (item := self.columns.items.get(column)) is not None and item.question.number:
                    self.note(here, f"'{column}' is a number; make groups of it with rules first")

    def _cross(self) -> None:
        """Two columns each, the first one a question with answers that are codes."""
        self._tables(self.file.cross, ("cross",))
        for number, table in enumerate(self.file.cross):
            here: Place = ("cross", number)
            if len(table.columns) != 2 or table.columns[0] == table.columns[1]:
                self.note(here, "crosses one question with another: trust × uses_ai")
                continue
            rows = table.columns[0]
            if self.columns.fault(rows) is None and rows not in self.columns.items:
                asked = list(self.columns.items)
                self.note(here, f"'{rows}' is no question of the file; {allowed_in_words(rows, asked)}")

    def _nothing_to_cross(self) -> None:
        measured = {measure.item.column for measure in measures_of(self.wave) if measure.item}
        for number, rows in enumerate(table.columns[0] for table in self.file.cross):
            if rows not in measured:
                self.note(("cross", number), f"nothing is estimated of '{rows}', so there is nothing to cross")

    def _compare(self) -> None:
        """Pairs of two groups of a table of one column."""
        single = {table.id: table.columns[0] for table in self.file.tables or [] if len(table.columns) == 1}
        for table, pairs in self.file.compare.items():
            place: Place = ("compare", table)
            if table not in single:
                self.note(place, f"'{table}' is no table of one column; {allowed_in_words(table, single)}")
                continue
            known, seen = self.columns.values(single[table]), set[frozenset[str]]()
            for number, pair in enumerate(pairs):
                here = (*place, number)
                if pair[0] == pair[1] or frozenset(pair) in seen:
                    self.note(here, f"{pair[0]} and {pair[1]}: a pair is of two groups, and stands there once")
                    continue
                seen.add(frozenset(pair))
                for group in pair if known is not None else []:
                    self._named(group, known or [], f"value of {single[table]}", here)

    def _quality(self) -> None:
        for name, rule in self.file.quality.items():
            for key, message in quality_faults(name, rule, self.names):
                self.note(("quality", name, key) if key else ("quality", name), message)

    def _calibration(self) -> None:
        calibration = self.file.calibrate
        if calibration is None:
            return
        place: Place = ("calibrate", "margins")
        totals = {column: sum(counts.values()) for column, counts in calibration.margins.items()}
        for column, counts in calibration.margins.items():
            if (fault := self.columns.fault(column)) is not None:
                self.note((*place, column), fault)
                continue
            if not totals[column]:
                found = "its counts add up to 0" if counts else "names no category"
                self.note((*place, column), f"{found}; write the population of each: {{small: 900, large: 100}}")
                continue
            known = self.columns.values(column)
            for value in counts:
                if known is not None:
                    self._named(value, known, f"value of {column}", (*place, column, value))
        self._totals()
        if len(set(totals.values())) > 1 and all(totals.values()):
            shown = ", ".join(f"{column} {total}" for column, total in totals.items())
            self.note(place, f"the margins add up to different numbers of firms: {shown}; they must agree")

    def _totals(self) -> None:
        """Totals of numbers, and bounds, of methods that can meet them."""
        calibration = self.file.calibrate
        assert calibration is not None
        place: Place = ("calibrate",)
        method, bounds = calibration.method, calibration.bounds
        if not calibration.margins and not calibration.totals:
            self.note(place, "needs margins, totals or both")
        if calibration.totals and method in ("rake", "poststratify"):
            self.note(
                (*place, "method"), f"'{method}' meets margins only; for totals: raking, linear, logit or truncated"
            )
        if calibration.totals and not calibration.margins and calibration.firms is None:
            self.note((*place, "totals"), "totals alone leave open how many firms there are; add firms: <number>")
        for column in calibration.totals:
            if (fault := self.columns.number_fault(column, "a total is one of numbers")) is not None:
                self.note((*place, "totals", column), fault)
        if method in ("logit", "truncated") and bounds is None:
            self.note((*place, "method"), f"'{method}' needs bounds: [least, largest]")
        if bounds is not None and method not in ("logit", "truncated"):
            self.note((*place, "bounds"), f"'{method}' keeps no bounds; logit and truncated do")
        if bounds is not None and not bounds[0] < 1 < bounds[1]:
            self.note((*place, "bounds"), f"{bounds}: a factor of 1 must lie between them")

    def _weights(self) -> None:
        """Limits of weights, and replicate weights."""
        trim, replicates = self.file.trim, self.file.replicates
        if trim is not None and trim.lower is None and trim.upper is None:
            self.note(("trim",), "needs lower, upper or both")
        if trim is not None and None not in (trim.lower, trim.upper) and not (trim.lower or 0) < (trim.upper or 0):
            self.note(("trim",), f"lower {trim.lower} is not below upper {trim.upper}")
        if replicates is None:
            return
        place: Place = ("replicates", "columns")
        found = (self.columns.number_fault(column, "a replicate weight is one") for column in replicates.columns)
        if faults := [fault for fault in found if fault is not None]:
            others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            self.note(place, f"{faults[0]}{others}", NEEDED)
        twice = [column for column, count in Counter(replicates.columns).items() if count > 1]
        if twice:
            self.note(place, f"'{twice[0]}' stands there twice; each column is one replicate")
        elif len(replicates.columns) == 1:
            self.note(place, "one replicate has no variance; name at least two columns")
        if self.file.calibrate is not None:
            self.note(
                ("replicates",),
                "replicate weights belong to weights that are calibrated already; leave out calibrate or replicates",
            )

    def _change(self) -> None:
        change = self.file.change
        if change is None:
            return
        self._tables(change.tables, ("change", "tables"))
        others = {wave.wave_id: wave for wave in self.surveys.waves if wave.wave_id != self.wave.wave_id}
        self._named(change.since, list(others), "wave with a survey file", ("change", "since"))
        earlier = others.get(change.since)
        self._weights_of_change([self.wave, *([earlier] if earlier else [])])
        if earlier is None:
            return
        if earlier.survey_id != self.wave.survey_id:
            self.note(("change", "since"), f"'{change.since}' is a wave of survey {earlier.survey_id}")
        elif not same_measures(self.wave, earlier):
            message = f"no estimate is defined alike in both waves; write wave: {{continues: {change.since}}}"
            self.note(("change",), f"{message} and leave what is the same out of the file")
        tables = self.file.tables if change.tables is None else change.tables
        for column in dict.fromkeys(column for table in tables or [] for column in table.columns):
            if not is_same_column(column, self.wave, earlier):
                self.note(
                    ("change", "since"),
                    f"'{column}' is not made alike in {change.since}; leave it out of the tables of the change",
                )

    def _weights_of_change(self, waves: list[WaveFile]) -> None:
        """A change takes both waves as one sample with strata; what only one of them has would be left out of it."""
        for wave in waves:
            whose = "" if wave is self.wave else f" of {wave.wave_id}"
            found = {"replicate weights": wave.file.replicates, "totals": (wave.file.calibrate or Calibration()).totals}
            for what in [what for what, given in found.items() if given]:
                out = f"it out, or {what.split()[0]}"
                self.note(("change",), NOT_IN_CHANGE.format(what=what, whose=whose, out=out))
        for key, words in UNLIKE_IN_CHANGE.items():
            if len(waves) == 2 and _of_change(waves[0], key) != _of_change(waves[1], key):
                told = f"{waves[1].wave_id} {words}, so levels and change would not agree; make both alike"
                self.note(("change",), told)

    def _circles(self) -> None:
        """Derived columns that look at one another in a circle."""
        inputs: dict[str, set[str]] = {
            item.column: {name for rule in item.question.rules.values() for name in self.wave.read(rule, item).columns}
            for item in self.wave.items
            if item.question.rules
        }
        for column, group in self.file.groups.items():
            if group.rules:
                inputs[column] = {name for rule in group.rules.values() for name in self.wave.read(rule).columns}
        waiting = dict(inputs)
        while ready := [column for column, needed in waiting.items() if not needed & set(waiting)]:
            for column in ready:
                del waiting[column]
        for column in waiting:
            others = ", ".join(sorted(waiting[column] & set(waiting)))
            item = self.columns.items.get(column)
            place: Place = ("questions", item.key) if item else ("groups", column)
            self.note(place, f"'{column}' looks at {others}, which looks at it in turn")

    def _measures(self) -> None:
        """Names that stand twice, and estimates that would be one observation."""
        columns: dict[str, AskedItem] = {}
        for item in self.wave.items:
            if item.column in columns:
                self.note(
                    ("questions", item.key), f"column '{item.column}' is that of {columns[item.column].key} as well"
                )
            columns.setdefault(item.column, item)
        names: dict[str, Measure] = {}
        observations: dict[tuple[str | None, ...], Measure] = {}
        for measure in measures_of(self.wave):
            self._quantiles(measure)
            if (other := names.get(measure.measure_id)) is not None:
                self.note(
                    measure.place, f"estimate '{measure.measure_id}' has the name of one at {_shown(other.place)}"
                )
            names.setdefault(measure.measure_id, measure)
            if isinstance(measure.indicator, OwnIndicator) and not measure.indicator.is_shared:
                self._made_indicator(measure, measure.indicator.indicator_id.removeprefix(f"{self.wave.survey_id}_"))
            is_of_numbers = measure.item is not None and measure.item.question.number
            if measure.unit == PERCENT and is_of_numbers and measure.statistic != "ratio":
                way_out = "name a unit of the survey's own under units, or the share of a question with answers"
                self.note(measure.place, f"in percent a number is shown a hundred times as large; {way_out}")
            if measure.unit is None and measure.indicator_id is not None and measure.statistic == "ratio":
                self.note(
                    measure.place, "a ratio needs its unit: unit: percent, or one of the survey's own under units"
                )
            key = (
                measure.indicator_id, measure.base, measure.answer, measure.technology, measure.barrier, measure.unit,
            )  # fmt: skip
            twin = observations.get(key)
            if twin is not None and twin.measure_id != measure.measure_id:
                hint = "name another indicator, answer or base for one of them"
                self.note(
                    measure.place, f"'{measure.measure_id}' and '{twin.measure_id}' would be one observation; {hint}"
                )
            observations.setdefault(key, measure)

    def _quantiles(self, measure: Measure) -> None:
        """Quantiles are of numbers, beside their mean."""
        asked = measure.estimate.quantiles or (measure.item.question.quantiles if measure.item else None)
        if asked is None:
            return
        place: Place = measure.place
        if measure.item is None or not measure.item.question.number:
            self.note(place, "quantiles are of numbers; an item with answer codes has its table of shares")
        elif measure.statistic == "mean" and len(set(asked.at)) < len(asked.at):
            self.note(place, "a quantile stands twice")

    def _made_indicator(self, measure: Measure, name: str) -> None:
        """An indicator that is made because a name is misspelt would take its estimates out of every comparison."""
        known = self._own("indicator", self.file.indicators)
        near = next((other for other in known if is_near_miss(name, other)), None)
        if self.file.tabulate == "named":
            self.note(
                measure.place, f"'{name}' is no indicator of the catalogue or the file; {allowed_in_words(name, known)}"
            )
        elif near is not None:
            self.note(
                measure.place, f"'{name}' looks like indicator '{near}'; write indicator: {near}, or name it otherwise"
            )

    def _loaded(self) -> None:
        """Columns that the responses must have, and values in them that are no codes of their dimension."""
        loaded = self.columns.loaded
        if loaded is None:
            return
        # a plan of the demonstration says who answered, and the rest is worked out
        is_plan = loaded.place.endswith(SUFFIX)
        for name in () if is_plan else NEEDED_COLUMNS:
            if name not in loaded.columns:
                self.note((), f"{loaded.place} has no column {name}, which every response file needs", NEEDED)
        for item in self.wave.items:
            if not item.question.rules and (fault := self.columns_of_file(item.column)) is not None:
                self.note(("questions", item.key), fault, NEEDED)
        change = self.file.change
        tables = [*(self.file.tables or []), *((change.tables if change else None) or [])]
        broken_down = {column for table in tables for column in table.columns}
        for column in [name for name in DIMENSIONS if name in broken_down and name in loaded.columns]:
            known = list(self.names.of(column))
            for value in loaded.columns[column]() or []:
                if value not in known:
                    message = (
                        f"{loaded.place}: '{value}' in column {column} is no code; {allowed_in_words(value, known)}"
                    )
                    self.note(("tables",), message, NEEDED)


def _shown(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _stray(folder: Path) -> Iterator[Problem]:
    """Files in the folder that would not be read."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name not in PASSED_OVER and path.suffix != SUFFIX:
            yield Problem(Line(f"{FOLDER}/{path.name}", 1), "", f"does not end in {SUFFIX}, so it would not be read", 0)


def survey_problems(
    project: Path, surveys: Surveys, loaded: dict[str, Loaded], reserved: tuple[str, ...]
) -> list[Problem]:
    """All that is wrong in the survey files of a project.

    `loaded` are the columns of waves with responses or a plan, `reserved` the codes that stand for no answer. Names are
    looked at where the form of a file is right.
    """
    found = list(_stray(project / FOLDER))
    by_id = {wave.wave_id: wave for wave in surveys.waves}
    for read in surveys.reads:
        problems = list(read.problems)
        if not problems and (wave := by_id.get(read.wave_id)) is not None:
            checked = Read(read.wave_id, read.path, read.tree, read.file)
            columns = KnownColumns(wave, loaded.get(read.wave_id), reserved)
            _Check(checked, wave, surveys, columns).run()
            problems = checked.problems
        found += problems
    return list(dict.fromkeys(found))
