"""A survey that the project does not know: two questions, one of them routed, a construct, strata with unequal weights.

It is rows of the catalogue and one response file; the shares are worked out here as well, apart from the project.
"""

from __future__ import annotations

import csv
from pathlib import Path

from support.estimation_project import write_wave

SURVEY, WAVE = "fjord", "fjord_2026"
NOT_ASKED, NO_ANSWER = -1, -2
# Stratum: firms in the population, firms that answered.
STRATA = {"manufacturing": (900, 180), "construction": (2400, 240)}
ROWS: dict[str, list[dict[str, object]]] = {
    "catalogue/surveys": [
        {"survey_id": SURVEY, "label_da": "Fjordundersøgelsen", "label_en": "Fjord survey", "producer": "Fjordrådet",
         "statistical_unit": "enterprise", "sampling_design_en": "Stratified by industry", "is_cited_only": "false"},
    ],
    "catalogue/survey_waves": [
        {"survey_wave_id": WAVE, "survey_id": SURVEY, "label_da": "2026", "label_en": "2026",
         "reference_period": "2026", "collection_mode": "email_web", "weighting_method": "weighted",
         "population_da": "SMV'er ved fjorden", "population_en": "SMEs by the fjord", "design_effect": 1.2,
         "design_effect_basis": "Computed from the responses"},
    ],
    "catalogue/base_populations": [
        {"base_population_id": base, "survey_id": SURVEY, "label_da": da, "label_en": en, "base_kind": kind,
         "size_limits": "10-249"}
        for base, da, en, kind in [
            ("fjord_smes", "SMV'er ved fjorden", "SMEs by the fjord", "all"),
            ("fjord_users", "AI-brugere ved fjorden", "AI users by the fjord", "all"),
        ]
    ],
    "catalogue/indicators": [
        {"indicator_id": "ai_daily_use", "label_da": "Bruger AI dagligt", "label_en": "Uses AI every day",
         "construct": "intensity", "theme": "adoption", "definition_en": "Share of firms that use AI on most days"},
    ],
    "catalogue/comparability_groups": [
        {"comparability_group_id": f"{indicator}__{base}", "indicator_id": indicator, "base_population_id": base,
         "title_da": title_da, "title_en": title_en}
        for indicator, base, title_da, title_en in [
            ("ai_use", "fjord_smes", "Bruger AI – SMV'er ved fjorden", "Uses AI – SMEs by the fjord"),
            ("ai_daily_use", "fjord_smes", "Bruger AI dagligt – SMV'er", "Uses AI daily – SMEs by the fjord"),
            ("ai_daily_use", "fjord_users", "Bruger AI dagligt – brugere", "Uses AI daily – users"),
        ]
    ],
    "catalogue/questions": [
        {"question_id": f"fjord_q{number}", "survey_wave_id": WAVE, "question_number": number,
         "question_type": "single", "wording_da": da, "wording_en": en, "asked_of": asked_of,
         "indicator_id": indicator, "extent_printed": "full"}
        for number, da, en, asked_of, indicator in [
            (1, "Anvender I kunstig intelligens?", "Do you use artificial intelligence?", "all", "ai_use"),
            (2, "Hvor ofte?", "How often?", "users", "ai_daily_use"),
        ]
    ],
    "responses/response_items": [
        {"survey_wave_id": WAVE, "item_id": "uses_ai", "column_name": "uses_ai", "value_kind": "code",
         "question_id": "fjord_q1", "base_population_id": "fjord_smes"},
        {"survey_wave_id": WAVE, "item_id": "how_often", "column_name": "how_often", "value_kind": "code",
         "question_id": "fjord_q2", "base_population_id": "fjord_users",
         "asked_if_column": "uses_ai", "asked_if_values": "1"},
        {"survey_wave_id": WAVE, "item_id": "daily", "column_name": "daily", "value_kind": "code",
         "base_population_id": "fjord_smes"},
    ],
    "responses/response_options": [
        {"survey_wave_id": WAVE, "item_id": item, "code": code, "label_da": label_da, "label_en": label_en}
        for item, options in {
            "uses_ai": [(0, "Nej", "No"), (1, "Ja", "Yes")],
            "how_often": [(1, "Sjældent", "Rarely"), (2, "Hver uge", "Every week"), (3, "Hver dag", "Every day")],
            "daily": [(0, "Nej", "No"), (1, "Ja", "Yes")],
        }.items()
        for code, label_da, label_en in options
    ],
    "responses/derived_columns": [
        {"survey_wave_id": WAVE, "column_name": "daily", "rule_order": order, "value": value, "at_least": 1,
         "if_columns": column, "if_values": values}
        for order, value, column, values in [
            (1, 1, "how_often", "3"), (2, 0, "how_often", "1;2"), (3, 0, "uses_ai", "0"),
        ]
    ],
    "responses/estimation_designs": [
        {"design_id": WAVE, "survey_id": SURVEY, "survey_wave_id": WAVE, "stratum_scope": "wave", "has_psu": "false",
         "has_population_correction": "true", "lonely_stratum": "adjust", "measure_set_id": SURVEY,
         "breakdown_set_id": SURVEY, "interval_level": 0.95, "degrees_of_freedom_rule": "design"},
    ],
    "responses/estimation_measures": [
        {"measure_set_id": SURVEY, "measure_id": measure, "statistic": "share", "item_id": item,
         "interval_method": "logit", "is_amount": "false", "indicator_id": indicator, "base_population_id": base,
         "unit_of_measure": "percent"}
        for measure, item, indicator, base in [
            ("use", "uses_ai", "ai_use", "fjord_smes"),
            ("daily_of_users", "how_often", "ai_daily_use", "fjord_users"),
            ("daily_of_all", "daily", "ai_daily_use", "fjord_smes"),
        ]
    ],
    "responses/estimation_scores": [
        {"measure_set_id": SURVEY, "measure_id": measure, "code": code, "score": score}
        for measure, scores in {
            "use": {0: 0, 1: 1}, "daily_of_users": {1: 0, 2: 0, 3: 1}, "daily_of_all": {0: 0, 1: 1},
        }.items()
        for code, score in scores.items()
    ],
    "responses/estimation_breakdowns": [
        {"breakdown_set_id": SURVEY, "breakdown_id": columns or "total", "breakdown_columns": columns}
        for columns in ("", "industry_id")
    ],
}  # fmt: skip


def answers() -> list[dict]:
    """420 firms in two strata; one in 20 gives no answer to a question."""
    rows = []
    for stratum, (population, answered) in STRATA.items():
        for number in range(answered):
            uses_ai = NO_ANSWER if number % 20 == 7 else int(number % 10 < (6 if stratum == "manufacturing" else 3))
            how_often = NOT_ASKED if uses_ai != 1 else NO_ANSWER if number % 20 == 11 else number * 7 % 3 + 1
            rows.append(
                {
                    "respondent_id": f"fjordfirma-{stratum}-{number:03d}",
                    "stratum_id": stratum,
                    "design_weight": population / answered,
                    "stratum_population_size": float(population),
                    "industry_id": stratum,
                    "uses_ai": uses_ai,
                    "how_often": how_often,
                }  # fmt: skip
            )
    return rows


def expected_shares(rows: list[dict], industry: str | None = None) -> dict[tuple[str, str], float]:
    """Weighted shares in per cent by indicator and base population, over those who were asked and answered."""
    rows = [row for row in rows if industry in (None, row["industry_id"])]

    def share(valid: list[dict], *, column: str, code: int) -> float:
        total = sum(row["design_weight"] for row in valid)
        return 100 * sum(row["design_weight"] for row in valid if row[column] == code) / total

    users = [row for row in rows if row["how_often"] > 0]
    known = users + [row for row in rows if row["uses_ai"] == 0]
    return {
        ("ai_use", "fjord_smes"): share([row for row in rows if row["uses_ai"] >= 0], column="uses_ai", code=1),
        ("ai_daily_use", "fjord_users"): share(users, column="how_often", code=3),
        ("ai_daily_use", "fjord_smes"): share(known, column="how_often", code=3),
    }


def add_survey(project: Path, rows: list[dict]) -> None:
    """Append the rows to the seeds of a project folder and put the response file where the project looks for it."""
    for seed, added in ROWS.items():
        path = project / "seeds" / f"{seed}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        with path.open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, header, lineterminator="\n").writerows(added)
    write_wave(project / "responses", SURVEY, WAVE, rows)
