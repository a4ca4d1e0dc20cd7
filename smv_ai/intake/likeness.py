"""The next wave: what an export has in common with an earlier wave, and what is new, missing, reworded, re-coded,
re-ordered.
"""

from __future__ import annotations

from pathlib import Path

from rapidfuzz import fuzz

from smv_ai.errors import BadInputError
from smv_ai.intake.draft import Draft, DraftQuestion
from smv_ai.intake.draft_text import MARK, quoted
from smv_ai.intake.words import plain
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.file.expansion import read_surveys
from smv_ai.survey.file.items import AskedItem, WaveFile, danish
from smv_ai.survey.file.reading import FOLDER, SUFFIX

ALIKE = 80


def like(
    project: Path, wave_id: str, draft: Draft, new_id: str, answers: str, definitions: list[str]
) -> tuple[str, list[str]]:
    """The text of a survey file that continues a wave, and what differs. Raises BadInputError where there is no such
    wave.
    """
    waves = {wave.wave_id: wave for wave in read_surveys(project).waves}
    if wave_id not in waves:
        raise BadInputError(f"there is no {FOLDER}/{wave_id}{SUFFIX}; {allowed_in_words(wave_id, list(waves))}.")
    wave = waves[wave_id]
    said = differences(wave, draft)
    lines = [
        "# yaml-language-server: $schema=survey.schema.json",
        f"# Drafted from {draft.export.path.name}; what this file does not say is as in {wave_id}.",
        f"# What differs ({MARK}: a changed wording or list of answers is another question, unless somebody says"
        f" that it is",
        "# not and why; give it a name of its own below, or say in a comment why it can be compared):",
        *(f"#   {MARK}: {line}" for line in said),
        f"survey: {{id: {wave.survey_id}}}",
        f"wave: {{continues: {wave_id}}}",
        *_source(wave, draft, answers, definitions),
    ]
    return "\n".join(lines) + "\n", said or ["nothing differs from " + wave_id]


def _source(wave: WaveFile, draft: Draft, answers: str, definitions: list[str]) -> list[str]:
    """The source of the earlier wave, with the files of this one."""
    source = wave.file.source
    lines = ["source:", f"  tool: {draft.export.tool}", f"  answers: {quoted(answers)}"]
    if definitions:
        lines.append(f"  definition: [{', '.join(map(quoted, definitions))}]")
    if source is None:
        return lines
    for name in ("sheet", "decimal", "thousands", "respondent", "respondent_ids", "duplicates"):
        value = getattr(source, name)
        if name in source.model_fields_set and value is not None:
            lines.append(f"  {name}: {quoted(value)}")
    for name in ("valid", "drop"):
        if getattr(source, name):
            pairs = ", ".join(
                f"{quoted(key)}: [{', '.join(map(quoted, values))}]" for key, values in getattr(source, name).items()
            )
            lines.append(f"  {name}: {{{pairs}}}")
    for name in ("never_load", "personal"):
        if getattr(source, name):
            lines.append(f"  {name}: [{', '.join(map(quoted, getattr(source, name)))}]")
    return lines


def differences(wave: WaveFile, draft: Draft) -> list[str]:
    """What is new, missing, reworded, re-coded or re-ordered, a line each, in words."""
    earlier: dict[str, list[AskedItem]] = {}
    for item in wave.items:
        if not item.question.rules:
            earlier.setdefault(item.key, []).append(item)
    by_name = {question.name: question for question in draft.questions}
    by_label = {plain(question.label): question for question in draft.questions}
    found: list[str] = []
    met: list[str] = []
    for key, items in earlier.items():
        label = danish(items[0].question.label or key)
        question = by_label.get(plain(label)) or by_name.get(key)
        if question is None:
            near = max(draft.questions, key=lambda other: fuzz.ratio(plain(other.label), plain(label)), default=None)
            is_near = near is not None and fuzz.ratio(plain(near.label), plain(label)) >= ALIKE
            found.append(f"{key}: missing" + (f"; is it '{near.label}'?" if near is not None and is_near else ""))
            continue
        met.append(question.name)
        found += _of_question(key, items, label, question)
    found += [f"{question.name}: new ('{question.label}')" for question in draft.questions if question.name not in met]
    order = [key for key in earlier if key in met]
    if order != [name for name in met if name in order] or met != [q.name for q in draft.questions if q.name in met]:
        found.append("the questions stand in another order")
    return found


def _of_question(key: str, items: list[AskedItem], label: str, question: DraftQuestion) -> list[str]:
    found = []
    if plain(question.label) != plain(label):
        found.append(f"{key}: reworded, '{label}' is now '{question.label}'")
    before = {plain(danish(option.label or "")): code for code, option in items[0].options.items()}
    now = {plain(option.label): option.code for option in question.options}
    if question.kind in ("single", "matrix") and before and now:
        found += _of_answers(key, before, now)
    boxes = [plain(danish(item.member_label or "")) for item in items if item.member is not None]
    rows = [plain(item.label) for item in question.items]
    for kind, names in (
        ("new", [row for row in rows if row not in boxes]),
        ("missing", [box for box in boxes if box not in rows]),
    ):
        found += [f"{key}: {kind} item '{name}'" for name in names]
    if boxes != rows and sorted(boxes) == sorted(rows):
        found.append(f"{key}: items re-ordered")
    return found


def _of_answers(key: str, before: dict[str, int], now: dict[str, int]) -> list[str]:
    found = [f"{key}: new answer '{text}'" for text in now if text not in before]
    found += [f"{key}: missing answer '{text}'" for text in before if text not in now]
    found += [
        f"{key}: re-coded, '{text}' was {code} and is {now[text]}"
        for text, code in before.items()
        if now.get(text, code) != code
    ]
    both = [text for text in before if text in now]
    if both != [text for text in now if text in before]:
        found.append(f"{key}: answers re-ordered")
    return found
