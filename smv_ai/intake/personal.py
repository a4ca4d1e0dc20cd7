"""Columns that look personal: by their name, and by what most of their cells look like. They stay outside unless
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from smv_ai.intake.words import NOT_TICKED, TICKED, plain, reason_of

CPR_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2, 1)
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
IP = re.compile(r"(\d{1,3}\.){3}\d{1,3}|([0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}", re.IGNORECASE)
PHONE = re.compile(r"(\+|00)\d{2}[ .-]?(\d[ .-]?){7,11}\d|\d{2}([ .-])\d{2}\3\d{2}\3\d{2}|\d{8}")
CPR = re.compile(r"(\d{2})(\d{2})(\d{2})-?\d{4}")
CVR = re.compile(r"(DK[ -]?)?(\d{8})", re.IGNORECASE)
ADDRESS = re.compile(
    r".*[a-zæøå]{2,}(vej|gade|stræde|allé|alle|plads|vænget|torv|boulevard|street|road|avenue)\b.{0,6}\s\d+.*|.*\b\d{4}\s+[A-ZÆØÅ][a-zæøå]+",
    re.IGNORECASE,
)
# Latitude, longitude, altitude and accuracy, as KoboToolbox writes them.
PLACE = re.compile(r"-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)? -?\d+(\.\d+)? \d+(\.\d+)?")
NAME = re.compile(r"[A-ZÆØÅ][a-zæøåéüö]+(-[A-ZÆØÅ][a-zæøå]+)?( [A-ZÆØÅ][a-zæøåéüö.]+(-[A-ZÆØÅ][a-zæøå]+)?){1,3}")
BY_NAME = {
    "name": (
        r"(for|efter|full ?|first ?|last ?|sur|kontakt|contact ?)?(navn|name)|(kontakt|contact).*(navn|name|person)"
        r"|.*\b(dit|your|jeres) (fulde )?(navn|name)\b.*|recipient(first|last)name"
    ),
    "mail": r".*\be-?mail(s|adresse| address)?\b.*|mail(adresse)?|.*recipientemail",
    "telephone": r".*\b(telefon|mobil|phone|tlf|telephone)(nummer|nr|number)?\b.*",
    "address": r".*\b(adresse|address|postnummer|postnr|zip|vejnavn|gadenavn|(location)?(latitude|longitude))\b.*"
    r"|city(/town)?|by/kommune|state/province",
    "date of birth": r"(.*\b(date of birth|birth ?(date|day)|fødsels(dato|dag))\b.*)|dob",
    "IP address": r"ip.?(adresse|address|addr)|ipaddr|ipaddress",
    "CPR number": r".*\bcpr\b.*",
    "CVR number": r".*\b(cvr|p-?nummer|se-?nummer)\b.*",
    "job title": r".*\b(stilling(sbetegnelse)?|jobtitel|job title|din titel|your title|titel|title)\b.*",
}
NAMES = {kind: re.compile(pattern) for kind, pattern in BY_NAME.items()}
SHARE = 0.6
MOST_LOOKED_AT = 2000
LONG_TEXT = 60
# What is longer is no address and no name, and patterns take long to say so.
LONGEST = 250
MOST_DIFFERENT = 1000


def is_cpr(text: str) -> bool:
    """Whether a text is a CPR number: a day that exists, ten digits. The check digit holds for those before 2007
    alone.
    """
    found = CPR.fullmatch(text.strip())
    return found is not None and 1 <= int(found[1]) <= 31 and 1 <= int(found[2]) <= 12


def has_cpr_check_digit(text: str) -> bool:
    """Whether the weighted sum of the ten digits is divisible by 11 (weights 4 3 2 7 6 5 4 3 2 1)."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    return len(digits) == 10 and sum(w * d for w, d in zip(CPR_WEIGHTS, digits, strict=True)) % 11 == 0


def is_cvr(text: str) -> bool:
    """Whether a text is a CVR number: eight digits whose weighted sum is divisible by 11 (weights 2 7 6 5 4 3 2 1)."""
    found = CVR.fullmatch(text.strip())
    digits = [int(letter) for letter in found[2]] if found else []
    return bool(digits) and digits[0] != 0 and sum(w * d for w, d in zip(CVR_WEIGHTS, digits, strict=True)) % 11 == 0


def kind_of(name: str, values: Iterable[str], label: str = "", *, is_answer: bool = False) -> str | None:
    """What kind of personal data a column looks like; None where it looks like none.

    `values` are its different texts. `is_answer`: its answers are listed, so a word among others in its name does not
    make it personal.
    """
    filled = [value.strip() for _, value in zip(range(MOST_LOOKED_AT), (v for v in values if v.strip()), strict=False)]
    words = _words_of_box(name, filled)
    for kind, pattern in NAMES.items():
        # a word in a question does not make its answers personal; a header of that word alone does
        names = [text for text in (name, label) if text and (not is_answer or len(text.split()) == 1)]
        names += [] if words is None else [words]
        if any(pattern.fullmatch(plain(text)[:LONGEST]) for text in names):
            return kind
    if not filled:
        return None

    def most(test: object) -> bool:
        check = test if callable(test) else test.fullmatch  # type: ignore[union-attr]
        return sum(len(value) <= LONGEST and bool(check(value)) for value in filled) >= SHARE * len(filled)

    tests: dict[str, object] = {
        "CPR number": lambda text: is_cpr(text) and ("-" in text or has_cpr_check_digit(text)),
        "mail": MAIL, "IP address": IP, "CVR number": is_cvr,
        "telephone": PHONE, "address": ADDRESS, "place": PLACE,
    }  # fmt: skip
    found = next((kind for kind, test in tests.items() if most(test)), None)
    if found is None and not is_answer and len(filled) >= 3 and most(NAME):
        return "name"
    return found or hidden_in(filled)


def _words_of_box(name: str, filled: list[str]) -> str | None:
    """What a box is called (`Contact [City/Town]`) into which something is written; None where it is ticked."""
    found = re.fullmatch(r".+ \[([^\]]+)\]", name[:LONGEST])
    ticks = TICKED | NOT_TICKED | ({plain(found[1])} if found else set())
    if found is None or all(plain(value) in ticks or reason_of(value) for value in filled):
        return None
    return found[1]


def hidden_in(values: list[str]) -> str | None:
    """Personal data inside longer texts: one mail address or CPR number is enough."""
    for value in values:
        if "@" in value and any(MAIL.search(word[:LONGEST]) for word in value.split() if "@" in word):
            return "mail"
        if any(has_cpr_check_digit(found.group()) and is_cpr(found.group()) for found in CPR.finditer(value)):
            return "CPR number"
    return None


def is_free_text(values: list[str], rows: int) -> bool:
    """Whether a column holds words of the respondents' own: long, or nearly all different."""
    filled = [value for value in values if value.strip()]
    return any(len(value) > LONG_TEXT or "\n" in value for value in filled) or len(filled) > max(
        20, min(0.5 * rows, MOST_DIFFERENT)
    )
