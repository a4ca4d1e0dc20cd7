"""What became of the sampled firms, and the response rates that follow, by stratum and in total.

A load writes its counts into the Parquet file of the responses (`with_counts`), so that both are switched, and undone,
together; a survey file may state them itself (`dispositions`). From either come the same rows (`rate_rows`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from smv_ai.errors import BadInputError

# Key of the counts in the footer of a response file.
KEY = b"smv_ai.sample"
RATES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Outcomes:
    """Sampled firms by final disposition; whole numbers, or sums of weights.

    The letters are those of AAPOR: I complete, P partial, R refusal and break-off, NC non-contact, O other,
    U unknown eligibility (UH and UO together), and those that are not eligible.
    """

    complete: float = 0
    partial: float = 0
    refusal: float = 0
    no_contact: float = 0
    other: float = 0
    unknown_eligibility: float = 0
    not_eligible: float = 0

    @property
    def sampled(self) -> float:
        """All of them."""
        return sum(getattr(self, name) for name in DISPOSITIONS)

    @property
    def eligible(self) -> float:
        """Those that are known to be eligible: I + P + R + NC + O."""
        return self.complete + self.partial + self.refusal + self.no_contact + self.other

    def times(self, weight: float) -> Outcomes:
        """Each count as a sum of weights."""
        return Outcomes(*(getattr(self, name) * weight for name in DISPOSITIONS))

    def plus(self, other: Outcomes) -> Outcomes:
        """The counts of both."""
        return Outcomes(*(getattr(self, name) + getattr(other, name) for name in DISPOSITIONS))


DISPOSITIONS = tuple(field.name for field in fields(Outcomes))


@dataclass(frozen=True)
class Stratum:
    """The sampled firms of a stratum, and the number of its firms in the population (None where it is not known)."""

    stratum_id: str
    population: float | None
    outcomes: Outcomes

    @property
    def weighted(self) -> Outcomes | None:
        """The counts, each firm N / n times; None without a population size or a sampled firm."""
        sampled = self.outcomes.sampled
        return self.outcomes.times(self.population / sampled) if self.population and sampled else None


def eligible_share(outcomes: Outcomes) -> float:
    """e, the part of those of unknown eligibility that is eligible: as among those whose eligibility is known.

    e = (I + P + R + NC + O) / (I + P + R + NC + O + not eligible), and 1 where nobody's is known, the lowest rate.
    Source: AAPOR (2023), Standard Definitions, 10th edition, on estimating e: proportional allocation (CASRO).
    """
    known = outcomes.eligible + outcomes.not_eligible
    return outcomes.eligible / known if known else 1.0


def response_rates(outcomes: Outcomes, share: float) -> tuple[float | None, ...]:
    """RR1 to RR4 as parts of 1; `share` is e. None where nobody is, or may be, eligible.

    RR1 = I / (I + P + R + NC + O + U), RR2 = (I + P) / the same; RR3 = I / (I + P + R + NC + O + e U),
    RR4 = (I + P) / the same. Source: AAPOR (2023), Standard Definitions, 10th edition, Response Rates.
    """
    answers = (outcomes.complete, outcomes.complete + outcomes.partial)
    bases = [outcomes.eligible + part * outcomes.unknown_eligibility for part in (1.0, share)]
    return tuple(answer / base if base else None for base in bases for answer in answers)


def rate_rows(
    survey_id: str, wave_id: str, strata: Iterable[Stratum], stated: float | None, source_file: str
) -> Iterator[dict[str, Any]]:
    """The rows of `response_rates`: each stratum by name, and the total last; rates in per cent.

    `stated` is e as the survey states it; None: of each row as among its own firms. The weighted rates count each firm
    N / n times, the firms of its stratum in the population over those that were sampled; they need all sizes.
    """
    known = sorted(strata, key=lambda stratum: stratum.stratum_id)
    head = {"survey_id": survey_id, "survey_wave_id": wave_id}
    end = {"source_file": source_file}
    total, sums = Outcomes(), Outcomes()
    for stratum in known:
        outcomes, weighted = stratum.outcomes, stratum.weighted
        total, sums = total.plus(outcomes), sums.plus(weighted or Outcomes())
        place = {"stratum_id": stratum.stratum_id, "is_total": False, "stratum_population_size": stratum.population}
        yield head | place | _figures(outcomes, weighted, stated) | end
    if known:
        sizes = [stratum.population for stratum in known if stratum.weighted is not None]
        has_sizes = len(sizes) == len(known)
        size = sum(size or 0.0 for size in sizes) if has_sizes else None
        place = {"stratum_id": None, "is_total": True, "stratum_population_size": size}
        yield head | place | _figures(total, sums if has_sizes else None, stated) | end


def _figures(outcomes: Outcomes, weighted: Outcomes | None, stated: float | None) -> dict[str, float | None]:
    share = eligible_share(outcomes) if stated is None else stated
    found: dict[str, float | None] = {"sampled_count": outcomes.sampled}
    found |= {f"{name}_count": getattr(outcomes, name) for name in DISPOSITIONS}
    found["eligible_share"] = share
    for start, sums in (("", outcomes), ("weighted_", weighted)):
        rates: tuple[float | None, ...] = (None,) * len(RATES)
        if sums is not None:
            rates = response_rates(sums, eligible_share(sums) if stated is None else stated)
        for number, rate in zip(RATES, rates, strict=True):
            found[f"{start}response_rate_{number}"] = None if rate is None else 100 * rate
    return found


# --- beside the responses of a load


def with_counts(responses: pa.Table, strata: Iterable[Stratum], stated: float | None) -> pa.Table:
    """The responses with the counts of their sample in the metadata of the file."""
    said = {
        "eligible_share": stated,
        "strata": [
            {
                "stratum_id": stratum.stratum_id,
                "population": stratum.population,
                **{name: getattr(stratum.outcomes, name) for name in DISPOSITIONS},
            }
            for stratum in strata
        ],
    }
    metadata = {**(responses.schema.metadata or {}), KEY: json.dumps(said, ensure_ascii=False).encode()}
    return responses.replace_schema_metadata(metadata)


def counts_in(path: Path) -> tuple[list[Stratum], float | None] | None:
    """The counts that a response file holds, and e where it is stated; None where it holds none.

    What is no Parquet file holds none: the check of the responses names it. Raises BadInputError where the counts
    cannot be read.
    """
    try:
        found = (parquet.read_schema(path).metadata or {}).get(KEY)
    except (OSError, pa.ArrowException):
        return None
    if found is None:
        return None
    try:
        said: Mapping[str, Any] = json.loads(found)
        strata = [
            Stratum(str(row["stratum_id"]), row["population"], Outcomes(*(float(row[name]) for name in DISPOSITIONS)))
            for row in said["strata"]
        ]
        return strata, said["eligible_share"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"{path.parent.name}/{path.name}: the counts of the sample in it cannot be read ({error}); load the"
            f" wave again"
        ) from error


def loaded_rows(root: Path, waves: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of all loads below the folder of responses; `waves` gives the survey of each wave that has a file.

    Raises BadInputError where a file holds counts that cannot be read.
    """
    for wave_id, survey_id in sorted(waves.items()):
        folder = root / f"survey_id={survey_id}" / f"survey_wave_id={wave_id}"
        for path in sorted(folder.glob("*.parquet")):
            if (found := counts_in(path)) is not None:
                shown = f"responses/{path.parent.parent.name}/{path.parent.name}"
                yield from rate_rows(survey_id, wave_id, *found, shown)
                break
