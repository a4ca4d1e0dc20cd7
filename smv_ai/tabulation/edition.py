"""The tables of a survey wave in one language, with all that must be said beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smv_ai.tabulation.questions import Mark, Question, questions_of
from smv_ai.tabulation.source import Source, codes_of, refuse_unknown, wave_of
from smv_ai.tabulation.words import Words


@dataclass(frozen=True)
class Edition:
    """The questions of a survey wave, and what stands beside them. `notes` are headings with their paragraphs."""

    wave_id: str
    words: Words
    title: str
    questions: list[Question]
    notes: list[tuple[str, list[str]]]
    source_line: str
    cited_as: str
    made_at: datetime
    is_demonstration: bool
    is_private: bool

    @property
    def stem(self) -> str:
        """The name of its files, without an ending: it tells the language, and what must not be taken for a release."""
        kinds = ["private"] * self.is_private + ["demonstration"] * self.is_demonstration
        return "_".join([*kinds, self.wave_id, self.words["tables"]])

    @property
    def banners(self) -> list[str]:
        """What every sheet says at its head where the figures may not be passed on as they are."""
        found = ["private_banner"] * self.is_private + ["banner"] * self.is_demonstration
        return [self.words[key] for key in found]

    def legend(self, marks: set[Mark], *, has_letters: bool) -> list[str]:
        """What the marks mean that stand in a table."""
        found = [self.words[f"mark_{mark}"] for mark in Mark if mark in marks]
        return [*found, self.words["letters"]] if has_letters else found


def edition_of(source: Source, wave_id: str, language: str) -> Edition:
    """The edition of a wave; raises BadInputError where the source has no estimates of it."""
    refuse_unknown(source, wave_id)
    words = Words(language)
    questions = questions_of(source, wave_id, language)
    wave = wave_of(source, wave_id, language)
    release = words("release", id=source.cited_as)
    return Edition(
        wave_id=wave_id,
        words=words,
        title=words("title", **wave),
        questions=questions,
        notes=_notes(source, wave, questions, words),
        source_line=words("source_line", survey=wave["survey"], wave=wave["wave"], release=release),
        cited_as=source.cited_as,
        made_at=source.made_at,
        is_demonstration=source.is_demonstration,
        is_private=source.is_private,
    )


def _period(wave: dict[str, Any], words: Words) -> str:
    start, end = wave["collection_start_date"], wave["collection_end_date"]
    return f"{words.day(start)} – {words.day(end)}" if start and end else str(wave["reference_period"] or "")


def _answered(wave: dict[str, Any], words: Words) -> str:
    answered, invited, rate = wave["answered"], wave["invited"], wave["response_rate_percent"]
    if answered is None:
        return ""
    if invited is None or rate is None:
        return words.number(answered, 0)
    return words(
        "answered_of", answered=words.number(answered, 0), invited=words.number(invited, 0), rate=words.number(rate, 1)
    )


def _described(codes: dict[str, tuple[str, str | None]], used: set[str]) -> list[str]:
    """'Label: description.' of each code that is used, in the order of the list."""
    found = [pair for code, pair in codes.items() if code in used]
    return [f"{label}: {description}." if description else f"{label}." for label, description in found]


def _notes(
    source: Source, wave: dict[str, Any], questions: list[Question], words: Words
) -> list[tuple[str, list[str]]]:
    """What the survey is, whom the figures are about, how they were made, what the marks mean, where they come from."""
    rows = [row for question in questions for row in question.estimates]
    weights = {row.weighting_method for row in rows if row.weighting_method}
    methods = {row.interval_method for row in rows if row.interval_method}
    levels = sorted({row.interval_level for row in rows if row.interval_level})
    marks = set().union(*(question.marks for question in questions))
    has_letters = any(question.has_letters for question in questions)
    said = [
        ("note_survey", [words("title", **wave)]),
        ("note_producer", [wave["producer"]]),
        ("note_period", [_period(wave, words)]),
        ("note_mode", [wave["mode"]]),
        ("note_population", [wave["population"]]),
        ("note_sampling", [wave["sampling"] if words.language == "en" else None]),
        ("note_answered", [_answered(wave, words)]),
        ("note_base", [words["base_note"]]),
        ("note_weights", [words[f"weights_{method}"] for method in sorted(weights)]),
        ("note_interval", [words("interval_note", level=", ".join(words.number(100 * level) for level in levels)),
                           *_described(codes_of(source, "interval_methods", words.language), methods)]),
        ("note_digits", [words["digits_note"]]),
        ("note_marks", [*(words[f"mark_{mark}"] for mark in Mark if mark in marks),
                        *([words["letters"]] if has_letters else []), words["mark_none"]]),
        ("note_evidence", sorted({f"{row.evidence_notice}." for row in rows})),
        ("note_source", [words("source", files=", ".join(sorted({row.source_file for row in rows})))]),
        ("note_release", [words("release_made", id=source.cited_as, date=words.day(source.made_at.date()))]),
    ]  # fmt: skip
    kept = [(words[key], [text for text in texts if text]) for key, texts in said]
    return [(heading, texts) for heading, texts in kept if texts]
