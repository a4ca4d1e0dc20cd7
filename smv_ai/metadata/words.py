"""The words of a codebook in Danish and English. Names of questions, answers and groups come from the survey file."""

from __future__ import annotations

from smv_ai.metadata.contents import Kind, Text

TEXTS: dict[str, Text] = {
    "codebook": Text("kodebog", "codebook"),
    "heading": Text("Kodebog: {title}", "Codebook: {title}"),
    "about": Text("Om undersøgelsen", "About the survey"),
    "producer": Text("Gennemført af", "Carried out by"),
    "population": Text("Population", "Population"),
    "unit": Text("Statistisk enhed", "Statistical unit"),
    "sampling": Text("Stikprøve", "Sample"),
    "mode": Text("Indsamlingsmåde", "Mode"),
    "period": Text("Dataindsamling", "Fieldwork"),
    "invited": Text("Inviterede", "Invited"),
    "answered": Text("Besvarelser", "Responses"),
    "size": Text("Omfang", "Extent"),
    "extent": Text("{questions} spørgsmål, {columns} kolonner", "{questions} questions, {columns} columns"),
    "contents": Text("Indhold", "Contents"),
    "routing": Text("Hvem der får hvilke spørgsmål", "Who is asked what"),
    "routing_lead": Text(
        "Spørgsmålene står i rækkefølge. En linje går fra et spørgsmål, hvis svar afgør, om andre stilles, til de "
        "andre. Stiplede kasser er ikke spørgsmål, men regler om svarene.",
        "The questions stand in their order. A line leads from a question whose answers decide whether others are "
        "asked to those others. Dashed boxes are no questions, but rules about the answers.",
    ),
    "no_routing": Text("Alle spørgsmål stilles til alle.", "All questions are asked of everybody."),
    "missing": Text("Koder for manglende svar", "Codes for missing answers"),
    "missing_lead": Text(
        "De gælder alle kolonner: svarkoder i den første kolonne, talsvar i den anden. Estimater udelader dem.",
        "They hold in all columns: answer codes in the first column, numbers in the second. Estimates leave them out.",
    ),
    "in_codes": Text("Svarkoder", "Answer codes"),
    "in_numbers": Text("Talsvar", "Numbers"),
    "meaning": Text("Betydning", "Meaning"),
    "questions": Text("Spørgsmål", "Questions"),
    "derived": Text("Kolonner efter regler", "Columns by rule"),
    "breakdowns": Text("Kolonner at opdele efter", "Columns to break down by"),
    "column": Text("Kolonne", "Column"),
    "item": Text("Delspørgsmål", "Item"),
    "code": Text("Kode", "Code"),
    "answer": Text("Svar", "Answer"),
    "value": Text("Værdi", "Value"),
    "label": Text("Betegnelse", "Label"),
    "rule": Text("Regel", "Rule"),
    "asked": Text("Stilles til", "Asked of"),
    "asked_if": Text("dem, hvor {rule}", "those where {rule}"),
    "everybody": Text("alle", "everybody"),
    "base": Text("Base", "Base"),
    "kind": Text("Type", "Type"),
    "share": Text("Andel i procent", "Share, per cent"),
    "mean": Text("Gennemsnit", "Mean"),
    "respondents": Text("Antal svar (n)", "Responses (n)"),
    "figures_of": Text(
        "Tallene er fra udgave {release}, dannet {date}: de udgivne andele og gennemsnit og antallet af svar bag dem. "
        "Antal svar for hver svarmulighed udgives ikke, og hvad udgaven holder tilbage, står heller ikke her. {notice}",
        "The figures are those of release {release}, made {date}: released shares and means, and the number of "
        "responses behind them. Numbers of responses by answer are not released, and what the release withholds is "
        "not here either. {notice}",
    ),
    "no_figures": Text(
        "Ingen tal: {reason}",
        "No figures: {reason}",
    ),
    "none_of_wave": Text(
        "udgave {release} har ingen estimater for undersøgelsen.", "release {release} has no estimates of the survey."
    ),
    "no_release": Text("der er ingen udgave endnu.", "there is no release yet."),
    "not_wanted": Text("kodebogen er dannet uden.", "the codebook was made without."),
    "source": Text("smv_ai, dannet af surveys/{file}.", "smv_ai, made from surveys/{file}."),
}  # fmt: skip

KINDS: dict[Kind, Text] = {
    Kind.SINGLE: Text("ét svar", "one answer"),
    Kind.SEVERAL: Text("flere svar", "several answers"),
    Kind.GRID: Text("flere delspørgsmål med samme svar", "several items with the same answers"),
    Kind.NUMBER: Text("et tal", "a number"),
    Kind.DERIVED: Text("efter regel", "by rule"),
}


class Words:
    """The words in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __getitem__(self, key: str) -> str:
        return TEXTS[key].of(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with its values put in."""
        return self[key].format(**values)

    def kind(self, kind: Kind) -> str:
        """What a question is."""
        return KINDS[kind].of(self.language)
