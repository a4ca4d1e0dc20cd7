"""The words of the tables in Danish and English. Names of questions, answers and groups come from the release."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smv_ai.tabulation.significance import IndependenceTest
    from smv_ai.tabulation.source import Estimate

TEXTS: dict[str, tuple[str, str]] = {
    "tables": ("tabeller", "tables"),
    "contents": ("Indhold", "Contents"),
    "notes": ("Noter", "Notes"),
    "data": ("Data", "Data"),
    "back": ("← Indhold", "← Contents"),
    "title": ("{survey}, {wave}", "{survey}, {wave}"),
    "lead": (
        "{count} spørgsmål, i alt og fordelt på grupper. Klik på et spørgsmål for at se tabellerne.",
        "{count} questions, in total and by group. Click a question to see its tables.",
    ),
    "lead_notes": (
        "Noter fortæller, hvem der er spurgt, hvordan tallene er beregnet, og hvad tegnene betyder. Data rummer alle "
        "tallene i én lang liste til filtre og pivottabeller.",
        "Notes says who was asked, how the figures were computed and what the marks mean. Data has all the figures in "
        "one long list for filters and pivot tables.",
    ),
    "number": ("Nr.", "No."),
    "question": ("Spørgsmål", "Question"),
    "base": ("Base", "Base"),
    "base_line": ("Base: {base}", "Base: {base}"),
    "wording": ("Spørgsmål: {wording}", "Question: {wording}"),
    "answer": ("Svar", "Answer"),
    "group": ("Gruppe", "Group"),
    "n": ("n", "n"),
    "n_row": ("Antal svar (n)", "Responses (n)"),
    "total": ("I alt", "Total"),
    "frequencies": ("Frekvenser", "Frequencies"),
    "interval": ("{level} %-interval", "{level}% interval"),
    "hidden_one": (
        "En gruppe er udeladt: den er så lille, at heller ikke dens navn vises.",
        "One group is left out: it is so small that not even its name is shown.",
    ),
    "hidden_some": (
        "{count} grupper er udeladt: de er så små, at heller ikke deres navne vises.",
        "{count} groups are left out: they are so small that not even their names are shown.",
    ),
    "to": ("til", "to"),
    "share": ("Andel i procent", "Share, per cent"),
    "mean": ("Gennemsnit, {unit}", "Mean, {unit}"),
    "ratio": ("Forhold, {unit}", "Ratio, {unit}"),
    "firms_weighted": ("{unit}, opregnet", "{unit}, grossed up"),
    "change": ("Ændring siden {wave}, {unit}", "Change since {wave}, {unit}"),
    "points": ("procentpoint", "percentage points"),
    "points_short": ("pct.point", "pp"),
    "count_short": ("antal", "number"),
    # Marks
    "mark_*": (
        "*  Usikkert tal, beregnet af få eller meget forskellige svar. Brug det med forbehold.",
        "*  Uncertain figure, computed from few or very different responses. Use it with caution.",
    ),
    "mark_u": (
        "u  For usikkert til at blive offentliggjort.",
        "u  Too uncertain to be published.",
    ),
    "mark_..": (
        "..  Fortroligt: tallet, eller et andet tal ved hjælp af det, ville fortælle om få virksomheder.",
        "..  Confidential: the figure, or another one with its help, would tell about few firms.",
    ),
    "mark_none": (
        "En tom celle er en gruppe, som tallet ikke er beregnet for.",
        "An empty cell is a group for which the figure was not computed.",
    ),
    "letters": (
        "A, B …  Tallet er højere end tallet for gruppen med det bogstav, og forskellen er større, end tilfældet kan "
        "forklare (p < 0,05, korrigeret efter Holm for alle par af grupper).",
        "A, B …  The figure is higher than that of the group with that letter, and the difference is more than chance "
        "(p < 0.05, adjusted by Holm for all pairs of groups).",
    ),
    "independence": (
        "{heading}: test for uafhængighed, F({degrees}) = {statistic}, {p} (Rao-Scott).",
        "{heading}: test of independence, F({degrees}) = {statistic}, {p} (Rao–Scott).",
    ),
    # Notes
    "note_survey": ("Undersøgelse", "Survey"),
    "note_producer": ("Gennemført af", "Carried out by"),
    "note_period": ("Dataindsamling", "Fieldwork"),
    "note_mode": ("Indsamlingsmåde", "Mode"),
    "note_population": ("Population", "Population"),
    "note_sampling": ("Stikprøve", "Sample"),
    "note_answered": ("Besvarelser", "Responses"),
    "answered_of": ("{answered} af {invited} inviterede ({rate} %)", "{answered} of {invited} invited ({rate}%)"),
    "note_base": ("Base", "Base"),
    "base_note": (
        "Over hver tabel står basen: dem, tallene er en andel af. Sammenlign ikke andele, der har hver sin base. n er "
        "antallet af besvarelser bag et tal, uvægtet.",
        "Above each table stands its base: those of whom the figures are a share. Do not compare shares on different "
        "bases. n is the number of responses behind a figure, unweighted.",
    ),
    "note_weights": ("Vægte", "Weights"),
    "weights_unweighted": (
        "Uvægtet: hver besvarelse tæller én gang.",
        "Unweighted: each response counts once.",
    ),
    "weights_weighted": (
        "Vægtet: hver besvarelse tæller for dem, den repræsenterer i populationen.",
        "Weighted: each response counts for those whom it represents in the population.",
    ),
    "weights_calibrated": (
        "Kalibreret: besvarelserne er vægtet, så de svarer til kendte tal for populationen.",
        "Calibrated: the responses are weighted to agree with known numbers of the population.",
    ),
    "note_interval": ("Intervaller", "Intervals"),
    "interval_note": (
        "I parentes efter hvert tal står {level} %-intervallet. Det viser, hvor usikkert tallet er, fordi kun en "
        "stikprøve har svaret. Det tager højde for stikprøvens design og vægtene, men ikke for skævt frafald eller "
        "misforståede spørgsmål.",
        "After each figure its {level}% interval stands in brackets. It shows how uncertain it is, as only a "
        "sample has answered. It allows for the design of the sample and the weights, not for selective non-response "
        "or misunderstood questions.",
    ),
    "note_digits": ("Afrunding", "Rounding"),
    "digits_note": (
        "Tallene er afrundet, så de ikke lover mere, end stikprøven kan bære, også inde i cellerne. "
        "Andele kan derfor summere til lidt mere eller mindre end 100.",
        "The figures are rounded to what the sample supports, in the cells as well as on the screen. Shares may "
        "therefore add up to a little more or less than 100.",
    ),
    "note_marks": ("Tegn", "Marks"),
    "note_evidence": ("Datagrundlag", "Evidence"),
    "note_source": ("Kilde", "Source"),
    "source": ("smv_ai, beregnet af besvarelserne i {files}.", "smv_ai, computed from the responses in {files}."),
    "note_release": ("Udgave", "Release"),
    "release": ("udgave {id}", "release {id}"),
    "release_made": ("{id}, dannet {date}", "{id}, made {date}"),
    "source_line": ("Kilde: {survey}, {wave}. smv_ai, {release}.", "Source: {survey}, {wave}. smv_ai, {release}."),
    "page": ("Side", "Page"),
    "of": ("af", "of"),
    "private_banner": (
        "PRIVAT: med tal, som udgaven holder tilbage. Giv intet videre, som den ikke viser.",
        "PRIVATE: with figures that the release withholds. Pass on nothing that it does not show.",
    ),
    "banner": (
        "DEMONSTRATION: opdigtede besvarelser, som intet siger om virkelige virksomheder. Citér ikke tal herfra.",
        "DEMONSTRATION: made-up responses that say nothing about real firms. Do not quote figures from here.",
    ),
}

# The breakdowns by the product's dimensions, in the order in which their tables stand.
BREAKDOWNS: dict[str, tuple[str, str]] = {
    "industry_id": ("Branche", "Industry"),
    "size_class_id": ("Størrelse", "Size"),
    "region_id": ("Område", "Region"),
    "maturity_level_id": ("Modenhed", "Maturity"),
    "ai_use_group_id": ("Brug af AI", "AI use"),
}

MONTHS = (
    ("januar", "January"), ("februar", "February"), ("marts", "March"), ("april", "April"), ("maj", "May"),
    ("juni", "June"), ("juli", "July"), ("august", "August"), ("september", "September"), ("oktober", "October"),
    ("november", "November"), ("december", "December"),
)  # fmt: skip


class Words:
    """The words in one language: `words["total"]`, `words("page", ...)`; numbers as that language writes them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = ("da", "en").index(language)

    def __getitem__(self, key: str) -> str:
        return TEXTS[key][self._place]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with its values put in."""
        return self[key].format(**values)

    def breakdown(self, column: str) -> str | None:
        """The name of a dimension of the product; None for a column of a survey's own."""
        return BREAKDOWNS[column][self._place] if column in BREAKDOWNS else None

    def heading(self, names: Sequence[str]) -> str:
        """The name of a breakdown by several columns: 'Industry × size'."""
        dimensions = {name for pair in BREAKDOWNS.values() for name in pair}
        return " × ".join([*names[:1], *(_lowered(name) if name in dimensions else name for name in names[1:])])

    def place(self, column: str) -> int:
        """Where a breakdown by this column stands among the others."""
        return list(BREAKDOWNS).index(column) if column in BREAKDOWNS else len(BREAKDOWNS)

    def unit(self, statistics: set[str], row: Estimate) -> str:
        """What the figures of a block are: 'Share, per cent', 'Mean, index points', 'Number of firms, grossed up'."""
        unit = self["points"] if row.unit_of_measure == "percent" and row.is_change else _lowered(row.unit_label)
        if row.is_change:
            return self("change", wave=_lowered(row.earlier_wave_label or ""), unit=unit)
        if row.unit_of_measure == "percent" and statistics & {"share"}:
            return self["share"]
        if statistics in ({"mean"}, {"ratio"}):
            return self(next(iter(statistics)), unit=unit)
        is_count = statistics <= {"total", "population"} and row.weighting_method != "unweighted"
        return self("firms_weighted", unit=row.unit_label) if is_count else row.unit_label

    def unit_short(self, row: Estimate) -> str:
        """The unit at the head of a column."""
        if row.unit_of_measure == "percent":
            return self["points_short"] if row.is_change else "%"
        return self["count_short"] if row.statistic in ("total", "population") else row.unit_label

    def independence(self, heading: str, test: IndependenceTest) -> str:
        """The line below a table: 'Industry: test of independence, F(3.2, 412) = 5.10, p = 0.002 (Rao–Scott).'."""
        least = self.number(0.001)
        p = f"p < {least}" if test.p_value < 0.001 else f"p = {self.number(test.p_value, 3)}"
        degrees = [self.number(test.numerator, 1)]
        degrees += [self.number(test.denominator, 0)] if test.denominator is not None else []
        return self(
            "independence", heading=heading, p=p, statistic=self.number(test.statistic, 2),
            degrees=("; " if self.language == "da" else ", ").join(degrees),
        )  # fmt: skip

    def day(self, value: date) -> str:
        """A date in words: '1. september 2025', '1 September 2025'."""
        month = MONTHS[value.month - 1][self._place]
        return f"{value.day}{'.' if self.language == 'da' else ''} {month} {value.year}"

    def interval(self, level: float) -> str:
        """The name of the interval: '95 %-interval'."""
        return self("interval", level=self.number(100 * level))

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with the language's decimal sign and thousands, and a minus sign that is one."""
        if math.isinf(value):
            return "∞"
        text = f"{value + 0.0:,.{decimals}f}" if decimals is not None else f"{value + 0.0:,.10g}"
        if self.language == "da":
            text = text.translate(str.maketrans(",.", ".,"))
        return text.replace("-", "\u2212")


def _lowered(text: str) -> str:
    """With a small first letter, as a name stands within a sentence; not 'AI', nor 'CO2'."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
