"""A draft of a survey file from an export: what is known from the tool's definition, and what the answers suggest.

Whatever is only suggested is a decision of a person: it is written with a mark and with the reason
(`Question.decisions`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from smv_ai.intake.coding import Marks
from smv_ai.intake.definition import Asked, Choice
from smv_ai.intake.finding import columns_of_asked, in_order, inferred
from smv_ai.intake.joined import is_ranking, joins_labels, some_texts
from smv_ai.intake.personal import is_free_text, kind_of
from smv_ai.intake.tools import TOOLS, Export
from smv_ai.intake.words import NOT_TICKED, TICKED, name_from, plain, reason_of
from smv_ai.survey.texts import clear

# Tools whose own names of questions are names that a person chose.
NAMED_BY_PEOPLE = ("qualtrics", "limesurvey", "redcap", "kobo", "spss", "stata", "table")
RESPONDENT = (
    "externkey", "redcap_survey_identifier", "survey identifier", "token", "access code", "externalreference",
    "externaldatareference", "custom data 1", "firm_key",
    "virksomhedens nøgle", "nøgle", "key", "id_key", "respondent_key", "respondentnøgle", "respondentid",
    "respondent id", "responseid",
    "response id", "record_id", "record id", "_uuid", "_id", "respondent", "id",
)  # fmt: skip
# What a whole file may write where there is no answer.
NOTHING = {"N/A", "-99", "{question_not_shown}"}
STATUS_DONE = re.compile(r"(gennemført|afsluttet|complete[d]?|finished|fuldført)", re.IGNORECASE)
MET = "the answers are those that were met; correct their order and add those that nobody gave"
# Forms sets a statement behind its question with a stop and no space: 'How much.Trust'
STATEMENT = re.compile(r"(.*\s.*)\.([^\W\d].*)")
MOST_IN_A_SCALE = 11
OTHER_OF_LIMESURVEY = "-oth-"
MOST_TEXTS = 5000
ROUTED = 0.7
IN_WORDS = {"not_shown": "not asked", "no_answer": "no answer", "dont_know": "don't know"}


@dataclass(frozen=True)
class DraftItem:
    """A box or a row of a matrix: its name, label and column, or its text in a joined column."""

    name: str
    label: str
    source: str
    open: bool = False


@dataclass(frozen=True)
class DraftOption:
    """An answer: its code, its label, and how the export writes it where neither says so."""

    code: int
    label: str
    source: list[str] = field(default_factory=list)
    open: bool = False
    column: str = ""


@dataclass
class DraftQuestion:
    """A question of the draft; `kind` as in Asked, `source` is its column where it has one."""

    name: str
    label: str
    kind: str
    source: str = ""
    options: list[DraftOption] = field(default_factory=list)
    items: list[DraftItem] = field(default_factory=list)
    separator: str | None = None
    missing: dict[str, list[str]] = field(default_factory=dict)
    asked_if: str | None = None
    decisions: list[str] = field(default_factory=list)
    asked: Asked | None = None

    @property
    def columns(self) -> list[str]:
        """Its columns of the export."""
        return [self.source] if self.source else [item.source for item in self.items]


@dataclass
class Draft:
    """Everything that the draft of a survey file says."""

    export: Export
    questions: list[DraftQuestion]
    respondent: str | None
    valid: dict[str, list[str]]
    drop: dict[str, list[str]]
    never_load: dict[str, str]
    marks: Marks
    missing: dict[str, list[str]]
    left_over: list[str]
    decisions: list[str]


def draft_of(export: Export) -> Draft:
    """The draft for an export."""
    decisions: list[str] = list(export.definition.unread) if export.definition else []
    own = set(export.own_columns())
    respondent = _respondent(export)
    valid, drop = _valid(export), _drop(export, respondent)
    valid, drop = _one_row_a_record(export, valid, drop, decisions)
    aside = own | {respondent or ""} | set(valid)
    questions = _defined(export, aside) if export.definition else []
    used = {column for question in questions for column in question.columns}
    if not questions:
        questions = [_met(_from(export, asked)) for asked in inferred(export, aside)]
        used = {column for question in questions for column in question.columns}
    questions = _batteries([question for question in questions if question.columns])
    never = _never_load(export, questions, used | aside)
    decisions += _of_no_place(export, never)
    questions = [
        question for question in questions if question.kind != "text" and not set(question.columns) & set(never)
    ]
    _name(questions, export, never)
    marks = _marks(export, questions)
    _route(export, questions)
    left = [name for name in export.table.columns if name not in used | aside and name not in never]
    missing = _missing_of_tool(export)
    return Draft(export, questions, respondent, valid, drop, never, marks, missing, left, decisions)


def _of_no_place(export: Export, never: Iterable[str]) -> list[str]:
    """What stays outside because a survey file has no place for it, with the way out."""
    columns = export.table.columns
    return [
        f"'{name}' is a ranking: every answer lists the same choices in an order; load it from an export that has a"
        " column for each choice or rank"
        for name in never
        if is_ranking(columns[name], export.tool)
    ] + [
        f"'{name}' holds labels of several choices with a space between, which cannot be told apart: name the XLSForm"
        " as well, or export XML values, or a column for each choice"
        for name in never
        if export.tool == "kobo" and joins_labels(columns[name])
    ]


def _missing_of_tool(export: Export) -> dict[str, list[str]]:
    """How the tool itself writes why there is no answer; Stata's letters mean what their labels say, or no answer."""
    if export.tool != "stata":
        return {"limesurvey": {"not_shown": ["N/A", "{question_not_shown}"]}, "qualtrics": {"no_answer": ["-99"]}}.get(
            export.tool, {}
        )
    letters = {
        text
        for column in export.table.columns.values()
        for text in some_texts(column)
        if re.fullmatch(r"\.[a-z]", text)
    }
    labels = {choice.code: choice.text for asked in export.definition or [] for choice in asked.choices}
    found: dict[str, list[str]] = {}
    for letter in sorted(letters):
        found.setdefault(reason_of(labels.get(letter, "")) or "no_answer", []).append(letter)
    return found


# --- rows and respondents


def _respondent(export: Export) -> str | None:
    by_plain = {plain(name): name for name in export.table.columns}
    for wanted in RESPONDENT:
        name = by_plain.get(wanted)
        if name is None:
            continue
        if export.table.columns[name].is_filled.mean() >= 0.9:
            return name
    if export.tool == "redcap":
        return next(iter(export.table.columns))
    return next((name for plain_name, name in by_plain.items() if re.search(r"\b(nøgle|key)\b", plain_name)), None)


def _valid(export: Export) -> dict[str, list[str]]:
    names = {plain(name): name for name in export.table.columns}
    known = TOOLS[export.tool].valid
    found = {names[plain(name)]: values for name, values in known.items() if plain(name) in names}
    if found:
        return dict(list(found.items())[:1])
    for asked in export.definition or []:
        done = [choice.code for choice in asked.choices if STATUS_DONE.fullmatch(choice.text)]
        if done and plain(asked.name) in names and re.search("stat|finish|complet|gennem", plain(asked.name)):
            return {names[plain(asked.name)]: done}
    for plain_name, name in names.items():
        if re.fullmatch(r"(.*status|(.*[ _])?(finished|completed?|gennemført)\??)", plain_name) or (
            export.tool == "redcap" and plain_name.endswith("_complete")
        ):
            done = [text for text in some_texts(export.table.columns[name]) if STATUS_DONE.fullmatch(text)]
            done = done or (["2"] if export.tool == "redcap" else [])
            if done:
                return {name: done}
    return {}


def _one_row_a_record(
    export: Export, valid: dict[str, list[str]], drop: dict[str, list[str]], decisions: list[str]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """REDCap exports a row for each event and each repeat of a form: only the rows of the first event count here."""
    if export.tool != "redcap":
        return valid, drop
    names = {plain(name): name for name in export.table.columns}

    def of(*known: str) -> str | None:
        return next((names[name] for name in known if name in names), None)

    event, repeat = of("redcap_event_name", "event name"), of("redcap_repeat_instrument", "repeat instrument")
    events = some_texts(export.table.columns[event]) if event else []
    if event and len(events) > 1:
        valid = {event: events[:1]}
        decisions.append(f"the export has rows of {len(events)} events ({_in_quotes(events)}), and a survey file has"
                         f" one: only '{events[0]}' counts; draft another for each other")  # fmt: skip
    if repeat and some_texts(export.table.columns[repeat]):
        drop = drop | {repeat: ["*"]}
        decisions.append(f"'{repeat}' has rows of forms that are filled in several times; they are left out")
    return valid, drop


def _drop(export: Export, respondent: str | None) -> dict[str, list[str]]:
    names = {plain(name): name for name in export.table.columns}
    found: dict[str, list[str]] = {}
    for wanted, values in TOOLS[export.tool].drop.items():
        name = names.get(plain(wanted))
        present = [text for text in some_texts(export.table.columns[name]) if text in values] if name else []
        if name and present:
            found[name] = [value for value in values if value in present]
    if respondent:
        tests = [
            text
            for text in some_texts(export.table.columns[respondent])
            if re.fullmatch(r"test.{0,8}", text, re.IGNORECASE)
        ]
        if tests:
            found[respondent] = list(dict.fromkeys([*found.get(respondent, []), *tests]))
    return found


# --- questions


def _defined(export: Export, aside: set[str]) -> list[DraftQuestion]:
    found: list[DraftQuestion] = []
    used: set[str] = set()
    for asked in export.definition or []:
        located = columns_of_asked(asked, export, used)
        if not located or set(located.values()) & aside:
            continue
        used |= set(located.values())
        found.append(_from(export, asked, located))
    # what the definition does not have is shown all the same
    rest = [asked for asked in inferred(export, aside | used) if not set(asked.columns.values()) & used]
    if export.form not in ("SPSS", "Stata"):
        for asked in rest:
            question = _from(export, asked)
            if question.kind != "text" and not _belongs_to(question, used):
                question.decisions.append("the definition has no such question; take it out if it is none")
                found.append(question)
    return found


def _met(question: DraftQuestion) -> DraftQuestion:
    if question.kind == "single" or question.separator is not None:
        question.decisions.append(MET)
    met = [option.label for option in question.options]
    if question.kind == "single" and len(met) == 1 and plain(met[0]) in TICKED - {"ja", "yes", "y"}:
        question.decisions.append(f"only '{met[0]}' was met, and whoever left it blank has no answer")
    sign = (question.separator or "").strip()
    if sign and (held := [item.label for item in question.items if sign in item.label]):
        question.decisions.append(f"{_in_quotes(held)} {'are' if len(held) > 1 else 'is'} read as one choice, '{sign}'"
                                  " and all; list them apart where they are several")  # fmt: skip
    return question


def _in_quotes(texts: list[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts[:4]) + (" and others" if len(texts) > 4 else "")


def _belongs_to(question: DraftQuestion, used: set[str]) -> bool:
    """Whether its columns are the text beside a box, or parts of a question that is drafted already."""
    return all(
        any(column.startswith(other) or other.startswith(column + "/") for other in used) for column in question.columns
    )


def _from(export: Export, asked: Asked, located: dict[str, str] | None = None) -> DraftQuestion:
    """The question as drafted; `located` gives the column by item or box, or under the empty name the only one."""
    located = located if located is not None else dict(asked.columns)
    question = DraftQuestion(asked.name, asked.text or asked.name, asked.kind, asked=asked)
    columns = [export.table.columns[name] for part, name in located.items() if part != "open"]
    texts = list(dict.fromkeys(text for column in columns for text in some_texts(column)))
    if asked.kind == "several":
        return _several(export, question, asked, located)
    if asked.kind == "matrix":
        names = _item_names([item.code for item in asked.items])
        question.items = [
            DraftItem(name, item.text, located[item.code])
            for name, item in zip(names, asked.items, strict=True) if item.code in located
        ]  # fmt: skip
    else:
        question.source = located[""] if "" in located else next(iter(located.values()))
    if asked.kind == "text" and _all_numbers(texts):
        question.kind = "number"
    if question.kind in ("single", "matrix"):
        _options(question, asked, texts)
    elif question.kind == "number":
        of_tool = {text for said in _missing_of_tool(export).values() for text in said}
        _reasons_among_numbers(question, asked, [text for text in texts if text not in of_tool])
    return question


def _reasons_among_numbers(question: DraftQuestion, asked: Asked, texts: list[str]) -> None:
    """What is written in place of a number, by the reason that it names; the rest is for a person."""
    missing = {reason: list(codes) for reason, codes in asked.missing.items()}
    declared = {code for codes in missing.values() for code in codes}
    for text in texts:
        reason = reason_of(text)
        if reason is not None and text not in declared:
            missing.setdefault(reason, []).append(text)
            question.decisions.append(f"'{text}' in place of a number counts as {IN_WORDS[reason]}")
    question.missing = missing
    named = [choice for choice in asked.choices if choice.code not in declared and reason_of(choice.text) is None]
    if named:
        said = ", ".join(f"{choice.code} ({choice.text})" for choice in named[:6])
        question.decisions.append(f"the file has a label for {said}, and the column other numbers as well; is it one?")


def _all_numbers(texts: list[str]) -> bool:
    filled = [text for text in texts if reason_of(text) is None and text != "-99"]
    return bool(filled) and all(
        Marks(".").number(text) is not None or Marks(",").number(text) is not None for text in filled
    )


def _item_names(codes: list[str]) -> list[str]:
    """Names of items: the tool's own numbers, or else their position."""
    numbers = [code.lstrip("0") or "0" for code in codes]
    if all(number.isdigit() for number in numbers) and len(set(numbers)) == len(numbers):
        return numbers
    return [str(number) for number in range(1, len(codes) + 1)]


def _several(export: Export, question: DraftQuestion, asked: Asked, located: dict[str, str]) -> DraftQuestion:
    names = _item_names([choice.code for choice in asked.choices])
    if "" in located and len(located) == 1:
        question.source = located[""]
        question.separator = asked.separator or TOOLS[export.tool].separator or ";"
        texts = set(some_texts(export.table.columns[question.source]))
        joined = question.separator.join(texts)
        by_code = sum(choice.text in joined for choice in asked.choices) < sum(
            bool(re.search(rf"(^|\W){re.escape(choice.code)}(\W|$)", joined)) for choice in asked.choices
        )
        question.items = [
            DraftItem(name, choice.text, choice.code if by_code else choice.text, choice.open)
            for name, choice in zip(names, asked.choices, strict=True)
        ]
        return question
    for name, choice in zip(names, asked.choices, strict=True):
        if choice.code in located:
            texts = [plain(text) for text in some_texts(export.table.columns[located[choice.code]])]
            known = TICKED | NOT_TICKED | {plain(choice.text), name, "n/a", "-99"}
            is_open = choice.open and any(text not in known and reason_of(text) is None for text in texts)
            question.items.append(DraftItem(name, choice.text, located[choice.code], is_open))
    question.missing = dict(asked.missing)
    return question


def _without_reasons(
    question: DraftQuestion, asked: Asked, declared: set[str], missing: dict[str, list[str]]
) -> list[Choice]:
    """The answers that are none of the reasons of no answer; those are added to `missing`."""
    answers: list[Choice] = []
    for choice in asked.choices:
        reason = reason_of(choice.text)
        if choice.code in declared:
            continue
        if reason is not None:
            missing.setdefault(reason, []).append(choice.code)
            if choice.text != choice.code:
                missing[reason].append(choice.text)
            if reason == "dont_know":
                question.decisions.append(
                    f"'{choice.text}' counts as don't know; list it under options (code -3) to tabulate it"
                )
            elif reason == "no_answer" and choice.text != choice.code:
                question.decisions.append(f"'{choice.text}' counts as no answer; list it under options to tabulate it")
        else:
            answers.append(choice)
    return answers


def _options(question: DraftQuestion, asked: Asked, texts: list[str]) -> None:
    """Answers with codes; what says why there is no answer is no answer."""
    missing: dict[str, list[str]] = {reason: list(codes) for reason, codes in asked.missing.items()}
    declared = {code for codes in missing.values() for code in codes}
    answers = _without_reasons(question, asked, declared, missing)
    opened, column = [choice for choice in answers if choice.open], asked.columns.get("open", "")
    answers = [choice for choice in answers if not (choice.open and column)]
    answers, spellings = _spelled_alike(answers)
    for label, others in spellings.items():
        question.decisions.append(f"{_in_quotes(others)} is read as '{label}'")
    codes = _codes([choice.code for choice in answers])
    plain_codes = {str(code) for code in codes}
    clash = any(
        clear(choice.text) in plain_codes and clear(choice.text) != str(code)
        for code, choice in zip(codes, answers, strict=True)
    )
    by_text = sum(clear(choice.text) in texts for choice in answers) >= sum(
        clear(choice.code) in texts for choice in answers
    )
    for code, choice in zip(codes, answers, strict=True):
        written = [choice.text] if by_text else [choice.code]
        if choice.code == OTHER_OF_LIMESURVEY:
            written = list(dict.fromkeys([choice.code, choice.text, "Andet", "Other"]))
        written += spellings.get(choice.text, [])
        needs = clash or len(written) > 1 or (not by_text and written != [str(code)]) or "|" in choice.text
        question.options.append(DraftOption(code, choice.text, written if needs else []))
    if column:
        code = max(codes, default=0) + 1
        question.options += [DraftOption(code, choice.text, open=True, column=column) for choice in opened]
    present = set(texts)
    by_code = set() if by_text else {clear(choice.code) for choice in asked.choices} | declared
    kept = {
        reason: [text for text in dict.fromkeys(said) if clear(text) in present | by_code]
        for reason, said in missing.items()
    }
    question.missing = {reason: said or missing[reason][:1] for reason, said in kept.items()}


def _spelled_alike(answers: list[Choice]) -> tuple[list[Choice], dict[str, list[str]]]:
    """Answers that were met without those that differ in capitals alone, and how else each is spelled."""
    first: dict[str, Choice] = {}
    others: dict[str, list[str]] = {}
    for choice in answers:
        known = first.setdefault(plain(choice.text) if choice.code == choice.text else choice.code, choice)
        if known is not choice:
            others.setdefault(known.text, []).append(choice.text)
    return list(first.values()), others


def _codes(codes: list[str]) -> list[int]:
    """Codes as whole numbers: those of the tool where they are, or end in, different ones; otherwise the position."""
    for pattern in (r"(\d{1,4})(?:\.0+)?", r"[A-Za-z]+0*(\d{1,4})"):
        found = [re.fullmatch(pattern, code) for code in codes]
        numbers = [int(match[1]) for match in found if match]
        if len(numbers) == len(codes) and len(set(numbers)) == len(numbers):
            return numbers
    return list(range(1, len(codes) + 1))


# --- batteries: rows of a matrix that stand as questions of their own


def _stem(label: str) -> tuple[str, str] | None:
    """The common question and the statement of a label such as 'How much? - Trust' or 'How much?.Trust'."""
    for sign in (" - ", " – ", "?.", " [", ": "):
        head, found, tail = label.rpartition(sign) if sign != "?." else label.partition(sign)
        if found and head and tail:
            return (head + "?" if sign == "?." else head), tail.rstrip("]")
    found = STATEMENT.fullmatch(label)
    return (found[1], found[2]) if found else None


def _batteries(questions: list[DraftQuestion]) -> list[DraftQuestion]:
    """Neighbours with the same answers and the same beginning become one battery."""
    found: list[DraftQuestion] = []
    group: list[DraftQuestion] = []

    def put_away() -> None:
        found.extend([_battery(group)] if len(group) > 1 else group)
        group.clear()

    for question in questions:
        stem = _stem(question.label) if question.kind == "single" and question.options else None
        fits = (
            bool(group)
            and stem is not None
            and _stem(group[0].label) is not None
            and (
                _stem(group[0].label)[0] == stem[0] and _answers_agree(group, question)  # type: ignore[index]
            )
        )
        if not fits:
            put_away()
        group.append(question)
    put_away()
    return found


def _answers_agree(group: list[DraftQuestion], question: DraftQuestion) -> bool:
    """The same answers; of answers that were only met, each statement may lack some of the list that they share."""
    if _answers(group[0]) == _answers(question):
        return True
    labels = {option.label for one in (*group, question) for option in one.options}
    shared = any(set(_answers(one)) & set(_answers(question)) for one in group)
    is_statement = STATEMENT.fullmatch(question.label) is not None
    are_met = MET in question.decisions and MET in group[0].decisions
    return are_met and (shared or is_statement) and len(labels) <= MOST_IN_A_SCALE


def _answers(question: DraftQuestion) -> list[tuple[str, ...]]:
    return sorted((option.label,) for option in question.options)


def _battery(group: list[DraftQuestion]) -> DraftQuestion:
    stems = [_stem(question.label) or ("", "") for question in group]
    heads = {re.sub(r"_?\d+$", "", question.name) for question in group}
    names = [str(number) for number in range(1, len(group) + 1)]
    items = [
        DraftItem(name, stem[1], question.source) for name, stem, question in zip(names, stems, group, strict=True)
    ]
    first = group[0]
    codes = {option.code for option in first.options}
    is_tick = codes == {1} and MET not in first.decisions and all(len(q.options) == 1 for q in group)
    is_ticked = (codes == {0, 1} or is_tick) and {
        plain(option.label) for option in first.options
    } <= TICKED | NOT_TICKED
    missing: dict[str, list[str]] = {}
    for question in group:
        for reason, texts in question.missing.items():
            missing[reason] = list(dict.fromkeys([*missing.get(reason, []), *texts]))
    name = re.sub(r"_\d+$", "", first.name) if len(heads) == 1 and re.search(r"_\d+$", first.name) else first.name
    options: dict[int, DraftOption] = {}
    if any(_answers(question) != _answers(first) for question in group):
        labels = dict.fromkeys(option.label for question in group for option in question.options)
        listed = [choice.text for choice in in_order(list(labels))]
        options = {code: DraftOption(code, label) for code, label in enumerate(listed, 1)}
    for question in group:
        for option in question.options:
            if option.label not in {one.label for one in options.values()}:
                options.setdefault(option.code, option)
    return replace(
        first, name=name, label=stems[0][0], kind="several" if is_ticked else "matrix", source="", items=items,
        options=[] if is_ticked else [options[code] for code in sorted(options)], missing=missing,
        decisions=list(dict.fromkeys(decision for question in group for decision in question.decisions)),
    )  # fmt: skip


# --- what stays outside


def _never_load(export: Export, questions: list[DraftQuestion], used: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    answers = {
        column
        for question in questions
        if question.kind in ("single", "matrix", "several")
        for column in question.columns
    }
    numbers = {column for question in questions if question.kind == "number" for column in question.columns}
    for name, column in export.table.columns.items():
        texts = some_texts(column)
        kind = kind_of(name, texts, column.label, is_answer=name in answers or name in numbers)
        if name in numbers and kind in ("telephone", "CVR number"):
            kind = None
        if (
            kind is None
            and name not in answers | numbers
            and name in {c for q in questions if q.kind == "text" for c in q.columns}
        ):
            kind = "free text"
        if kind is None and name not in used and is_free_text(texts, export.table.height):
            kind = "free text"
        if kind is not None and name != _respondent(export):
            found[name] = kind
    return found


# --- names, numbers, routing


def _name(questions: list[DraftQuestion], export: Export, never: dict[str, str]) -> None:
    """Names of questions: the tool's where people chose them, otherwise their number."""
    seen: set[str] = set()
    is_named = export.tool in NAMED_BY_PEOPLE and (
        export.tool != "table" or all(" " not in question.name for question in questions)
    )
    for number, question in enumerate(questions, 1):
        name = name_from(question.name.split("/")[-1]) if is_named else ""
        if not name or not name[0].isalpha() or name in seen:
            name = f"q{number}"
        while name in seen:
            name += "_"
        seen.add(name)
        question.name = name


def _marks(export: Export, questions: list[DraftQuestion]) -> Marks:
    """The decimal mark in which all numbers that are written as text can be read, and the mark between thousands."""
    texts: list[str] = []
    for question in questions:
        if question.kind == "number":
            column = export.table.columns[question.source]
            reserved = {clear(text) for said in question.missing.values() for text in said}
            values, indices = column.encoded()
            in_file = set(indices[column.numeric].tolist()) if column.numeric is not None else set()
            texts += [
                clear(text)
                for number, text in enumerate(values)
                if number not in in_file and clear(text) not in reserved
            ]
    fits = Counter(
        {(decimal, thousands): sum(Marks(decimal, thousands).number(text) is not None for text in texts)
         for decimal in (".", ",") for thousands in (None, ".", ",", " ", "'") if thousands != decimal}
    )  # fmt: skip
    best = max(fits.values(), default=0)
    order = [(".", None), (",", None), *fits]
    decimal, thousands = next(pair for pair in order if fits[pair] == best)
    return Marks(decimal, thousands)


def _route(export: Export, questions: list[DraftQuestion]) -> None:
    by_tool = {question.asked.name: question for question in questions if question.asked}
    for number, question in enumerate(questions):
        routing = question.asked.routing if question.asked else ()
        if routing:
            question.asked_if = _condition(by_tool.get(routing[0].question), list(routing[0].codes))
            if question.asked_if is None:
                question.decisions.append(
                    f"the definition asks it by {routing[0].question}, which is not drafted; write asked_if"
                )
        elif not _has_definition_of_routing(export):
            question.asked_if = _suggested(export, question, questions[:number])
            if question.asked_if:
                question.decisions.append(
                    "asked_if is concluded from the answers; correct it where the questionnaire says otherwise"
                )
        if question.asked_if is None and question.missing.get("not_shown"):
            _without_routing(export, question)


def _without_routing(export: Export, question: DraftQuestion) -> None:
    """Answers that may mean not asked contradict a question that everybody is asked: a person must say who is."""
    labels = {choice.code: choice.text for choice in question.asked.choices} if question.asked else {}
    met = {text for name in question.columns for text in some_texts(export.table.columns[name])}
    said = question.missing["not_shown"]
    hidden = [text for text in said if text in met and reason_of(labels.get(text, text)) != "not_shown"]
    if not hidden:
        return
    question.missing["not_shown"] = [text for text in said if text not in hidden]
    question.missing["no_answer"] = [*question.missing.get("no_answer", []), *hidden]
    question.missing = {reason: texts for reason, texts in question.missing.items() if texts}
    question.decisions.append(
        f"{_in_quotes(hidden)} says not asked, and nothing tells who is: write asked_if, and list it under not_shown"
    )


def _has_definition_of_routing(export: Export) -> bool:
    return export.tool in ("qualtrics", "limesurvey", "redcap", "kobo") and export.definition is not None


def _condition(of: DraftQuestion | None, codes: list[str]) -> str | None:
    if of is None or of.asked is None or not of.options:
        return None
    kept = [choice for choice in of.asked.choices if any(option.label == choice.text for option in of.options)]
    by_code = dict(zip([choice.code for choice in kept], [option.code for option in of.options], strict=False))
    found = [str(by_code[code]) for code in codes if code in by_code]
    if len(found) < len(codes):
        return None
    return _equals(of.name, found)


def _equals(name: str, codes: list[str]) -> str:
    return f"{name} = {codes[0]}" if len(codes) == 1 else f"{name} in ({', '.join(codes)})"


def _answered(export: Export, question: DraftQuestion) -> np.ndarray:
    reserved = {clear(text) for said in question.missing.values() for text in said} | NOTHING
    if question.kind == "several" and question.separator is None:
        texts = {clear(text) for name in question.columns for text in some_texts(export.table.columns[name])}
        reserved |= {text for text in texts if plain(text) in NOT_TICKED}
    dont_know = {clear(text) for text in question.missing.get("dont_know", [])}
    found = np.zeros(export.table.height, bool)
    for name in question.columns:
        texts, indices = export.table.columns[name].encoded()
        hits = [bool(clear(text)) and (clear(text) not in reserved or clear(text) in dont_know) for text in texts]
        found |= np.array(hits, bool)[indices] if texts else False
    return found


def _shown(export: Export, question: DraftQuestion) -> np.ndarray:
    """For each row whether none of the columns says that the question was not shown."""
    of_file = _missing_of_tool(export).get("not_shown", [])
    hidden = {clear(text) for text in (*of_file, *question.missing.get("not_shown", []))}
    found = np.ones(export.table.height, bool)
    for name in question.columns:
        texts, indices = export.table.columns[name].encoded()
        found &= np.array([clear(text) not in hidden for text in texts], bool)[indices] if texts else True
    return found


def _suggested(export: Export, question: DraftQuestion, earlier: list[DraftQuestion]) -> str | None:
    """The first earlier question some of whose answers lead to this one, and all others never do."""
    shown = _shown(export, question)
    answered = _answered(export, question) if shown.all() else shown
    if answered.all() or not answered.any():
        return None
    for other in earlier:
        if other.kind != "single" or not other.options:
            continue
        texts, indices = export.table.columns[other.source].encoded()
        leads: list[str] = []
        inside = np.zeros(export.table.height, bool)
        for option in other.options:
            written = {clear(text) for text in option.source} or {str(option.code), clear(option.label)}
            rows = np.array([clear(text) in written for text in texts], bool)[indices]
            if (answered & rows).any():
                leads.append(str(option.code))
                inside |= rows
        outside = ~inside
        never = outside.sum() >= 3 and not (answered & outside).any()
        if leads and len(leads) < len(other.options) and never and answered[inside].mean() >= ROUTED:
            return _equals(other.name, leads)
    return None
