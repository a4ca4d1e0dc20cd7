"""Which columns of an export are of which question: by the definition's names, or by headers and answers alone."""

from __future__ import annotations

import json
import re
from collections import Counter

from smv_ai.intake.coding import Marks
from smv_ai.intake.definition import Asked, Choice
from smv_ai.intake.reading.grid import Column
from smv_ai.intake.tools import TOOLS, Export
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
)
NUMBER_WORDS = re.compile(
    r".*\b(hvor mange|hvor meget|antal|omsætning(en)?|how many|how much|number of|turnover|revenue|mio|alder|age)\b.*",
    re.IGNORECASE,
)
OWN_WORDS = re.compile(
    r".*\b(kommentar\w*|uddyb\w*|bemærkning\w*|beskriv\w*|comments?|describe|explain|remarks?)\b.*", re.IGNORECASE
)
# Answers that have an order of their own; of the first kind all are drafted where three were met.
WHOLE_SCALES = [
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
]  # fmt: skip


def columns_of_asked(asked: Asked, export: Export) -> dict[str, str]:
    """The column by code of each item or box; under the empty code where one column holds the answer."""
    by_plain = {plain(name): name for name in reversed(list(export.table.columns))}
    last = {plain(name.split("/")[-1]): name for name in reversed(list(export.table.columns)) if "/" in name}
    by_label = {
        plain(column.label): column.name for column in reversed(list(export.table.columns.values())) if column.label
    }

    def found(*names: str) -> str | None:
        for name in names:
            if (hit := by_plain.get(plain(name)) or last.get(plain(name))) is not None:
                return hit
        return next((by_label[plain(name)] for name in names if plain(name) in by_label), None)

    name, text = asked.name, asked.text
    if asked.kind in ("several", "matrix"):
        parts = asked.choices if asked.kind == "several" else asked.items
        located = {
            part.code: column for part in parts if (column := found(*_names_of(asked, part))) is not None
        }  # fmt: skip
        if len(located) >= max(1, len(parts) / 2):
            return located
    single = (
        found(asked.columns.get("", name), f"{name}. {text}", text)
        if not (asked.kind == "several" and asked.columns)
        else None
    )
    return {"": single} if single is not None and asked.kind != "matrix" else {}


def _names_of(asked: Asked, part: Choice) -> list[str]:
    name, text, code = asked.name, asked.text, part.code
    given = [asked.columns[code]] if code in asked.columns else []
    return [
        *given, f"{name}_{code}", f"{name}[{code}]", f"{name}___{code}", f"{name}/{code}", f"{name}/{part.text}",
        f"{text} [{part.text}]", f"{text}/{part.text}", f"{text} (choice={part.text})", f"{text} - {part.text}",
        f"{text}.{part.text}", f"{name}[{part.text}]",
    ]  # fmt: skip


def some_texts(column: Column) -> list[str]:
    """The different texts of a column that are not blank; of very many the first."""
    return [clear(text) for text in column.encoded()[0][:MOST_TEXTS] if clear(text)]


def _is_box(column: Column, box: str) -> bool:
    texts = {plain(text) for text in some_texts(column)}
    allowed = TICKED | NOT_TICKED | {plain(box), "n/a", "-99"}
    return all(text in allowed or reason_of(text) is not None for text in texts)


def _answer_kind(column: Column, rows: int) -> str:
    """single, number or text, by what the answers look like."""
    texts = some_texts(column)
    answers = [text for text in texts if reason_of(text) is None]
    if OWN_WORDS.fullmatch(plain(f"{column.name} {column.label}")) or any("\n" in text for text in column.encoded()[0]):
        return "text"
    numbers = [text for text in answers if Marks(".").number(text) is not None or Marks(",").number(text) is not None
               or Marks(",", ".").number(text) is not None or Marks(".", ",").number(text) is not None]  # fmt: skip
    if not answers:
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
    found: list[Asked] = []
    done: set[str] = set()
    for name, column in columns.items():
        if name in done:
            continue
        group = _split_group(name, columns, done)
        if group is not None:
            stem, boxes = group
            choices = [Choice(box, _box_text(export, column_of),
            bool(OTHER.fullmatch(box)) and not _is_box(column_of, box))
                       for box, column_of in boxes.items()]  # fmt: skip
            found.append(Asked(stem, _question_text(export, stem, boxes), "several", choices,
                               columns={box: one.name for box, one in boxes.items()}))  # fmt: skip
            done |= {one.name for one in boxes.values()} | ({stem} & set(columns))
            continue
        done.add(name)
        found.append(_one_column(export, name, column))
    joined = {asked.name for asked in found if asked.kind == "several" and "" not in asked.columns}
    return [asked for asked in found if not (asked.name in joined and "" in asked.columns)]


def _box_text(export: Export, column: Column) -> str:
    for pattern in SPLIT:
        if (match := pattern.fullmatch(column.name)) is not None and not match["box"].isdigit():
            return match["box"]
    label = column.label.rsplit("Selected Choice", 1)[-1].strip(" -")
    return label.rsplit(" - ", 1)[-1] or column.name


def _question_text(export: Export, stem: str, boxes: dict[str, Column]) -> str:
    labels = [column.label for column in boxes.values() if column.label]
    return labels[0].split(" - ")[0] if labels else stem


def _split_group(name: str, columns: dict[str, Column], done: set[str]) -> tuple[str, dict[str, Column]] | None:
    """The boxes of one question that stand in neighbouring columns; None where the column is no box."""
    for pattern in SPLIT:
        match = pattern.fullmatch(name[:LONGEST_HEADER])
        if match is None or len(name) > LONGEST_HEADER:
            continue
        stem = match["stem"]
        boxes: dict[str, Column] = {}
        for other, column in columns.items():
            hit = pattern.fullmatch(other)
            if hit is not None and hit["stem"] == stem and other not in done:
                boxes[hit["box"]] = column
        ticked = [box for box, column in boxes.items() if _is_box(column, box)]
        rest = [box for box in boxes if box not in ticked]
        filled = any(some_texts(column) for column in boxes.values())
        if filled and len(ticked) >= 2 and all(OTHER.fullmatch(box) or plain(box) == "other" for box in rest):
            return stem, boxes
    return None


def _one_column(export: Export, name: str, column: Column) -> Asked:
    text = _import_text(column) or column.label or name
    joined = _joined(export, column)
    if joined is not None:
        return Asked(name, text, "several", joined[1], columns={"": name}, separator=joined[0])
    kind = _answer_kind(column, export.table.height)
    if kind == "single":
        return Asked(name, text, "single", in_order(some_texts(column)), columns={"": name})
    return Asked(name, text, "number" if kind == "number" else "text", columns={"": name})


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


def _joined(export: Export, column: Column) -> tuple[str, list[Choice]] | None:
    """The sign and the choices of a column that joins them; None where it does not.

    Pieces that only ever follow one another are one choice, as `Analyse, fx prognoser`. A piece seen once, or one
    that holds
    a semicolon between semicolons, is an answer in words.
    """
    tool = TOOLS[export.tool]
    found = [
        (joined[0], sign, joined[1])
        for sign in (tool.separator, *tool.other_separators)
        if sign and (joined := _joined_by(sign, export, column)) is not None
    ]
    # choices may hold commas, but seldom semicolons: several that do were joined by them
    good = [one for one in found if one[1] == ";" or sum(";" in choice.text for choice in one[2]) < 2]
    best = max(good, key=lambda one: one[0], default=None)
    return (best[1], best[2]) if best else None


def _joined_by(sign: str, export: Export, column: Column) -> tuple[float, list[Choice]] | None:
    """The choices by one sign, and which part of the pieces is met again."""
    texts, indices = column.encoded()
    filled = {number: clear(text) for number, text in enumerate(texts) if clear(text)}
    if sign == " " or not any(sign.strip() in text for text in filled.values()):
        return None
    if OWN_WORDS.fullmatch(plain(f"{column.name} {column.label}")):
        return None
    if export.tool == "msforms" and not all(text.endswith(";") for text in filled.values()):
        return None
    bare = sign.strip()
    counts = Counter(indices.tolist())
    # a choice never begins with a space: what follows a comma and a space, where a comma alone joins, goes on
    split = re.compile(r",(?! )" if sign == "," else re.escape(bare))
    cells = [
        ([piece.strip() for piece in split.split(text.removesuffix(bare))], counts[number])
        for number, text in filled.items()
    ]
    pieces = Counter({piece: 0 for parts, _ in cells for piece in parts})
    for parts, count in cells:
        pieces.update(dict.fromkeys(parts, count))
    together = _together(cells, pieces)
    wholes = _wholes(pieces, together, f"{bare} ")
    repeated = {whole: count for whole, count in wholes.items() if count > 1 and not (bare == ";" and bare in whole)}
    if len(repeated) < 2 or sum(repeated.values()) < 0.6 * sum(wholes.values()):
        # Forms ends each choice with the sign, and nothing else: that few have answered changes nothing
        if export.tool != "msforms" or len(wholes) > MOST_OPTIONS or sum(counts[number] for number in filled) < 2:
            return None
        repeated = wholes
    choices = [
        Choice(str(number), whole.strip()) for number, whole in enumerate(_by_precedence(list(repeated), filled), 1)
    ]
    if len(repeated) < len(wholes):
        choices.append(Choice(str(len(choices) + 1), "Andet", open=True))
    return sum(repeated.values()) / sum(wholes.values()), choices


def _together(cells: list[tuple[list[str], int]], pieces: Counter[str]) -> dict[str, str]:
    """Pieces that are always followed by the same one, which always follows them and goes on in lower case."""
    after: Counter[tuple[str, str]] = Counter()
    for parts, count in cells:
        for one, other in zip(parts, parts[1:], strict=False):
            after[one, other] += count
    return {
        one: other for (one, other), count in after.items()
        if count == pieces[one] == pieces[other] and other.strip()[:1].islower()
    }  # fmt: skip


def _wholes(pieces: Counter[str], together: dict[str, str], sign: str) -> Counter[str]:
    found: Counter[str] = Counter()
    inside = set(together.values())
    for piece, count in pieces.items():
        if piece in inside:
            continue
        whole, part = piece, piece
        while part in together:
            part = together[part]
            whole += f"{sign}{part}"
        found[whole] += count
    return found


def _by_precedence(choices: list[str], filled: dict[int, str]) -> list[str]:
    """Choices in the order in which cells list them; as they appear where cells do not agree."""
    before = {choice: 0 for choice in choices}
    for text in filled.values():
        here = sorted((text.find(choice), choice) for choice in choices if choice in text)
        for position, (_, choice) in enumerate(here):
            before[choice] = max(before[choice], *(before[other] + 1 for _, other in here[:position]), 0)
            before[choice] = min(before[choice], len(choices))
    # what never stands beside another is most often "none of these", and the last in the questionnaire
    beside = {choice for text in filled.values() for choice in choices if choice in text and any(
        other in text for other in choices if other != choice)}  # fmt: skip
    return sorted(choices, key=lambda choice: (bool(beside) and choice not in beside, before[choice]))
