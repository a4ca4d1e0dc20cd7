"""What a survey file may say. The descriptions are those of the JSON Schema, which editors show while one types.

Whatever may be written short has one long form; a validator turns the one into the other, so that the rest of the room
meets long forms only.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from smv_ai.survey.file.conditions import Rule, rule_from

ID = r"^[a-z][a-z0-9_]*$"
DATES = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}$"
Id = Annotated[str, Field(pattern=ID, description="lower-case letters, digits and underscores, a letter first")]
Label = Annotated[str, Field(min_length=1, description="a label: 'dansk | English', or one language")]
Text = Annotated[str, Field(min_length=1, description="a text")]
Column = Annotated[str, Field(min_length=1, description="a column of the response file, or a derived one")]


Count = Annotated[int, Field(ge=0, description="a whole number from 0, digits only")]
Total = Annotated[float, Field(allow_inf_nan=False, description="a number")]
Limit = Annotated[float, Field(ge=0, allow_inf_nan=False, description="a number from 0")]
MOST_REPLICATES = 2000


def _listed(given: Any) -> Any:
    """A list where one value, or a text with commas, may stand for it."""
    if isinstance(given, str):
        return [part.strip() for part in given.split(",")]
    return given


def _rule(given: Any) -> Rule:
    return given if isinstance(given, Rule) else rule_from(given)


_CONDITION_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "object"}],
    "description": "a condition: 'uses_ai = 1 and size in (2, 3)', 'any of q4_* = 1', or {uses_ai: 1, size: [2, 3]}",
}
If = Annotated[
    Rule,
    BeforeValidator(_rule, json_schema_input_type=str | dict[str, Any]),
    WithJsonSchema(_CONDITION_SCHEMA),
    Field(description=_CONDITION_SCHEMA["description"]),
]
_CODES_SCHEMA = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}, {"type": "string"}]}
Codes = Annotated[
    list[int], BeforeValidator(_listed), WithJsonSchema(_CODES_SCHEMA), Field(description="an answer code or several")
]


_TEXTS_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _texts(given: Any) -> Any:
    """A list where one text may stand for it; unlike codes, a text may hold commas."""
    return [given] if isinstance(given, str) else given


Texts = Annotated[
    list[str], BeforeValidator(_texts), WithJsonSchema(_TEXTS_SCHEMA), Field(description="a text or a list of texts")
]


class Part(BaseModel):
    """A part of a survey file; `SHORT` names the key that a text alone stands for."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True, use_attribute_docstrings=True
    )
    SHORT: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, given: Any) -> Any:
        if cls.SHORT is not None and isinstance(given, (str, list)):
            return {cls.SHORT: given}
        return {} if given is None else given


class Survey(Part):
    """The survey: the id alone where the catalogue has it, otherwise what it is."""

    SHORT: ClassVar[str | None] = "id"
    id: Id
    """Id of the survey; its response files lie in survey_id=<id>."""
    label: Label | None = None
    """Name of the survey."""
    producer: Text | None = None
    """Who carries it out."""
    unit: Id = "enterprise"
    """Statistical unit: one of the code list, or of statistical_units in this file."""
    sampling: Text | None = None
    """How the sample was drawn, in a sentence of English."""


class Wave(Part):
    """The wave; its id is the name of the file."""

    label: Label | None = None
    """Name of the wave within its survey."""
    period: Text | None = None
    """Reference period, such as 2026 or 2026-Q3."""
    fieldwork: Annotated[str, Field(pattern=DATES, description="two dates: 2026-09-02/2026-09-30")] | None = None
    """First and last day of data collection."""
    mode: Id = "not_stated"
    """Mode of collection: one of the code list, or of modes in this file."""
    population: Label | None = None
    """Whom the wave is about."""
    invited: Annotated[int, Field(ge=0, description="a whole number from 0")] | None = None
    """Firms that were asked."""
    continues: Id | None = None
    """An earlier wave with a file: what this file does not say is as it is there."""


class Option(Part):
    """An answer, or several together: `codes` makes a group of answers that is tabulated as well."""

    SHORT: ClassVar[str | None] = "label"
    label: Label | None = None
    """The answer as shown."""
    category: Id | None = None
    """Answer category of the catalogue; one of the survey's own is made where none is named."""
    id: Id | None = None
    """What the answer is called in the names of estimates; the category where it is left out."""
    codes: Codes | None = None
    """The answer codes that the group puts together; its key is a name, not a code."""
    change: bool | None = None
    """Whether a change between waves is estimated of it; as its table where it is left out."""
    source: Texts | None = None
    """How the export writes the answer: codes or texts; its code and its label where it is left out."""
    open: bool = False
    """True: respondents write it themselves; any text that is no other answer counts as it, and stays private."""
    column: Text | None = None
    """The column in which an open answer is written, where it has one of its own and the question's is blank there."""


class Base(Part):
    """Firms that figures refer to: of the catalogue, or the survey's own."""

    SHORT: ClassVar[str | None] = "label"
    label: Label | None = None
    """Who they are; needed for a base that the catalogue does not have."""
    where: If | None = None
    """Who belongs to it: questions of this base are asked of them, estimates on this base are of them."""
    size: Text = "not stated"
    """Limits of firm size, such as 10-249."""
    kind: Literal["all", "users", "non_users", "named_barrier", "sample"] | None = None
    """Kind of base; users where it has a condition, all otherwise."""


class Group(Part):
    """A column to break down by: derived by rules, or of the file with labels of its own."""

    label: Label | None = None
    """Name of the breakdown."""
    rules: dict[str, If] = Field(default_factory=dict)
    """Value by rule: the first that holds counts; `else` holds always."""
    values: dict[str, Label] = Field(default_factory=dict)
    """Label of each value."""


class Estimate(Part):
    """One estimate: exactly one of share, firms, mean, total, per and count."""

    label: Label | None = None
    """Name of the indicator that it makes, where the catalogue has none."""
    of: Id | None = None
    """The item, where it is not the one of the question."""
    share: Codes | None = None
    """Share of those who gave one of these answers."""
    firms: Codes | None = None
    """Number of firms that gave one of these answers."""
    mean: Id | None = None
    """Mean, in this unit."""
    total: Id | None = None
    """Total, in this unit."""
    per: Id | None = None
    """Ratio of this item's total to that of the item named here; the unit stands under unit."""
    count: bool = False
    """Number of firms."""
    scores: dict[int, float] = Field(default_factory=dict)
    """Number that stands for each answer in a mean or total; other answers do not count."""
    unit: Id | None = None
    """Unit; percent for shares and firms for numbers of firms where it is left out."""
    indicator: Id | None = None
    """Indicator of the catalogue or of indicators in this file; otherwise one is made."""
    base: Id | None = None
    """Base; that of the item where it is left out."""
    where: If | None = None
    """Who is in the estimate, in place of the condition of its base."""
    valid: bool = True
    """False: respondents that the survey counts as not valid are in it, too."""
    technology: Id | None = None
    """Technology that it is about."""
    barrier: Id | None = None
    """Barrier that it is about."""
    answer: Id | None = None
    """Answer category that it is about."""
    change: bool | None = None
    """False: no change between waves is estimated of it."""
    interval: Literal["wald", "logit", "asin", "beta"] | None = None
    """Interval: logit for shares, wald otherwise, where it is left out."""
    amount: bool | None = None
    """Whether two firms may dominate it, as with money; true for numbers where it is left out."""
    quantiles: Quantiles | None = None
    """Quantiles beside the mean of a number."""


class Item(Part):
    """An item of a battery: a text is what it is about where the battery says `about`, its label otherwise."""

    SHORT: ClassVar[str | None] = "label"
    about: Id | None = None
    """The technology, barrier or answer category that it is about, where it has another name than the item."""
    label: Label | None = None
    """The item as shown."""
    source: Text | None = None
    """Its column of the export; in a column that joins the choices, how the export writes the choice."""
    open: bool = False
    """True: the answer is written, not ticked; any text, or what is left over in a joined answer, counts as ticked."""


Share = Literal["share", "firms"]
Part01 = Annotated[float, Field(gt=0, lt=1, description="a number between 0 and 1, such as 0.5 for the median")]


class Quantiles(Part):
    """Quantiles of a number, in the unit of its mean."""

    SHORT: ClassVar[str | None] = "at"
    at: Annotated[list[Part01], BeforeValidator(_listed), Field(min_length=1)]
    """Which: 0.5 is the median."""
    rule: Literal["math", "school", "hf7"] = "math"
    """How a quantile is read off the weighted distribution."""
    interval: Literal["mean", "logit", "beta"] = "mean"
    """Woodruff's interval, on the share below."""


class Missing(Part):
    """How the export writes why there is no answer."""

    not_shown: Texts = []
    """Not asked."""
    no_answer: Texts = []
    """Asked, and not answered."""
    dont_know: Texts = []
    """Don't know."""


class Source(Part):
    """The export that `smv-ai load` reads the answers from; paths are taken from the project folder."""

    tool: Literal[
        "surveyxact", "enalyzer", "msforms", "googleforms", "surveymonkey", "qualtrics", "limesurvey", "redcap",
        "kobo", "spss", "stata", "table",
    ] = "table"  # fmt: skip
    """The tool that wrote it; table: any other delimited text or workbook."""
    answers: Text
    """The file of answers."""
    definition: Texts = []
    """The tool's own definition of the questions; the load compares its answers and codes with this file."""
    sheet: Text | None = None
    """Sheet of a workbook; the first with answers where it is left out."""
    encoding: Text | None = None
    """Character encoding of delimited text; recognised where it is left out."""
    delimiter: Text | None = None
    """Delimiter of delimited text; recognised where it is left out."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers that are written as text."""
    thousands: Literal[".", ",", " ", "'"] | None = None
    """Mark between thousands of numbers that are written as text."""
    respondent: Text | None = None
    """Column that tells who answered; the number of the row where it is left out."""
    respondent_ids: Literal["hashed", "as_they_are"] = "hashed"
    """hashed: keyed with a key outside the project; as_they_are only where they tell nothing about anybody."""
    valid: dict[str, Texts] = Field(default_factory=dict)
    """What makes a row count, by column; other rows are set aside as partial. A star stands for anything but blank."""
    drop: dict[str, Texts] = Field(default_factory=dict)
    """Rows that are tests, by column and value; they are set aside."""
    duplicates: Literal["last_complete", "first", "fail"] = "last_complete"
    """Which row of a respondent counts where there are several; fail: none, the rows are quarantined."""
    never_load: Texts = []
    """Columns that stay outside: free text, names, addresses, what is not needed."""
    personal: Texts = []
    """Columns that look personal and are loaded all the same, because somebody has decided so."""


class Disposition(Part):
    """What became of every invited firm: the column of the frame, and its own codes by the final disposition."""

    SHORT: ClassVar[str | None] = "column"
    column: Text
    """Column of the frame with a code for each firm; blank is unknown eligibility, or complete where it answered."""
    complete: Texts = []
    """Answered the whole questionnaire (AAPOR 1.1)."""
    partial: Texts = []
    """Answered a part of it that is enough to count (1.2)."""
    refusal: Texts = []
    """Eligible and refused, or broke off (2.1)."""
    no_contact: Texts = []
    """Eligible and never reached (2.2)."""
    other: Texts = []
    """Eligible and no answer for another reason (2.3)."""
    unknown_eligibility: Texts = []
    """Nothing is known of whether it belongs to the population (3)."""
    not_eligible: Texts = []
    """Does not belong to the population (4): closed, out of scope."""


class Sampled(Part):
    """The sampled firms of a stratum by their final disposition, where no frame is at hand."""

    population: Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")] | None = None
    """Number of firms of the stratum in the population."""
    complete: Count = 0
    """Answered the whole questionnaire (AAPOR 1.1)."""
    partial: Count = 0
    """Answered a part of it that is enough to count (1.2)."""
    refusal: Count = 0
    """Eligible and refused, or broke off (2.1)."""
    no_contact: Count = 0
    """Eligible and never reached (2.2)."""
    other: Count = 0
    """Eligible and no answer for another reason (2.3)."""
    unknown_eligibility: Count = 0
    """Nothing is known of whether they belong to the population (3)."""
    not_eligible: Count = 0
    """Do not belong to the population (4): closed, out of scope."""


class PopulationSizes(Part):
    """Number of firms of each stratum in the population: a column of the frame, or of a table of its own."""

    SHORT: ClassVar[str | None] = "count"
    count: Text
    """Column of the number of firms."""
    file: Text | None = None
    """The table that has it, a row for each stratum; the frame where it is left out."""
    by: Annotated[list[Text], BeforeValidator(_listed)] = []
    """Columns that table and frame share, which tell the stratum; frame.stratum where they are left out."""


class Frame(Part):
    """The sampling frame: every invited firm, joined by key."""

    file: Text
    """Delimited text, workbook or Parquet with one row per invited firm."""
    key: Text
    """Column that holds what `source.respondent` holds."""
    stratum: Text | None = None
    """Column of the stratum; one stratum where it is left out."""
    population: PopulationSizes | None = None
    """Number of firms of the stratum in the population: a column of the frame, or {file: …, count: …, by: […]}."""
    disposition: Disposition | None = None
    """What became of each firm; without it who answered is complete, and all others are of unknown eligibility."""
    columns: dict[str, Text] = Field(default_factory=dict)
    """Columns that are taken over to break down by: a list, or a mapping from their name here to their name there."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("columns"), list):
            names = given["columns"]
            if any(not isinstance(name, str) for name in names):
                raise ValueError("columns: needs a list of names, or a mapping")
            return {**given, "columns": {name: name for name in names}}
        return given


class Question(Part):
    """A question, a battery of questions with the same answers (`items`), or a construct of answers (`rules`)."""

    SHORT: ClassVar[str | None] = "label"
    label: Label | None = None
    """The question, or the construct, as shown."""
    question: Id | None = None
    """The question of the catalogue."""
    column: Text | None = None
    """Column of the response file, where it has another name; in a battery with {item}."""
    options: dict[str, Option] | None = None
    """Its answers by code, or the name of a list of answers: yes_no, ticked, or one of options."""
    option_list: Id | None = Field(default=None, exclude=True)
    """The list of answers that options names."""
    number: bool = False
    """True for a number instead of an answer code."""
    items: dict[str, Item | None] | None = None
    """The items of a battery: a list, or a mapping to what each is about; nothing: the item is not tabulated."""
    about: Literal["technology", "barrier", "answer"] | None = None
    """What the items of a battery are."""
    rules: dict[str, If] = Field(default_factory=dict)
    """A construct: value by rule; the first that holds counts. -1 stands for not asked."""
    base: Id | None = None
    """Who is asked: a base; those for whom its condition holds."""
    asked_if: If | None = None
    """Who is asked, where it is not the condition of the base."""
    where: If | None = None
    """Who is in its estimates, beyond having answered."""
    indicator: Id | None = None
    """Indicator of the catalogue or of indicators in this file; otherwise one is made."""
    theme: Id | None = None
    """Theme of the survey's own indicators: one of the code list, or of themes in this file."""
    construct_: Annotated[Id | None, Field(alias="construct")] = None
    """Construct of the survey's own indicators: one of the code list, or of constructs in this file."""
    technology: Id | None = None
    """Technology that the question is about."""
    barrier: Id | None = None
    """Barrier that the question is about."""
    answer: Id | None = None
    """Answer category that the question is about."""
    as_: Annotated[Id | None, Field(alias="as")] = None
    """What its estimates are called; the name of the question where it is left out."""
    statistics: Annotated[list[Share], BeforeValidator(_listed)] = ["share"]
    """What its table holds: share, firms (the number of firms) or both."""
    share: Codes | None = None
    """The answers whose share is estimated, in place of a table."""
    mean: Id | None = None
    """The mean of a number, in this unit."""
    total: Id | None = None
    """The total of a number, in this unit."""
    amount: bool | None = None
    """Whether two firms may dominate its sums, as with money; true for numbers where it is left out."""
    quantiles: Quantiles | None = None
    """Quantiles beside the mean of a number."""
    change: bool | None = None
    """False: no change between waves is estimated of it."""
    estimates: dict[str, Estimate] | None = None
    """Other estimates by name, in a battery with {item}; `table` stands for the table of answers."""
    source: Text | None = None
    """Column of the export; in a battery with {item}, or one column that joins the choices."""
    separator: Annotated[str, Field(min_length=1, description="a sign such as ; or ', '")] | None = None
    """What separates the choices in a column that joins them; choices are compared as wholes, longest first."""
    none_ticked: Literal["no_answer", "zero"] | None = None
    """What no box ticked means; as several_choices_none_ticked where it is left out."""
    missing: Missing | None = None
    """How the export writes why there is no answer, beyond what `missing` says of the whole file."""

    @model_validator(mode="before")
    @classmethod
    def _from_lists(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        given = dict(given)
        if isinstance(given.get("options"), str):
            given["option_list"] = given.pop("options")
        elif "option_list" in given:
            raise ValueError("option_list: is no key; name the list under options")
        if isinstance(given.get("items"), list):
            members = given["items"]
            if any(not isinstance(member, str) for member in members) or len(set(members)) < len(members):
                raise ValueError("items: needs a list of different names, or a mapping")
            given["items"] = {member: {} for member in members}
        elif isinstance(given.get("items"), dict):
            # what a battery is about has names of its own; otherwise a text is how the item is shown
            said = "about" if given.get("about") else "label"
            given["items"] = {
                member: {said: item} if isinstance(item, str) else item for member, item in given["items"].items()
            }
        return given


class Table(Part):
    """A breakdown: nothing for the total, a column, or several that are crossed."""

    id: Id
    """Name of the breakdown."""
    columns: list[Column]
    """The columns that are crossed."""


class NonResponse(Part):
    """Classes within which those who answered stand for those who did not (`smv-ai load` makes the weights)."""

    classes: Annotated[list[Column], BeforeValidator(_listed), Field(min_length=1)]
    """Columns of the frame that make the classes, as frame.columns names them, or stratum_id."""
    at_least: Annotated[int, Field(ge=1, description="a whole number from 1")]
    """Fewest answers in a class."""
    merge: Annotated[list[Column], BeforeValidator(_listed)] = []
    """Columns that are given up, in this order, where a class has fewer; without them such a class is refused."""


class Calibration(Part):
    """Weights that add up to known numbers of firms, and to known totals of numbers."""

    method: Literal["rake", "raking", "poststratify", "linear", "logit", "truncated"] = "raking"
    """Method of calibration; logit and truncated keep the factors within bounds."""
    margins: dict[str, dict[str, Count]] = Field(default_factory=dict)
    """Number of firms by column and value."""
    totals: dict[str, Total] = Field(default_factory=dict)
    """Total in the population by column of numbers of the response file."""
    firms: Count | None = None
    """Number of firms, where there are totals and no margins."""
    bounds: Annotated[list[Limit], Field(min_length=2, max_length=2)] | None = None
    """Least and largest factor: [0.3, 3]."""
    source: Text | None = None
    """Where the numbers of the population come from (`smv-ai margins` writes it)."""
    as_of: Text | None = None
    """The day or period that they are of."""
    residual_weights: Literal["base", "unweighted"] = "base"
    """Weights of the regression behind the variance."""
    demonstration: bool = False
    """True for counts that are made up; real responses are not calibrated to them."""


class Trimming(Part):
    """Limits of the design weights; what is cut off is shared among the others."""

    lower: Limit | None = None
    """Least weight."""
    upper: Limit | None = None
    """Largest weight."""
    strict: bool = False
    """True: again until all weights are within the limits."""


class Replicates(Part):
    """Replicate weights, from which all errors are estimated."""

    columns: list[Text] = Field(default_factory=list)
    """Columns of the response file with a weight each; repw_{1..80} stands for eighty."""
    method: Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "jackknife"]
    """How they were made; jackknife: made here, of the strata and sampling units."""
    rho: Annotated[float, Field(ge=0, lt=1, description="a number from 0, below 1")] = 0.5
    """Fay's factor."""
    scale: Limit | None = None
    """Factor of the sum of squares, where it is not that of the method."""
    rscales: list[Limit] = Field(default_factory=list)
    """Factor of each replicate, in the order of the columns; 1 where they are left out."""
    combined: bool = True
    """True: the columns hold whole weights; False: factors of the design weight."""
    mse: bool = False
    """True: deviations are taken from the estimate, not from the mean of the replicates."""

    @model_validator(mode="before")
    @classmethod
    def _with_ranges(cls, given: Any) -> Any:
        if isinstance(given, dict) and "columns" in given:
            return {**given, "columns": [name for text in _listed(given["columns"]) or [] for name in _ranged(text)]}
        return given

    @model_validator(mode="after")
    def _is_whole(self) -> Replicates:
        if bool(self.columns) == (self.method == "jackknife"):
            raise ValueError("needs columns, or method: jackknife, which makes the replicates itself")
        if self.method == "JKn" and not self.rscales:
            raise ValueError("JKn needs rscales, the factor of each replicate")
        if self.rscales and len(self.rscales) != len(self.columns):
            raise ValueError(f"{len(self.rscales)} rscales for {len(self.columns)} columns")
        return self


def _ranged(text: Any) -> list[Any]:
    """repw_{01..80} as its eighty names, with as many digits."""
    found = re.fullmatch(r"(.*)\{([0-9]+)\.\.([0-9]+)\}(.*)", text) if isinstance(text, str) else None
    if found is None:
        return [text]
    before, first, last, after = found.groups()
    if not int(first) <= int(last) < int(first) + MOST_REPLICATES:
        raise ValueError(f"'{text}' names no column, or more than {MOST_REPLICATES}")
    return [f"{before}{number:0{len(first)}d}{after}" for number in range(int(first), int(last) + 1)]


class Variance(Part):
    """How errors and intervals are estimated."""

    correction: bool = False
    """True: finite population correction, with stratum_population_size of the response file."""
    units: bool = False
    """True: psu_id of the response file is the sampling unit."""
    lonely_stratum: Literal["adjust", "remove", "average", "certainty"] = "adjust"
    """What a stratum with one sampling unit adds."""
    level: Annotated[float, Field(gt=0, lt=1, description="a number between 0 and 1, such as 0.95")] = 0.95
    """Coverage of the intervals."""
    degrees_of_freedom: Literal["design", "segment", "infinite"] = "design"
    """Rows that the degrees of freedom are counted in."""


def _table(given: Any) -> Any:
    """`total`, `industry_id × size_class_id`, or a name and its columns: {ai_stage: ai_use_group_id}."""
    if isinstance(given, dict) and len(given) == 1 and not set(given) & {"id", "columns"}:
        [(name, text)] = given.items()
        return {"id": name, "columns": _crossed(text)}
    if isinstance(given, str):
        columns = _crossed(given)
        return {"id": "_x_".join(name.removesuffix("_id") for name in columns) or "total", "columns": columns}
    return given


def _crossed(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    columns = [part.strip() for part in text.replace("×", "*").replace(" x ", "*").split("*")]
    return [] if columns == ["total"] else columns


Tables = Annotated[
    list[Annotated[Table, BeforeValidator(_table)]],
    WithJsonSchema(
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]},
         "description": "breakdowns: total, a column or question, or several crossed: industry_id × size_class_id"}
    ),
]  # fmt: skip


class Change(Part):
    """The change since an earlier wave, estimated from both waves together."""

    since: Id
    """The earlier wave."""
    id: Id | None = None
    """Name of the design; <wave>_change where it is left out."""
    panel: bool = False
    """True: firms may be in both waves; psu_id tells which."""
    tables: Tables | None = None
    """Breakdowns of the change; those of the wave where they are left out."""


class Own(Part):
    """A code of the survey's own."""

    SHORT: ClassVar[str | None] = "label"
    label: Label
    """The code as shown."""


class Indicator(Own):
    """An indicator of the survey's own, which several estimates may share."""

    theme: Id | None = None
    """Theme: one of the code list, or of themes in this file."""
    construct_: Annotated[Id | None, Field(alias="construct")] = None
    """Construct: one of the code list, or of constructs in this file."""


class OwnUnit(Own):
    """A unit of the survey's own."""

    symbol: Label | None = None
    """Sign behind the number."""
    minimum: float = -1e15
    """Smallest value that an estimate may have."""
    maximum: float = 1e15
    """Largest value that an estimate may have."""


class QualityRule(Part):
    """A quality rule of estimates: one of the product by its name, with what differs; or one of the survey's own."""

    statistic: Literal["share", "mean", "amount"] | None = None
    """Estimates that it is about; amount stands for totals, ratios and whatever two firms may dominate."""
    metric: (
        Literal[
            "effective_sample_size", "interval_width", "relative_interval_width", "degrees_of_freedom",
            "distance_from_edge", "coefficient_of_variation",
        ]
        | None
    ) = None  # fmt: skip
    """Figure of the estimate that it looks at; widths and distances are parts of 1."""
    at_least: Limit | None = None
    """The rule is broken from this value on."""
    below: Limit | None = None
    """The rule is broken below this value."""
    grade: Literal["publish_with_warning", "do_not_publish"] | None = None
    """What an estimate that breaks it gets."""
    label: Label | None = None
    """The rule in words."""
    holds: bool = True
    """False: the rule of the product does not hold in this survey."""


Pairs = Annotated[
    list[Annotated[list[Text], BeforeValidator(_listed), Field(min_length=2, max_length=2)]],
    Field(min_length=1, description="pairs of groups: [[small, large], [small, middle]]"),
]


class SurveyFile(Part):
    """One wave of a survey: who was asked what, how answers are weighted, and what is estimated."""

    survey: Survey
    """The survey that the wave belongs to."""
    wave: Wave = Wave()
    """The wave."""
    source: Source | None = None
    """The export that its answers are loaded from (`smv-ai load`)."""
    missing: Missing = Missing()
    """How the export writes why there is no answer; blank is not asked or no answer, as the routing says."""
    several_choices_none_ticked: Literal["no_answer", "zero"] = "no_answer"
    """What it means where several may be ticked and none is: not answered, or none of them."""
    frame: Frame | None = None
    """The sampling frame, which gives strata, population sizes, dispositions and design weights of a load."""
    dispositions: dict[str, Sampled] = Field(default_factory=dict)
    """Sampled firms by stratum and final disposition, where no frame is at hand; response rates follow from them."""
    eligible_share: Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")] | None = None
    """e, the eligible part of those of unknown eligibility (RR3, RR4); as among the others where it is left out."""
    non_response: NonResponse | None = None
    """Correction of the design weights for non-response; within each stratum where it is left out."""
    base: Id | None = None
    """The base of questions that name none: all firms of the survey."""
    bases: dict[str, Base] = Field(default_factory=dict)
    """Bases by name."""
    valid: If | None = None
    """Which respondents count; all where it is left out."""
    options: dict[str, dict[str, Option]] = Field(default_factory=dict)
    """Lists of answers that several questions share, by name."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """Columns to break down by, with rules or labels."""
    questions: dict[str, Question] = Field(default_factory=dict)
    """Questions and constructs by name, in the order in which they are shown."""
    estimates: dict[str, Estimate] = Field(default_factory=dict)
    """Estimates that belong to no question, such as the number of firms."""
    tabulate: Literal["all", "named"] = "all"
    """all: each question is tabulated; named: those that name an indicator, or have the name of one."""
    theme: Id | None = None
    """Theme of the survey's own indicators that name none."""
    tables: Tables | None = None
    """Breakdowns of all estimates; the total alone where they are left out."""
    cross: Tables = []
    """Questions that alone are broken down by the answers of another: trust × uses_ai, with a test of independence."""
    compare: dict[str, Pairs] = Field(default_factory=dict)
    """By table of one column the pairs of groups whose p values are adjusted together; all where it is left out."""
    calibrate: Calibration | None = None
    """Calibration; the design weights of the file as they are where it is left out."""
    trim: Trimming | None = None
    """Limits of the design weights."""
    replicates: Replicates | None = None
    """Replicate weights; errors are linearised where they are left out."""
    variance: Variance = Variance()
    """Errors and intervals."""
    quality: dict[str, QualityRule] = Field(default_factory=dict)
    """Quality rules that differ from the product's (seeds/responses/quality_rules.csv), by name."""
    change: Change | None = None
    """The change since an earlier wave."""
    indicators: dict[str, Indicator] = Field(default_factory=dict)
    """Indicators of the survey's own that several estimates share; any other is made where it is needed."""
    themes: dict[str, Own] = Field(default_factory=dict)
    """Themes of the survey's own."""
    constructs: dict[str, Own] = Field(default_factory=dict)
    """Constructs of the survey's own."""
    units: dict[str, OwnUnit] = Field(default_factory=dict)
    """Units of the survey's own."""
    statistical_units: dict[str, Own] = Field(default_factory=dict)
    """Statistical units of the survey's own."""
    modes: dict[str, Own] = Field(default_factory=dict)
    """Modes of collection of the survey's own."""
