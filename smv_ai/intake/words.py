"""Words that survey tools and questionnaires use again and again, in Danish and English. They only ever suggest."""

from __future__ import annotations

import re
import unicodedata

from smv_ai.survey.texts import clear

DONT_KNOW = re.compile(
    r"(det )?ved (jeg |vi |det )?ikke|ved ej|(i )?don'?t know|(i )?do not know|not sure|unsure|dk|kan ikke svare"
    r"|(ved ikke|don'?t know) ?[/,(] ?(ikke relevant|ikke sikker|not sure|unsure|not applicable|can'?t say|n/?a)\)?",
    re.IGNORECASE,
)
NOT_SHOWN = re.compile(
    r"n/a|ikke stillet|ikke vist|ikke spurgt|not asked|not shown|ikke relevant \(filter\)|filtreret"
    r"|\{question_not_shown\}",
    re.IGNORECASE,
)
NO_ANSWER = re.compile(
    r"uoplyst|ikke oplyst|ubesvaret|intet svar|ikke besvaret|no (answer|response)|not (answered|stated)"
    r"|refus(ed?|al)( to answer)?|declined?( to answer)?|missing"
    r"|(jeg )?(ønsker|vil)( helst)? ikke (at )?(svare|oplyse)( på det)?"
    r"|(i )?((would|'?d) )?(prefer|rather) not( to)? (say|answer|tell|state|disclose)",
    re.IGNORECASE,
)
# What the codes say that a file declares missing, where as an answer it would be one.
FILTERED = re.compile(
    r"(not|in) ?-?applicable|n\.?/?a\.?|(legitimate |valid |logical )?skip(ped)?|ikke relevant|irrelevant|filter.*"
    r"|sprunget over|not in (universe|scope)",
    re.IGNORECASE,
)
# Both with an apostrophe of either kind; the texts compared are `plain`.
OTHER = re.compile(r"andet\b.*|andre\b.*|other\b.*|anden\b.*", re.IGNORECASE)
NOT_TICKED = {"0", "ikke valgt", "nej", "no", "unchecked", "not selected", "false", "falsk", "not checked"}
TICKED = {"1", "valgt", "ja", "yes", "y", "checked", "selected", "true", "sand", "x"}
LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss", "’": "'", "&": " og "})


def plain(text: str) -> str:
    """A text for comparing labels of words in this file: clear, lower case, one kind of apostrophe."""
    return clear(text).replace("’", "'").casefold()


def name_from(text: str, most: int = 40) -> str:
    """A name of lower-case letters, digits and underscores out of any text; empty where nothing is left."""
    spelled = unicodedata.normalize("NFKD", clear(text).casefold().translate(LETTERS))
    spelled = spelled.encode("ascii", "ignore").decode()
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", spelled)).strip("_")[:most].strip("_")


def reason_of_missing(label: str) -> str:
    """The reason that the label of a code names which the file itself declares missing; no answer where none does."""
    said = reason_of(label)
    return said or ("not_shown" if FILTERED.fullmatch(plain(label).rstrip(".! ")) else "no_answer")


def reason_of(label: str) -> str | None:
    """Which of the three reasons of no answer a label names; None where it is an answer."""
    text = plain(label)
    for reason, words in (("dont_know", DONT_KNOW), ("not_shown", NOT_SHOWN), ("no_answer", NO_ANSWER)):
        if words.fullmatch(text.rstrip(".! ")):
            return reason
    return None
