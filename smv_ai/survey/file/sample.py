"""The sample of a wave as its file says it: counts by stratum, dispositions of the frame, classes of non-response."""

from __future__ import annotations

from collections.abc import Iterator

from smv_ai.suggest import allowed_in_words
from smv_ai.survey.dispositions import DISPOSITIONS, Outcomes, Stratum, rate_rows
from smv_ai.survey.file.items import WaveFile
from smv_ai.survey.file.layout import Row
from smv_ai.survey.file.model import Frame, NonResponse, Sampled, SurveyFile

STRATUM = "stratum_id"
Fault = tuple[tuple[str, ...], str]


def stated_rows(wave: WaveFile) -> list[Row]:
    """The response rates of a wave whose file states what became of its sample."""
    strata = [
        Stratum(name, said.population, Outcomes(*(float(getattr(said, one)) for one in DISPOSITIONS)))
        for name, said in wave.file.dispositions.items()
    ]
    return list(
        rate_rows(wave.survey_id, wave.wave_id, strata, wave.file.eligible_share, f"surveys/{wave.wave_id}.yml")
    )


def sample_faults(file: SurveyFile) -> Iterator[Fault]:
    """What is wrong with what a file says of its sample: the key, and a message with the way out."""
    frame, stated = file.frame, file.dispositions
    if frame is not None and stated:
        yield ("dispositions",), "the frame gives the dispositions of this wave; take out one of the two"
    if file.eligible_share is not None and frame is None and not stated:
        yield ("eligible_share",), "is for a wave with a frame or dispositions; add one, or take it out"
    if frame is not None:
        if file.source is not None and file.source.respondent is None:
            yield ("frame", "key"), "needs source.respondent: the column of the export that holds the key"
        yield from _codes(frame)
        sizes = frame.population
        if sizes is not None and sizes.file is None and sizes.by:
            yield (
                ("frame", "population", "by"),
                "is for a table of population sizes; name it under file, or take it out",
            )
        if sizes is not None and sizes.file is not None and not sizes.by and frame.stratum is None:
            yield ("frame", "population"), "needs by, the columns that table and frame share, or frame.stratum"
    yield from _counts(stated)
    if file.non_response is not None:
        yield from _classes(file.non_response, frame)


def _codes(frame: Frame) -> Iterator[Fault]:
    """A code of the frame means one disposition."""
    means: dict[str, str] = {}
    for name in DISPOSITIONS if frame.disposition else ():
        for code in getattr(frame.disposition, name):
            if means.setdefault(code, name) != name:
                yield ("frame", "disposition", name), f"'{code}' is {means[code]} already; a code means one of them"


def _counts(stated: dict[str, Sampled]) -> Iterator[Fault]:
    without = [name for name, said in stated.items() if said.population is None]
    for name, said in stated.items():
        sampled = sum(getattr(said, one) for one in DISPOSITIONS)
        place = ("dispositions", name)
        if sampled == 0:
            yield place, f"has no sampled firm; count them by {', '.join(DISPOSITIONS)}, or take the stratum out"
        if said.population is not None and said.population < sampled:
            yield (
                (*place, "population"),
                f"{said.population:g} firms are fewer than the {sampled} that were sampled; correct one of the two",
            )
    if without and len(without) < len(stated):
        for name in without:
            yield ("dispositions", name), "has no population, and others have; add it here, or leave it out everywhere"


def _classes(said: NonResponse, frame: Frame | None) -> Iterator[Fault]:
    place = ("non_response", "classes")
    if frame is None or frame.population is None:
        yield (
            ("non_response",),
            "needs a frame with population: both give the weights that are corrected; add it",
        )
        return
    known = [STRATUM, *frame.columns]
    for name in said.classes:
        if name not in known:
            yield place, f"'{name}' is no column of the frame; {allowed_in_words(name, known)}"
        elif said.classes.count(name) > 1:
            yield place, f"'{name}' stands there twice; keep one"
    for name in said.merge:
        if name not in said.classes:
            yield ("non_response", "merge"), f"'{name}' makes no class; {allowed_in_words(name, said.classes)}"
        elif said.merge.count(name) > 1:
            yield ("non_response", "merge"), f"'{name}' stands there twice; keep one"
