"""A survey that the project does not know: two questions, one of them routed, a construct, strata with unequal weights.

It is one survey file and one response file; the shares are worked out here as well, apart from the project.
"""

from __future__ import annotations

from pathlib import Path

from support.estimation_project import write_wave

SURVEY, WAVE = "fjord", "fjord_2026"
NOT_ASKED, NO_ANSWER = -1, -2
# Stratum: firms in the population, firms that answered.
STRATA = {"manufacturing": (900, 180), "construction": (2400, 240)}
FILE = """\
survey: {id: fjord, label: Fjordundersøgelsen | Fjord survey, producer: Fjordrådet}
tables: [total, industry_id]
variance: {correction: true}
theme: adoption
bases:
  smes: SMV'er ved fjorden | SMEs by the fjord
  users: {label: AI-brugere ved fjorden | AI users by the fjord, where: uses_ai = 1}
indicators:
  daily_use: {label: Bruger AI dagligt | Uses AI every day, construct: intensity}
questions:
  uses_ai: {label: "Anvender I AI? | Do you use AI?", options: yes_no, indicator: ai_use}
  how_often:
    label: Hvor ofte? | How often?
    options: {1: Sjældent | Rarely, 2: Hver uge | Every week, 3: Hver dag | Every day}
    base: users
    estimates: {daily_of_users: {share: 3, indicator: daily_use}}
  daily:
    label: Bruger AI dagligt | Uses AI every day
    options: yes_no
    rules: {1: how_often = 3, 0: "how_often in (1, 2) or uses_ai = 0"}
    indicator: daily_use
dispositions:
  manufacturing: {population: 900, complete: 170, partial: 10, refusal: 60, no_contact: 40, unknown_eligibility: 20}
  construction: {population: 2400, complete: 240, refusal: 100, other: 50, not_eligible: 10}
"""


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
        ("fjord_daily_use", "fjord_users"): share(users, column="how_often", code=3),
        ("fjord_daily_use", "fjord_smes"): share(known, column="how_often", code=3),
    }


def add_survey(project: Path, rows: list[dict]) -> None:
    """Add the survey file to a project folder, and the response file where the project looks for it."""
    (project / "surveys" / f"{WAVE}.yml").write_text(FILE, encoding="utf-8")
    write_wave(project / "responses", SURVEY, WAVE, rows)
