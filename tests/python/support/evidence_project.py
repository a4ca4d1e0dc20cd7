"""Small responses for two surveys of the catalogue, with codebooks of their own: for tests of what follows the
estimates.

The half-yearly panel (two waves, firms in both, calibrated) and the manufacturing survey, which gives the published
shares of its barriers back, stand for responses that a team has loaded; the second for a demonstration, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from support.estimation_project import DESIGN, MEASURE, write_wave

from smv_ai.golden.build import DEMO_RESPONSES, SURVEY_TABLES, link_project, run_dbt
from smv_ai.golden.catalogue import Catalogue

PANEL = ("deb", ["deb_2025_spring", "deb_2025_autumn"])
MANUFACTURING = ("ti", "ti_2025")
# Answers by code, with the score of the productivity indicator.
DIRECTIONS = {
    1: ("large_increase", 100), 2: ("moderate_increase", 50), 3: ("unchanged_no_movement", 0),
    4: ("unchanged_same_direction", 0), 5: ("moderate_decrease", -50), 6: ("large_decrease", -100),
}  # fmt: skip
# Printed shares of 300 firms.
BARRIERS = {"knowledge_skills": 108, "data_technology_infrastructure": 51, "business_potential_unclear": 30}
INDUSTRIES = ["construction", "trade_transport", "business_services"]
REGIONS = ["hub_hovedstaden", "hub_fyn", "hub_nordjylland"]
FEW_FIRMS, UNRELIABLE = "hub_bornholm", "hub_sydjylland"
POPULATION = 2000
# Free text of the questionnaire, and an amount that only one firm can have: neither may leave the build file.
FREE_TEXT = "Vi venter på en medarbejder, der kan Python"
ODD_AMOUNT = 48151.62342


def _region(firm: int) -> str:
    """One firm in 130 lies where too few are asked, one in 16 where the answers say little."""
    if firm % 130 == 7:
        return FEW_FIRMS
    return UNRELIABLE if firm % 16 == 3 else REGIONS[firm // 3 % 3]


def panel_wave(seed: int, first_firm: int, firms: int = 400) -> list[dict]:
    """Firms first_firm, first_firm + 1, ...: waves whose ranges overlap share firms; a firm answers much as before."""
    random = np.random.default_rng(seed)
    rows = []
    for firm in range(first_firm, first_firm + firms):
        lasting = np.random.default_rng(firm)
        direction = int(lasting.choice(6, p=[0.02, 0.22, 0.45, 0.12, 0.17, 0.02])) + 1
        if random.random() < 0.3:
            direction = int(random.integers(1, 7))
        industry = INDUSTRIES[firm % 3]
        rows.append(
            {
                "respondent_id": f"firm-cvr-{firm:06d}",
                "stratum_id": industry,
                "psu_id": f"firm-cvr-{firm:06d}",
                "design_weight": [4.0, 5.0, 6.5][firm % 3],
                "stratum_population_size": float(POPULATION),
                "industry_id": industry,
                "region_id": _region(firm),
                "firm_age_group": ["young", "old"][int(lasting.integers(2))],
                "direction": direction if random.random() > 0.03 else -2,
                "turnover": ODD_AMOUNT if firm == first_firm + 5 else round(float(lasting.lognormal(6, 1)), 2),
                "remarks": f"{FREE_TEXT} ({firm})",
                # a careless breakdown: what three firms wrote
                "reason": FREE_TEXT if firm % 130 == 9 else "none",
            }
        )
    return rows


def manufacturing_wave(prefix: str = "") -> list[dict]:
    """300 firms, unweighted, of whom as many name a barrier as the report prints."""
    rows = []
    for firm in range(300):
        row = {
            "respondent_id": f"{prefix}{firm:04d}", "stratum_id": "all", "psu_id": f"{prefix}{firm:04d}",
            "design_weight": 1.0, "stratum_population_size": 100000.0, "industry_id": "manufacturing",
            # so few that a crossing with the industry is hidden as a whole
            "region_id": FEW_FIRMS if firm % 120 == 7 else REGIONS[0],
        }  # fmt: skip
        # spread over the firms, so that a firm may name several
        for place, (barrier, count) in enumerate(BARRIERS.items()):
            row[barrier] = int((firm * 7 + 11 * place) % 300 < count)
        rows.append(row)
    return rows


def waves(panel_firms: int = 400) -> dict[tuple[str, str], list[dict]]:
    """The responses that were loaded: the panel and the manufacturing survey."""
    survey_id, (spring, autumn) = PANEL
    return {
        (survey_id, spring): panel_wave(1, 1000, panel_firms),
        (survey_id, autumn): panel_wave(2, 1000 + panel_firms // 2, panel_firms),
        MANUFACTURING: manufacturing_wave(),
    }


def demo_waves() -> dict[tuple[str, str], list[dict]]:
    """Demonstration responses: the manufacturing survey, with marked respondents."""
    return {MANUFACTURING: manufacturing_wave("demo_")}


def catalogue() -> dict[str, list[dict]]:
    """The codebooks of both surveys, as rows by seed."""
    seeds: dict[str, list[dict]] = {}
    for rows in (_panel_rows(), _manufacturing_rows()):
        for seed, added in rows.items():
            seeds.setdefault(seed, []).extend(added)
    return seeds


def _panel_rows() -> dict[str, list[dict]]:
    survey_id, waves_of_panel = PANEL
    design = {
        **DESIGN, "survey_id": survey_id, "calibration_method": "rake", "residual_weights": "base",
        "margin_set_id": "margins", "measure_set_id": survey_id, "breakdown_set_id": survey_id,
    }  # fmt: skip
    measure = {**MEASURE, "measure_set_id": survey_id, "base_population_id": "deb_smes"}
    answers = [
        {**measure, "measure_id": f"answer_{name}", "item_id": "direction", "indicator_id": "productivity_change",
         "answer_category_id": name, "unit_of_measure": "percent"}
        for name, _ in DIRECTIONS.values()
    ]  # fmt: skip
    mean = {"statistic": "mean", "interval_method": "wald"}
    return {
        "response_items": [
            {"survey_wave_id": wave, "item_id": item, "column_name": item, "value_kind": kind,
             "base_population_id": "deb_smes"}
            for wave in waves_of_panel
            for item, kind in (("direction", "code"), ("turnover", "number"))
        ],
        "response_options": [
            {"survey_wave_id": wave, "item_id": "direction", "code": code, "label_da": name, "label_en": name}
            for wave in waves_of_panel
            for code, (name, _) in DIRECTIONS.items()
        ],
        "estimation_designs": [
            *({**design, "design_id": wave, "survey_wave_id": wave} for wave in waves_of_panel),
            {
                **design, "design_id": "deb_change", "survey_wave_id": waves_of_panel[1],
                "earlier_survey_wave_id": waves_of_panel[0], "stratum_scope": "shared", "has_psu": "true",
                "calibration_within_column": "survey_wave_id", "change_column": "survey_wave_id",
                "change_from": waves_of_panel[0], "change_to": waves_of_panel[1],
            },
        ],
        "estimation_measures": [
            *answers,
            {**measure, **mean, "measure_id": "indicator", "item_id": "direction",
             "indicator_id": "productivity_indicator", "unit_of_measure": "index_points"},
            {**measure, **mean, "measure_id": "turnover", "item_id": "turnover", "is_amount": "true"},
        ],
        "estimation_scores": [
            *({"measure_set_id": survey_id, "measure_id": "indicator", "code": code, "score": score}
              for code, (_, score) in DIRECTIONS.items()),
            *({"measure_set_id": survey_id, "measure_id": f"answer_{name}", "code": code, "score": int(name == answer)}
              for name, _ in DIRECTIONS.values() for code, (answer, _) in DIRECTIONS.items()),
        ],
        "estimation_breakdowns": [
            {"breakdown_set_id": survey_id, "breakdown_id": columns or "total", "breakdown_columns": columns}
            for columns in ("", "industry_id", "region_id", "firm_age_group", "industry_id;firm_age_group", "reason")
        ],
        "calibration_margins": [
            {"margin_set_id": "margins", "column_name": "industry_id", "category": industry, "population_count": 2000,
             "is_demonstration": "false"}
            for industry in INDUSTRIES
        ],
    }  # fmt: skip


def _manufacturing_rows() -> dict[str, list[dict]]:
    survey_id, wave = MANUFACTURING
    measure = {**MEASURE, "measure_set_id": survey_id, "base_population_id": "ti_smes"}
    return {
        "response_items": [
            {"survey_wave_id": wave, "item_id": barrier, "column_name": barrier, "value_kind": "code",
             "base_population_id": "ti_smes"}
            for barrier in BARRIERS
        ],
        "response_options": [
            {"survey_wave_id": wave, "item_id": barrier, "code": code, "label_da": code, "label_en": code}
            for barrier in BARRIERS
            for code in (0, 1)
        ],
        "estimation_designs": [
            {**DESIGN, "survey_id": survey_id, "design_id": wave, "survey_wave_id": wave, "measure_set_id": survey_id,
             "breakdown_set_id": survey_id}
        ],
        "estimation_measures": [
            {**measure, "measure_id": barrier, "item_id": barrier, "indicator_id": "barrier", "barrier_id": barrier,
             "unit_of_measure": "percent"}
            for barrier in BARRIERS
        ],
        "estimation_scores": [
            {"measure_set_id": survey_id, "measure_id": barrier, "code": code, "score": code}
            for barrier in BARRIERS
            for code in (0, 1)
        ],
        "estimation_breakdowns": [
            {"breakdown_set_id": survey_id, "breakdown_id": columns or "total", "breakdown_columns": columns}
            for columns in ("", "region_id", "industry_id;region_id")
        ],
    }  # fmt: skip


# All but some 350 rules of single tables: `smv-ai check` looks at those of seeds, every other build at the rest.
EVERYTHING = ("build", "--exclude", "test_type:generic")
VARIABLES = {"survey_tables_path": SURVEY_TABLES}


def build(
    folder: Path, *, with_responses: bool = True, demo: bool = False, arguments: Sequence[str] = EVERYTHING
) -> Path:
    """Build the whole project with these codebooks, with or without the responses, or the demonstration of one survey.

    Returns the built file.
    """
    link_project(folder)
    Catalogue(tables=catalogue()).write(folder / SURVEY_TABLES)
    if with_responses:
        for place, responses in (("responses", waves()), (DEMO_RESPONSES, demo_waves())):
            for (survey_id, survey_wave_id), rows in responses.items():
                write_wave(folder / place, survey_id, survey_wave_id, rows)
    return run_dbt(folder, list(arguments), VARIABLES | ({"demo": True} if demo else {}))
