"""The smallest survey of one's own: two questions, a theme and a breakdown that the product does not know.

It is one survey file and one response file; the shares are worked out here as well, apart from the project.
"""

from __future__ import annotations

from pathlib import Path

from support.estimation_project import write_wave

SURVEY, WAVE = "quay", "quay_2026"
NOT_ASKED, NO_ANSWER = -1, -2
FILE = """\
survey: {id: quay, label: Kajen | The quay}
tables: [total, size, trust]
groups:
  size: {label: Størrelse | Size, values: {small: Lille | Small, large: Stor | Large}}
questions:
  trust:
    label: Stoler I på AI? | Do you trust AI?
    options: {1: Ja | Yes, 2: Måske | Maybe, 3: Nej | No}
  pays:
    label: Betaler I for AI? | Do you pay for AI?
    options: yes_no
    asked_if: trust in (1, 2)
"""
ANSWERS = {1: "Yes", 2: "Maybe", 3: "No"}
SIZES = {"small": (900, 180), "large": (300, 120)}


def answers() -> list[dict]:
    """300 firms in two strata of unequal weight; one in 20 gives no answer to the first question."""
    rows = []
    for size, (population, answered) in SIZES.items():
        for number in range(answered):
            trust = NO_ANSWER if number % 20 == 7 else (number * 7 // 3) % 3 + 1
            rows.append(
                {
                    "respondent_id": f"kajfirma-{size}-{number:03d}",
                    "stratum_id": size,
                    "design_weight": population / answered,
                    "stratum_population_size": float(population),
                    "size": size,
                    "trust": trust,
                    "pays": int(number % 5 < (3 if size == "large" else 2)) if trust in (1, 2) else NOT_ASKED,
                }
            )
    return rows


def expected_shares(rows: list[dict]) -> dict[tuple[str, str, str], float]:
    """Weighted shares in per cent by question, answer (empty for yes) and segment, over those who answered."""

    def share(rows: list[dict], column: str, code: int) -> float:
        valid = [row for row in rows if row[column] >= 0]
        return (
            100 * sum(r["design_weight"] for r in valid if r[column] == code) / sum(r["design_weight"] for r in valid)
        )

    segments = {"Total": rows}
    segments |= {f"Size: {size.title()}": [row for row in rows if row["size"] == size] for size in SIZES}
    trusted = {
        f"Do you trust AI?: {name}": [row for row in rows if row["trust"] == code] for code, name in ANSWERS.items()
    }
    found = {
        ("quay_trust", name, segment): share(members, "trust", code)
        for segment, members in (segments | trusted).items()
        for code, name in ANSWERS.items()
    }
    asked = segments | {segment: members for segment, members in trusted.items() if not segment.endswith("No")}
    return found | {("quay_pays", "", segment): share(members, "pays", 1) for segment, members in asked.items()}


def add_survey(project: Path) -> None:
    """Put the two files into a project folder."""
    (project / "surveys" / f"{WAVE}.yml").write_text(FILE, encoding="utf-8")
    write_wave(project / "responses", SURVEY, WAVE, answers())
