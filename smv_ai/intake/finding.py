"""Which columns of an export are of which question: by the definition's names, or by headers and answers alone."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from smv_ai.intake.coding import Marks
from smv_ai.intake.definition import Asked, Choice
from smv_ai.intake.joined import OWN_WORDS, choices_in_cells, is_ranking, joins_labels, some_texts
from smv_ai.intake.reading.grid import Column
from smv_ai.intake.tools import Export
from smv_ai.intake.words import NOT_TICKED, OTHER, TICKED, plain, reason_of
from smv_ai.survey.texts import clear

MOST_TEXTS = 5000
LONGEST_HEADER = 600
MOST_OPTIONS = 25
LONGEST_OPTION = 120
FEWEST_WORDS = 4
SPLIT = (
    re.compile(r"(?P<stem>.+) \[(?P<box>[^\]]+)\]"),  # LimeSurvey in texts, SurveyMonkey
    re.compile(r"(?P<stem>.+?)\[(?P<box>[^\]]+)\]"),
    re.compile(r"(?P<stem>.+?)___(?P<box>.+)"),
    re.compile(r"(?P<stem>.+?) \(choice=(?P<box>.+)\)"),
    re.compile(r"(?P<stem>[^/]+(?:/[^/]+)*)/(?P<box>[^/]+)"),
    re.compile(r"(?P<stem>\w+)_(?P<box>SQ\d+)"),  # LimeSurvey's own format
    re.compile(r"(?P<stem>\w+)_(?P<box>\d+)"),
    re.compile(r"(?P<stem>.+?) - (?P<box>[^-].*)"),
    re.compile(r"(?P<stem>.+\S): (?P<box>.+)"),
    re.compile(r"(?P<stem>.+\?)[ _(-]+(?P<box>\w.*?)\)?"),
)
# A table of somebody's own, in which boxes are ticked or blank: sport_football.
SPLIT_OF_TABLE = re.compile(r"(?P<stem>[^\W_]+)[_ ](?P<box>[\w ]{1,40})")
NUMBER_WORDS = re.compile(
    r".*\b(hvor (mange|meget|gammel|gamle|høj|højt|langt?)|antal|omsætning(en)?|how (many|much|old|tall)|number of"
    r"|turnover|revenue|mio|alder|age)\b.*",
    re.IGNORECASE,
)
# Dates and times of the day, for which a survey file has no place.
DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./-]\d\d?[./-]\d{4}( .*)?|\d\d?[.:]\d\d[.:]\d\d( ?[AaPp][Mm])?")
_CODE = re.compile(r"\d+|SQ\d+|[A-Z]{1,3}\d{1,4}|other")
_WITHIN = re.compile(r"(?P<stem>.+) \[(?P<box>[^\]]+)\]")
# A column with the words of those who chose "other": its name, or the end of it, after that of the question.
BESIDE = (
    re.compile(r"(?P<stem>.+)_(?P<box>\d+)_TEXT"),  # Qualtrics
    re.compile(r"(?P<stem>.+\[[^\]]+)comment(?P<box>\])"),  # LimeSurvey's boxes with comments
    re.compile(r"(?P<stem>.+?) ?\[(?P<box>[^\]]+)\]"),  # LimeSurvey, SurveyMonkey
    re.compile(
        r"(?P<stem>.+?)(_| - | \(|: )(?P<box>andet|anden|other|specify|angiv|te?xt|tekst|åbent svar|open)\)?",
        re.IGNORECASE,
    ),
)
# Answers that have an order of their own; of the first kind all are drafted where three were met.
WHOLE_SCALES = [
    ["helt uenig", "uenig", "hverken enig eller uenig", "enig", "helt enig"],
    ["helt uenig", "delvist uenig", "hverken enig eller uenig", "delvist enig", "helt enig"],
    ["meget utilfreds", "utilfreds", "hverken tilfreds eller utilfreds", "tilfreds", "meget tilfreds"],
    ["very dissatisfied", "dissatisfied", "neither satisfied nor dissatisfied", "satisfied", "very satisfied"],
    ["strongly disagree", "somewhat disagree", "neither agree nor disagree", "somewhat agree", "strongly agree"],
    ["fremragende", "vældig godt", "godt", "mindre godt", "dårligt"],
    ["excellent", "very good", "good", "fair", "poor"],
    ["meget god", "god", "hverken god eller dårlig", "dårlig", "meget dårlig"],
    ["meget godt", "godt", "hverken godt eller dårligt", "dårligt", "meget dårligt"],
    ["very good", "good", "fair", "bad", "very bad"],
    ["meget uenig", "uenig", "hverken/eller", "enig", "meget enig"],
    ["meget uenig", "uenig", "hverken enig eller uenig", "enig", "meget enig"],
    ["strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"],
    ["slet ikke", "i mindre grad", "i nogen grad", "i høj grad", "i meget høj grad"],
    ["not at all", "to a lesser degree", "to some degree", "to a high degree", "to a very high degree"],
]
SCALES = [
    *WHOLE_SCALES, ["ja", "delvist", "nej"], ["yes", "partly", "no"],
    ["aldrig", "sjældent", "af og til", "hver måned", "hver uge", "hver dag"],
    ["never", "rarely", "sometimes", "every month", "monthly", "every week", "weekly", "every day", "daily"],
    ["aldrig", "sjældent", "nogle gange", "af og til", "ofte", "meget ofte", "altid"],
    ["never", "rarely", "sometimes", "often", "usually", "very often", "always"],
    ["slet ikke", "lidt", "noget", "en del", "meget", "rigtig meget"],
]  # fmt: skip


def columns_of_asked(asked: Asked, export: Export, used: Collection[str] = ()) -> dict[str, str]:
    """The column by code of each item or box; under the empty code where one column holds the answer.

    `used` are the columns of earlier questions: of several columns with one header the next is meant.
    """
    by_name, by_end, by_label = _places(export)

    def found(*names: str) -> str | None:
        for place in (by_name, by_end, by_label):
            for name in names:
                if (free := next((one for one in place.get(plain(name), []) if one not in used), None)) is not None:
                    return free
        return None

    name, text = asked.name, asked.text
    if asked.kind in ("several", "matrix"):
        parts = asked.choices if asked.kind == "several" else asked.items
        named = [_names_of(asked, part) for part in parts]
        # the parts of a question are named alike: `gren_andet` is no box where the others are `gren/fodbold`
        ways = [[found(names[way]) for names in named] for way in range(len(named[0]))] if named else []
        best = max(ways, key=lambda way: sum(one is not None for one in way), default=[])
        located = {
            part.code: column for part, likely, names in zip(parts, best, named, strict=True)
            if (column := likely or found(*names)) is not None
        }  # fmt: skip
        if len(located) >= max(1, len(parts) / 2):
            return located
    single = (
        found(asked.columns.get("", name), f"{name}. {text}", text)
        if not (asked.kind == "several" and asked.columns)
        else None
    )
    return {"": single} if single is not None and asked.kind != "matrix" else {}


def _places(export: Export) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]:
    """The columns by their name, by the end of a name with groups before it (KoboToolbox), and by their label."""
    by_name: dict[str, list[str]] = {}
    by_end: dict[str, list[str]] = {}
    by_label: dict[str, list[str]] = {}
    for name, column in export.table.columns.items():
        base, _, copy = name.rpartition(" (")
        bases = [name, base] if base in export.table.repeated and copy.rstrip(")").isdigit() else [name]
        for one in bases:
            by_name.setdefault(plain(one), []).append(name)
            parts = one.split("/")
            is_box = "/".join(parts[:-1]) in export.table.columns
            for number in range(1, len(parts) - is_box):
                by_end.setdefault(plain("/".join(parts[number:])), []).append(name)
        if column.label:
            by_label.setdefault(plain(column.label), []).append(name)
    return by_name, by_end, by_label


def _names_of(asked: Asked, part: Choice) -> list[str]:
    name, text, code = asked.name, asked.text, part.code
    return [
        asked.columns.get(code, ""), f"{name}_{code}", f"{name}[{code}]", f"{name}___{code.replace('-', '_')}",
        f"{name}/{code}", f"{name}/{part.text}",
        f"{text} [{part.text}]", f"{text}/{part.text}", f"{text} (choice={part.text})", f"{text} - {part.text}",
        f"{text}.{part.text}", f"{name}[{part.text}]",
    ]  # fmt: skip


def _is_box(column: Column, *names: str) -> bool:
    """Whether a column only says ticked or not; `names` are what it may call its own box."""
    texts = {plain(text) for text in some_texts(column)}
    allowed = TICKED | NOT_TICKED | {*map(plain, names), "n/a", "-99"}
    return all(text in allowed or reason_of(text) is not None for text in texts)


def _answer_kind(column: Column, rows: int) -> str:
    """single, number or text, by what the answers look like."""
    texts = some_texts(column)
    answers = [text for text in texts if reason_of(text) is None]
    if OWN_WORDS.fullmatch(plain(f"{column.name} {column.label}")) or any("\n" in text for text in column.encoded()[0]):
        return "text"
    numbers = [text for text in answers if Marks(".").number(text) is not None or Marks(",").number(text) is not None
               or Marks(",", ".").number(text) is not None or Marks(".", ",").number(text) is not None]  # fmt: skip
    if not answers or sum(bool(DATE.fullmatch(text)) for text in answers) >= 0.9 * len(answers):
        return "text"
    if len(numbers) >= 0.9 * len(answers):
        is_code = all(re.fullmatch(r"\d{1,2}", text) for text in answers) and len(answers) <= 11
        is_number = NUMBER_WORDS.fullmatch(plain(f"{column.name} {column.label}"))
        return "single" if is_code and not is_number and rows > 2 * len(answers) else "number"
    if _is_in_own_words(column, answers):
        return "text"
    is_list = len(answers) <= MOST_OPTIONS and max(map(len, answers)) <= LONGEST_OPTION
    return "single" if is_list and (len(answers) <= 2 or rows >= 2 * len(answers)) else "text"


def _is_in_own_words(column: Column, answers: list[str]) -> bool:
    """Whether nobody's answer is another's, and all are of several words: of a list somebody picks the same.

    What respondents write must not come into a survey file, however few they are.
    """
    filled = sum(bool(clear(text)) for text in column.text.to_pylist()[:MOST_TEXTS])
    words = sum(len(text.split()) for text in answers) / len(answers)
    return filled == len(answers) and words >= (FEWEST_WORDS if filled > 1 else 2 * FEWEST_WORDS)


def inferred(export: Export, aside: set[str]) -> list[Asked]:
    """The questions that headers and answers suggest, without the columns that are set aside."""
    columns = {name: column for name, column in export.table.columns.items() if name not in aside}
    beside = dict(_beside(columns))
    found: list[Asked] = []
    done: set[str] = set()
    for name, column in columns.items():
        if name in done:
            continue
        if name in beside:
            found.append(Asked(name, column.label or name, "text", columns={"": name}))
            continue
        group = _split_group(export, name, {one: columns[one] for one in columns if one not in beside}, done)
        if group is not None:
            stem, boxes = group
            choices = [Choice(box, _box_text(column_of), _is_open(export, box, column_of))
                       for box, column_of in boxes.items()]  # fmt: skip
            found.append(Asked(stem, _question_text(export, stem, boxes), "several", choices,
                               columns={box: one.name for box, one in boxes.items()}))  # fmt: skip
            done |= {one.name for one in boxes.values()} | ({stem} & set(columns))
            continue
        done.add(name)
        found.append(_one_column(export, name, column, [other for other, of in beside.items() if of == name]))
    joined = {asked.name for asked in found if asked.kind == "several" and "" not in asked.columns}
    return [asked for asked in found if not (asked.name in joined and "" in asked.columns)]


def _beside(columns: dict[str, Column]) -> Iterator[tuple[str, str]]:
    """The columns with the words of those who chose "other", each with the question's own column."""
    stems = {re.split(r"___|/(?=[^/]*$)|\[", name)[0] for name in columns if re.search(r"___|/|\[", name)}
    for name, column in columns.items():
        for pattern in BESIDE:
            match = pattern.fullmatch(name[:LONGEST_HEADER])
            if match is None or (pattern is not BESIDE[1] and _is_box(column, match["box"])):
                continue
            stem, box = match["stem"], match["box"]
            is_of_box = pattern is BESIDE[0] and f"{stem}_{box}" in columns
            is_comment = pattern is BESIDE[1] and f"{stem}]" in columns
            is_other = pattern in (BESIDE[0], BESIDE[3]) or is_comment or OTHER.fullmatch(box) is not None
            is_of_boxes = is_comment or (pattern is BESIDE[3] and stem in stems)
            if (stem in columns or is_of_box or is_of_boxes) and is_other:
                yield name, f"{stem}_{box}" if is_of_box else stem
                break


def _is_open(export: Export, box: str, column: Column) -> bool:
    names = (box, _box_text(column), *_only_text(column))
    return bool(OTHER.fullmatch(box) or OTHER.fullmatch(_box_text(column))) and not _is_box(column, *names)


def _only_text(column: Column) -> list[str]:
    """The text of a column that holds only one, again and again: it says that its box was ticked."""
    texts = some_texts(column)
    return texts if len(texts) == 1 else []


def _box_text(column: Column) -> str:
    for pattern in SPLIT:
        if (match := pattern.fullmatch(column.name)) is not None and not _CODE.fullmatch(match["box"]):
            return match["box"]
    label = column.label.rsplit("Selected Choice", 1)[-1].strip(" -")
    if (within := _WITHIN.fullmatch(label)) is not None:
        return within["box"]
    said = _only_text(column)
    is_said = bool(said) and plain(said[0]) not in TICKED | NOT_TICKED and not said[0].isdigit()
    return label.rsplit(" - ", 1)[-1] or (said[0] if is_said else column.name)


def _question_text(export: Export, stem: str, boxes: dict[str, Column]) -> str:
    labels = [column.label for column in boxes.values() if column.label]
    if labels and (within := _WITHIN.fullmatch(labels[0])) is not None:
        return within["stem"]
    return labels[0].split(" - ")[0] if labels else stem


def _split_group(
    export: Export, name: str, columns: dict[str, Column], done: set[str]
) -> tuple[str, dict[str, Column]] | None:
    """The boxes of one question that stand in neighbouring columns; None where the column is no box."""
    for pattern in (*SPLIT, SPLIT_OF_TABLE) if export.tool == "table" else SPLIT:
        match = pattern.fullmatch(name[:LONGEST_HEADER])
        if match is None or len(name) > LONGEST_HEADER:
            continue
        stem = match["stem"]
        boxes: dict[str, Column] = {}
        for other, column in columns.items():
            hit = pattern.fullmatch(other)
            if hit is not None and hit["stem"] == stem and other not in done:
                boxes[hit["box"]] = column
        is_each_its_own = _each_its_own(list(boxes.values()))
        # SurveyMonkey's numbers: a box that was ticked holds its position
        ticked = [
            box for number, (box, column) in enumerate(boxes.items(), 1)
            if _is_box(column, box, _box_text(column), *([str(number)] if is_each_its_own else []))
            or (is_each_its_own and bool(_only_text(column)))
        ]  # fmt: skip
        rest = [box for box in boxes if box not in ticked]
        if pattern is SPLIT_OF_TABLE:
            ticked = [box for box, column in boxes.items() if {*map(plain, some_texts(column))} <= TICKED]
        filled = any(some_texts(column) for column in boxes.values())
        others = all(OTHER.fullmatch(box) or OTHER.fullmatch(_box_text(boxes[box])) for box in rest)
        if filled and len(ticked) >= 2 and others:
            return stem, boxes
    return None


def _each_its_own(columns: list[Column]) -> bool:
    """Whether columns hold one text each, again and again, all different, and blanks between: boxes, not answers."""
    said = [texts for column in columns if (texts := _only_text(column))]
    counts = [int(column.is_filled.sum()) for column in columns if _only_text(column)]
    are_different = len({plain(texts[0]) for texts in said}) == len(said)
    return len(said) >= 2 and are_different and min(counts) >= 2 and min(counts) < max(len(c.text) for c in columns)


def _one_column(export: Export, name: str, column: Column, beside: list[str]) -> Asked:
    text = _import_text(column) or column.label or name
    joined = choices_in_cells(column, export.tool)
    if joined is not None:
        return Asked(name, text, "several", joined[1], columns={"": name}, separator=joined[0])
    is_unparted = export.tool == "kobo" and joins_labels(column)
    kind = "text" if is_unparted or is_ranking(column, export.tool) else _answer_kind(column, export.table.height)
    if kind == "single":
        choices = in_order(some_texts(column))
        opened = next((other for other in beside if _is_instead(column, export.table.columns[other])), None)
        if opened is not None:
            label = _box_text(export.table.columns[opened])
            choices.append(Choice(str(len(choices) + 1), label, open=True))
        return Asked(name, text, "single", choices, columns={"": name} | ({"open": opened} if opened else {}))
    return Asked(name, text, "number" if kind == "number" else "text", columns={"": name})


def _is_instead(column: Column, other: Column) -> bool:
    """Whether the answer in own words stands where the question's own column is blank (SurveyMonkey)."""
    return bool(other.is_filled.any()) and not bool((column.is_filled & other.is_filled).any())


def _import_text(column: Column) -> str:
    if column.label.startswith("{"):
        try:
            return str(json.loads(column.label).get("ImportId", ""))
        except ValueError:
            return ""
    return ""


def in_order(texts: list[str]) -> list[Choice]:
    """Answers in the order of a scale that is known, of numbers, or else as they appear; a number is its own code."""
    answers = [text for text in texts if reason_of(text) is None]
    reasons = [text for text in texts if reason_of(text) is not None]
    if all(re.fullmatch(r"\d{1,4}", text) for text in answers):
        return [Choice(text, text) for text in sorted(answers, key=int)] + [Choice(text, text) for text in reasons]
    if answers and all(re.search(r"\d", text) for text in answers):
        answers.sort(key=_first_number)
    known = {plain(text): text for text in answers}
    for scale in SCALES:
        if set(known) <= set(scale):
            is_whole = scale in WHOLE_SCALES and len(known) >= 3
            answers = [known.get(text, text[:1].upper() + text[1:]) for text in scale if is_whole or text in known]
            break
    return [Choice(text, text) for text in (*answers, *reasons)]


def _first_number(text: str) -> tuple[int, bool]:
    """Where an answer with a number stands among its like: 'Under 10' before '10-20'."""
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0, text[:1].isdigit()
