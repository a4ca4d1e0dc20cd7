"""The quality rules of a wave: those of the product as its file changes them, and rules of the survey's own.

What protects respondents is no quality rule; no survey file can change it (docs/disclosure.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from smv_ai.suggest import allowed_in_words
from smv_ai.survey.file.items import WaveFile, danish, english
from smv_ai.survey.file.layout import Row
from smv_ai.survey.file.model import QualityRule
from smv_ai.survey.file.names import Names

OWN_NEEDS = ("statistic", "metric", "grade", "label")
WHAT_IT_IS_ABOUT = ("statistic", "metric")


def quality_rows(wave: WaveFile) -> Iterator[Row]:
    """A row for each rule that the file names, with all that it says together with the product's rule of that name."""
    for name, rule in wave.file.quality.items():
        general = wave.names.quality_rules.get(name, {})
        label = rule.label or f"{general.get('reason_da', name)} | {general.get('reason_en', name)}"
        yield {
            "survey_wave_id": wave.wave_id,
            "quality_rule_id": name if general else f"{wave.survey_id}_{name}",
            "statistic": rule.statistic or general.get("statistic"),
            "metric": rule.metric or general.get("metric"),
            "at_least": _limit(rule.at_least, general.get("at_least")),
            "below": _limit(rule.below, general.get("below")),
            "quality_grade": rule.grade or general.get("quality_grade"),
            "reason_da": danish(label),
            "reason_en": english(label),
            "holds": rule.holds,
        }


def _limit(own: float | None, general: str | None) -> float | None:
    return own if own is not None else float(general) if general else None


def quality_faults(name: str, rule: QualityRule, names: Names) -> Iterator[tuple[str | None, str]]:
    """What is wrong with a rule: the key, None for the rule as a whole, and a message."""
    general = names.quality_rules.get(name)
    missing = [key for key in OWN_NEEDS if getattr(rule, key) is None]
    if general is None and (missing or not rule.holds):
        yield (
            None,
            f"'{name}' is no quality rule of the product; {allowed_in_words(name, list(names.quality_rules))};"
            f" one of the survey's own needs {', '.join(OWN_NEEDS)} and a limit",
        )
        return
    said = general or {}
    for key in WHAT_IT_IS_ABOUT:
        given = getattr(rule, key)
        if key in said and given is not None and given != said[key]:
            yield key, f"rule '{name}' has {key} {said[key]}; leave it out, or give another rule a name of its own"
    at_least, below = (_limit(getattr(rule, key), said.get(key)) for key in ("at_least", "below"))
    if at_least is None and below is None:
        yield None, f"'{name}' has no limit; needed: at_least, below or both"
    elif at_least is not None and below is not None and below <= at_least:
        yield None, f"'{name}' can never be broken: below ({below:g}) must be more than at_least ({at_least:g})"
