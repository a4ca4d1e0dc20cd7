"""What survey files may name that the product knows: the ids of its catalogue and code lists, from the seeds."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

# kind of name: seed and column that list it
LISTS = {
    "survey": ("catalogue/surveys", "survey_id"),
    "survey_wave": ("catalogue/survey_waves", "survey_wave_id"),
    "base": ("catalogue/base_populations", "base_population_id"),
    "question": ("catalogue/questions", "question_id"),
    "indicator": ("catalogue/indicators", "indicator_id"),
    "answer": ("codelists/answer_categories", "answer_category_id"),
    "technology": ("codelists/technologies", "technology_id"),
    "barrier": ("codelists/barriers", "barrier_id"),
    "unit": ("codelists/units", "unit_of_measure"),
    "construct": ("codelists/constructs", "construct"),
    "industry_id": ("codelists/industries", "industry_id"),
    "size_class_id": ("codelists/size_classes", "size_class_id"),
    "region_id": ("codelists/regions", "region_id"),
}
CODELISTS = {
    "theme": "construct_themes",
    "statistical_unit": "statistical_units",
    "mode": "collection_modes",
    "maturity_level_id": "maturity_levels",
    "ai_use_group_id": "ai_use_groups",
}
DIMENSIONS = ("industry_id", "size_class_id", "region_id", "maturity_level_id", "ai_use_group_id")


@dataclass(frozen=True)
class Names:
    """Known names by kind, in the order of their seeds; `survey_of` gives the survey of each wave and base.

    `quality_rules` has what the product's rules say, by their id.
    """

    known: dict[str, Collection[str]] = field(default_factory=dict)
    survey_of: dict[tuple[str, str], str] = field(default_factory=dict)
    groups: Collection[tuple[str, str]] = ()
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    quality_rules: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, kind: str) -> Collection[str]:
        """The names of a kind."""
        return self.known.get(kind, ())

    def label(self, kind: str, name: str) -> str:
        """The label of a name as a survey file writes labels; the name where it has none."""
        return self.labels.get((kind, name), name)


def _rows(seeds: Path, seed: str) -> list[dict[str, str]]:
    path = seeds / f"{seed}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="", errors="replace") as file:
        return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(file)]


def read_names(seeds: Path) -> Names:
    """The names that the seeds below the folder list; nothing of a seed that is not there."""
    rows = {seed: _rows(seeds, seed) for seed, _ in LISTS.values()}
    known = {kind: dict.fromkeys(row.get(column, "") for row in rows[seed]) for kind, (seed, column) in LISTS.items()}
    codes = _rows(seeds, "codelists/codes")
    for kind, codelist in CODELISTS.items():
        known[kind] = dict.fromkeys(row.get("code_id", "") for row in codes if row.get("codelist_id") == codelist)
    survey_of = {
        (kind, row.get(LISTS[kind][1], "")): row.get("survey_id", "")
        for kind in ("survey_wave", "base")
        for row in rows[LISTS[kind][0]]
    }
    groups = {
        (row.get("indicator_id", ""), row.get("base_population_id", ""))
        for row in _rows(seeds, "catalogue/comparability_groups")
    }
    labels = {
        (kind, row.get(LISTS[kind][1], "")): f"{row.get('label_da', '')} | {row.get('label_en', '')}"
        for kind in ("base", "indicator")
        for row in rows[LISTS[kind][0]]
    }
    labels |= {
        ("theme", row.get("code_id", "")): f"{row.get('label_da', '')} | {row.get('label_en', '')}"
        for row in codes
        if row.get("codelist_id") == CODELISTS["theme"]
    }
    rules = {row.get("quality_rule_id", ""): row for row in _rows(seeds, "responses/quality_rules")}
    return Names({kind: list(found) for kind, found in known.items()}, survey_of, groups, labels, rules)
