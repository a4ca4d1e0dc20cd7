"""The plan of all matched comparisons: what is matched, and the outcomes compared; the models read it as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from smv_ai.matching.panel import Panel
from smv_ai.matching.rows import row_query
from smv_ai.matching.study import Outcome, Study, Trim, outcome_id

SETTINGS = [
    "study_id", "distance", "neighbours", "ties", "caliper", "variance_neighbours", "bias_adjust", "level",
    "evidence_type",
]  # fmt: skip
LABELS = ["label_da", "label_en", "note_da", "note_en", "base_population_id", "publication_id", "survey_wave_id"]


@dataclass(frozen=True)
class Comparison:
    """An outcome over years: two for a change, one for a level, three for a difference in differences."""

    outcome: Outcome
    years: tuple[int, ...]
    role: str = "outcome"

    @property
    def name(self) -> str:
        """Name within the study."""
        name = outcome_id(self.outcome)
        return name if self.role == "outcome" else f"{name}.{self.role}"


def comparisons_of(study: Study) -> list[Comparison]:
    """The outcomes of a study; with an earlier year also the placebo and the double difference of each change."""
    found = []
    for outcome in study.outcomes:
        if outcome.kind == "level":
            found.append(Comparison(outcome, (study.end_year,)))
            continue
        found.append(Comparison(outcome, (study.base_year, study.end_year)))
        if study.earlier_year is not None:
            found.append(Comparison(outcome, (study.earlier_year, study.base_year), "placebo"))
            years = (study.earlier_year, study.base_year, study.end_year)
            found.append(Comparison(outcome, years, "difference_in_differences"))
    return found


def samples_of(study: Study) -> list[list[Comparison]]:
    """Comparisons by the rows that they share: each its own, or all outcomes one sample (`sample: common`)."""
    comparisons = comparisons_of(study)
    if study.sample == "each":
        return [[comparison] for comparison in comparisons]
    shared = [comparison for comparison in comparisons if comparison.role == "outcome"]
    return [shared, *([comparison] for comparison in comparisons if comparison.role != "outcome")]


def write_plan(panels: Iterable[Panel], folder: Path) -> None:
    """Write row_queries, matchings and comparisons as JSON lines into the folder, for the staging models."""
    rows: dict[str, list[dict]] = {"row_queries": [], "matchings": [], "comparisons": []}
    for panel in panels:
        for sample in samples_of(panel.study):
            _add_sample(rows, panel, sample)
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in rows.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _add_sample(rows: dict[str, list[dict]], panel: Panel, sample: list[Comparison]) -> None:
    study = panel.study
    query_number = len(rows["row_queries"]) + 1
    query = row_query(study, panel.source, panel.answers, [(one.outcome, one.years) for one in sample])
    rows["row_queries"].append({"query_number": query_number, "study_id": study.study_id, "row_query": query})
    name = "all" if len(sample) > 1 else sample[0].name
    for value in panel.by_values:
        matching_number = len(rows["matchings"]) + 1
        rows["matchings"].append(
            {
                "matching_number": matching_number,
                "matching_id": "/".join([study.study_id, name, *([value] if study.by else [])]),
                "query_number": query_number,
                "by_value": value,
                **_settings(study),
            }
        )
        for number, comparison in enumerate(sample, start=1):
            rows["comparisons"].append(_comparison(rows, study, matching_number, number, comparison, value))


def _settings(study: Study) -> dict:
    columns = {
        "exact": study.exact,
        "distance": [str(term) for term in study.match_on],
        "balance": [str(term) for term in study.balance or study.match_on],
    }
    return {
        **{field: getattr(study, field) for field in SETTINGS},
        **{f"{kind}_columns": names for kind, names in columns.items()},
        **{
            f"{kind}_labels_{language}": [getattr(study.labels.get(name), language, name) for name in names]
            for kind, names in columns.items()
            for language in ("da", "en")
        },
    }


def _comparison(
    rows: dict[str, list[dict]], study: Study, matching_number: int, number: int, comparison: Comparison, value: str
) -> dict:
    outcome = comparison.outcome
    trim = outcome.trim or study.trim or Trim()
    return {
        "comparison_number": len(rows["comparisons"]) + 1,
        "comparison_id": "/".join([study.study_id, comparison.name, *([value] if study.by else [])]),
        "matching_number": matching_number,
        "outcome_number": number,
        "outcome_id": outcome_id(outcome),
        "indicator_id": outcome.indicator_id,
        "outcome_kind": outcome.kind,
        "outcome_role": comparison.role,
        "outcome_columns": outcome.column.columns,
        "outcome_years": list(comparison.years),
        "lower_trim": trim.lower,
        "upper_trim": trim.upper,
        "outcome_label_da": outcome.label_da or outcome_id(outcome),
        "outcome_label_en": outcome.label_en or outcome_id(outcome),
        **{f: getattr(study, f) for f in LABELS},
    }
