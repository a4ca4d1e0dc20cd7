"""The rules by which rows are set aside or quarantined, in both languages. A message is one of these with its place
filled in.
"""

from __future__ import annotations

from dataclasses import dataclass

SET_ASIDE = ("blank_row", "header_again", "test", "partial", "nonresponse", "repeat")
RULES: dict[str, tuple[str, str]] = {
    "blank_row": ("Rækken er tom", "The row is blank"),
    "header_again": ("Rækken gentager overskriften", "The row repeats the header"),
    "test": ("Testbesvarelse", "A test answer"),
    "partial": ("Ufuldstændig besvarelse", "A partial answer"),
    "nonresponse": ("Ingen besvarelse af en inviteret virksomhed", "No answer of a firm that was invited"),
    "repeat": ("Respondenten har en senere besvarelse", "The respondent has a later answer"),
    "row_length": (
        "Rækken har {value} celler, filen har {allowed}; ret skilletegn eller anførselstegn",
        "The row has {value} cells, the file has {allowed}; mend delimiters or quotes",
    ),
    "respondent_present": ("Respondenten mangler; udfyld feltet", "The respondent is missing; fill in the field"),
    "respondent_once": (
        "Respondenten {value} svarer flere gange; behold én række, eller skriv source.duplicates",
        "Respondent {value} answers several times; keep one row, or say source.duplicates",
    ),
    "respondent_in_frame": (
        "Respondenten {value} står ikke i stikprøven; ret nøglen eller tilføj virksomheden",
        "Respondent {value} is not in the frame; correct the key or add the firm",
    ),
    "respondent_eligible": (
        "Respondenten {value} hører ifølge stikprøven ikke til populationen; ret dispositionen, eller tag svaret ud",
        "Respondent {value} is not eligible by the frame; correct the disposition, or take the answer out",
    ),
    "answer_known": (
        "'{value}' er ingen svarmulighed; {allowed}. Ret cellen, eller skriv svaret i undersøgelsesfilen",
        "'{value}' is no answer; {allowed}. Correct the cell, or write the answer in the survey file",
    ),
    "number_readable": (
        "'{value}' er intet tal skrevet med '{allowed}' som decimaltegn; ret cellen, eller skriv"
        " source.decimal/thousands",
        "'{value}' is no number written with '{allowed}' as decimal mark; mend the cell, or say"
        " source.decimal/thousands",
    ),
    "routing_followed": (
        "'{value}' er et svar fra en, der ikke skulle spørges ({allowed}); ret cellen eller asked_if",
        "'{value}' is an answer of somebody who was not to be asked ({allowed}); mend the cell or asked_if",
    ),
    "shown_as_routed": (
        "'{value}' siger ikke stillet, men spørgsmålet skulle stilles ({allowed}); ret asked_if",
        "'{value}' says not asked, but the question was to be asked ({allowed}); mend asked_if",
    ),
}


@dataclass(frozen=True)
class Finding:
    """A cell, or a row, that cannot be loaded."""

    row: int
    column: str
    rule: str
    value: str = ""
    allowed: str = ""

    def message(self, language: int) -> str:
        """The message in Danish (0) or English (1)."""
        value = self.value if len(self.value) <= 200 else self.value[:200] + "…"
        return RULES[self.rule][language].format(value=value, allowed=self.allowed)
