"""What became of the sample of a load: the final disposition of every firm, and the weights of those who answered.

The frame says what it knows; the answers that are loaded decide where both speak of the same firm.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from smv_ai.errors import BadInputError
from smv_ai.intake.canonical import OUTCOMES, Canonical
from smv_ai.intake.frame import DESIGN, ONE_STRATUM, FrameRows
from smv_ai.intake.rules import SET_ASIDE
from smv_ai.survey.description import Trim
from smv_ai.survey.dispositions import DISPOSITIONS, Outcomes, Stratum, eligible_share
from smv_ai.survey.file.model import NonResponse, SurveyFile
from smv_ai.survey.trimming import CannotTrim, trimmed_weights

MOST_WEIGHTS = 3
Class = tuple[str | None, ...]


@dataclass(frozen=True)
class Sample:
    """The sampled firms of a load by key: final disposition, and whether the answer is loaded.

    `differs` counts firms whose disposition in the frame is another: (of the frame, final, whether loaded).
    """

    frame: FrameRows
    final: dict[str, str]
    loaded: set[str]
    differs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def strata(self) -> list[Stratum]:
        """The counts of each stratum."""
        found = []
        for name, population, keys in self.frame.strata():
            counts = Counter(self.final[key] for key in keys)
            found.append(Stratum(name, population, Outcomes(*(float(counts[one]) for one in DISPOSITIONS))))
        return found


def strata_without_answer(sample: Sample) -> list[tuple[str, float]]:
    """Strata with a population and no answer that is loaded, with their firms: within strata nobody stands for them."""
    return [
        (name, population)
        for name, population, keys in sample.frame.strata()
        if population and not any(key in sample.loaded for key in keys)
    ]


def sample_of(frame: FrameRows, canonical: Canonical) -> Sample:
    """The final disposition of every firm of the frame.

    A firm whose answer is loaded is complete, or partial where the frame says so. Of the others the frame's word holds,
    but without an answer that is loaded nobody is complete: a row that was set aside as partial is partial, any other
    row, and a row that is missing, makes it a non-response of another kind (`other`). Where the frame says nothing, a
    partial row with an answer is partial, a row in quarantine `other`, and all else of unknown eligibility.
    """
    rows = _rows_by_firm(canonical)
    final: dict[str, str] = {}
    differs: Counter[tuple[str, str]] = Counter()
    loaded = {key for key in frame.stratum if "loaded" in rows.get(key, ())}
    for key in frame.stratum:
        said, own = frame.disposition.get(key, ""), rows.get(key, set())
        final[key] = _final(said, own, is_loaded=key in loaded)
        if said and said != final[key]:
            differs[said, final[key]] += 1
    return Sample(frame, final, loaded, differs)


def _final(said: str, rows: set[str], *, is_loaded: bool) -> str:
    if is_loaded:
        return "partial" if said == "partial" else "complete"
    if said == "complete":
        return "partial" if "partial" in rows else "other"
    if said:
        return said
    if "partial" in rows:
        return "partial"
    return "other" if "quarantined" in rows else "unknown_eligibility"


def _rows_by_firm(canonical: Canonical) -> dict[str, set[str]]:
    """What became of the rows of each respondent: loaded, partial (with an answer) or quarantined."""
    found: dict[str, set[str]] = {}
    for at, (outcome, who) in enumerate(zip(canonical.outcome.tolist(), canonical.who.tolist(), strict=True)):
        rule = OUTCOMES[outcome]
        kind = "quarantined" if rule not in (*SET_ASIDE, "loaded") else rule
        if kind in ("loaded", "quarantined") or (kind == "partial" and canonical.answered[at]):
            found.setdefault(canonical.respondents[who], set()).add(kind)
    return found


# --- weights


@dataclass(frozen=True)
class WeightingClass:
    """A class of non-response: its firms and answers, e, and the factor of the weights of those who answered."""

    name: str
    sampled: int
    answered: int
    eligible_share: float
    factor: float


@dataclass(frozen=True)
class Weights:
    """Design weights by firm, corrected for non-response, and the classes of it (none: the strata)."""

    by_key: dict[str, float]
    classes: list[WeightingClass] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


def weights_of(sample: Sample, file: SurveyFile, where: str) -> Weights:
    """The design weight of each firm whose answer is loaded.

    Without `non_response` it is N / r of the stratum: firms of the population over answers that are loaded (Särndal,
    Swensson and Wretman 1992, 3.7 and 15.6: stratified simple random sampling, non-response alike within a stratum).
    With it, it is N / n of the stratum times the factor of the class: the weighted firms of the class that are
    eligible, or of unknown eligibility times e, over those that answered (Valliant, Dever and Kreuter 2018, Practical
    Tools for Designing and Weighting Survey Samples, 13: weighting class adjustment). Those not eligible keep their
    weight, and stand for firms of the population that are not eligible either. Without population sizes it is 1.
    Raises BadInputError where a class has fewer answers than the survey file asks for.
    """
    if file.non_response is not None:
        return _in_classes(sample, file.non_response, file.eligible_share, where)
    found: dict[str, float] = {}
    for _, population, keys in sample.frame.strata():
        answered = [key for key in keys if key in sample.loaded]
        found |= dict.fromkeys(answered, population / len(answered) if population and answered else 1.0)
    return Weights(found)


def _in_classes(sample: Sample, said: NonResponse, stated: float | None, where: str) -> Weights:
    frame = sample.frame
    base = {key: (population or 0.0) / len(keys) for _, population, keys in frame.strata() for key in keys}
    cells = _cells(frame, said, where)
    label_of, merged = merged_classes(cells, Counter(cells[key] for key in sample.loaded), said, where)
    members: dict[Class, list[str]] = {}
    for key, cell in cells.items():
        members.setdefault(label_of[cell], []).append(key)
    weights: dict[str, float] = {}
    classes = []
    for label, keys in sorted(members.items(), key=lambda pair: shown(pair[0])):
        sums = Outcomes(*(sum(base[key] for key in keys if sample.final[key] == name) for name in DISPOSITIONS))
        share = eligible_share(sums) if stated is None else stated
        answered = [key for key in keys if key in sample.loaded]
        factor = (sums.eligible + share * sums.unknown_eligibility) / sum(base[key] for key in answered)
        weights |= {key: base[key] * factor for key in answered}
        classes.append(WeightingClass(shown(label), len(keys), len(answered), share, factor))
    return Weights(weights, classes, merged)


def shown(label: Class) -> str:
    """A class by its values; columns that were given up are left out."""
    return " × ".join(value for value in label if value is not None) or "all firms"


def _cells(frame: FrameRows, said: NonResponse, where: str) -> dict[str, Class]:
    """The class of each firm before any is merged. Raises BadInputError where a cell of the frame is empty."""
    columns = [frame.stratum if name == "stratum_id" else frame.columns[name] for name in said.classes]
    for name, column in zip(said.classes, columns, strict=True):
        if empty := [key for key, value in column.items() if not value]:
            raise BadInputError(
                f"{frame.file}: row {frame.row[empty[0]]}: {name} of {empty[0]} is empty, and makes the classes of"
                f" non-response ({where}); fill it in, or take the column out. Nothing was"
                f" loaded."
            )
    return {key: tuple(column[key] for column in columns) for key in frame.stratum}


def merged_classes(
    cells: dict[str, Class], answers: Counter[Class], said: NonResponse, where: str
) -> tuple[dict[Class, Class], list[str]]:
    """The class that each cell ends in, and in words which were merged; `answers` counts the loaded ones of a cell.

    Column after column of `merge`, a class with fewer than `at_least` answers takes in all that differ from it in the
    columns that were given up so far. Raises BadInputError where one is still too small.
    """
    label_of: dict[Class, Class] = {cell: cell for cell in sorted(set(cells.values()))}
    merged: list[str] = []
    given_up: list[int] = []
    for column in said.merge:
        given_up.append(said.classes.index(column))
        for label in _too_small(label_of, answers, said.at_least):
            wider = tuple(None if at in given_up else value for at, value in enumerate(label))
            inside = [
                cell for cell in label_of if all(value is None or cell[at] == value for at, value in enumerate(wider))
            ]
            label_of |= dict.fromkeys(inside, wider)
            merged.append(f"{shown(label)} -> {shown(wider)}")
    if small := _too_small(label_of, answers, said.at_least):
        counts = _answers_by_label(label_of, answers)
        told = ", ".join(f"{shown(label)} ({counts[label]})" for label in small[:12])
        left = [name for name in said.classes if name not in said.merge]
        way = f"; name under merge the columns that may be given up ({', '.join(left)})" if left else ""
        raise BadInputError(
            f"{where}: classes with fewer than {said.at_least} answers: {told}{way}, or lower at_least."
            f" Nothing was loaded."
        )
    return label_of, merged


def _answers_by_label(label_of: dict[Class, Class], answers: Counter[Class]) -> Counter[Class]:
    found: Counter[Class] = Counter()
    for cell, label in label_of.items():
        found[label] += answers[cell]
    return found


def _too_small(label_of: dict[Class, Class], answers: Counter[Class], at_least: int) -> list[Class]:
    counts = _answers_by_label(label_of, answers)
    return sorted((label for label, count in counts.items() if count < at_least), key=shown)


def design_columns(
    names: list[str], who: np.ndarray, frame: FrameRows | None, weights: Weights | None
) -> dict[str, np.ndarray]:
    """Stratum, design weight and population size of the rows that are loaded, and the columns of the frame.

    `names` are the respondents, `who` for each loaded row which of them. Without a frame the weight is 1.
    """
    if frame is None or weights is None:
        ones = (np.full(len(who), ONE_STRATUM, object), np.ones(len(who)), np.full(len(who), np.nan))
        return dict(zip(DESIGN, ones, strict=True))
    keys = [names[one] for one in who.tolist()]
    found = {
        "stratum_id": np.array([frame.stratum[key] for key in keys], object),
        "design_weight": np.array([weights.by_key[key] for key in keys], float),
        "stratum_population_size": np.array([frame.population.get(key, np.nan) for key in keys], float),
    }
    return found | {
        column: np.array([values.get(key) or None for key in keys], object) for column, values in frame.columns.items()
    }


# --- how unequal the weights are


def diagnostics(weights: np.ndarray, strata: list[str]) -> dict[str, Any]:
    """How unequal weights are: range, Kish's effect, effective number of answers, and the largest of them.

    Kish's effect is 1 + CV², n Σw² / (Σw)²: by how much unequal weights alone raise a variance (Kish 1965, Survey
    Sampling, 11.7; 1992, Journal of Official Statistics 8, 183-200). `largest` has for each of the largest weights how
    many answers have it, of which strata, and what part of the sum of all weights they are.
    """
    total, count, names = float(weights.sum()), len(weights), np.array(strata, object)
    effect = count * float((weights**2).sum()) / total**2 if total > 0 else 1.0
    largest = []
    for value in np.unique(weights)[::-1][:MOST_WEIGHTS].tolist():
        mine = names[weights == value].tolist()
        part = value * len(mine) / total if total > 0 else 0.0
        largest.append({"weight": value, "answers": len(mine), "strata": sorted(set(mine)), "share": part})
    return {
        "answers": count,
        "sum": total,
        "least": float(weights.min()),
        "largest_weight": float(weights.max()),
        "kish_effect": effect,
        "effective_answers": count / effect,
        "largest": largest,
    }


def after_trimming(weights: np.ndarray, file: SurveyFile) -> np.ndarray | None:
    """The weights within the limits that the survey file states; None where it states none, or none can be kept."""
    if file.trim is None:
        return None
    try:
        return trimmed_weights(weights, Trim(file.trim.lower, file.trim.upper, file.trim.strict))
    except CannotTrim:
        return None
