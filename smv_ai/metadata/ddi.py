"""The codebook as DDI Codebook 2.5 (ddi:codebook:2_5), in both languages: what data archives and catalogues read.

The standard orders the elements of each part; tests/python/metadata/test_ddi.py holds that order, and validates against
the schema itself where one is given. Released shares stand as statistics of categories (percent), the number of
responses as that of valid ones; what a release withholds is not there.
"""

from __future__ import annotations

import re

from smv_ai.metadata.contents import Contents, Entry, Kind, Text, Variable, fieldwork
from smv_ai.metadata.figures import Figure, Figures
from smv_ai.metadata.markup import Content, Element, as_xml, element

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
LANGUAGES = ("da", "en")
MISSING_TYPES = {-1: "inap", -2: "no answer", -3: "don't know"}
FILE_ID = "F1"


def as_ddi(contents: Contents, figures: Figures | None) -> bytes:
    """The document in UTF-8; the same contents and figures give the same bytes."""
    root = element(
        "codeBook", _document(contents, figures), _study(contents, figures), _file(contents), _data(contents, figures),
        version="2.5", ID=_id("CB", contents.wave.wave_id), xmlns=NAMESPACE,
    )  # fmt: skip
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    root.set("xml:lang", "da")
    return as_xml(root)


def _id(prefix: str, name: str) -> str:
    """An id that XML allows, and no two names share: letters, digits, dots and hyphens; anything else by its number."""
    return f"{prefix}_" + re.sub(
        "[^A-Za-z0-9.-]", lambda found: "_" if found[0] == "_" else f"-u{ord(found[0]):x}-", name
    )


def _both(tag: str, text: Text, **attributes: object) -> list[Element]:
    """An element in each language; one where both say the same."""
    if text.da == text.en:
        return [element(tag, text.da, **attributes)]
    return [_in(tag, language, text.of(language), **attributes) for language in LANGUAGES]


def _in(tag: str, language: str, *content: Content, **attributes: object) -> Element:
    found = element(tag, *content, **attributes)
    found.set("xml:lang", language)
    return found


def _titles(title: Text, wave_id: str) -> Element:
    others = [_in("parTitl", "en", title.en)] if title.en != title.da else []
    return element("titlStmt", _in("titl", "da", title.da), *others, element("IDNo", wave_id, agency="smv_ai"))


def _document(contents: Contents, figures: Figures | None) -> Element:
    title = Text(f"Kodebog: {contents.title.da}", f"Codebook: {contents.title.en}")
    version = (
        element("verStmt", element("version", f"release {figures.cited_as}", date=figures.made_on)) if figures else None
    )
    return element(
        "docDscr",
        element(
            "citation",
            _titles(title, f"{contents.wave.wave_id}_codebook"),
            element("prodStmt", element("software", "smv_ai")),
            version,
        ),
    )


def _study(contents: Contents, figures: Figures | None) -> Element:
    said, survey = contents.said, contents.survey
    first, last = fieldwork(said)
    days = [element("collDate", day.isoformat(), date=day.isoformat(), event=event)
            for day, event in ((first, "start"), (last, "end")) if day]  # fmt: skip
    notes = [element("notes", figures.notice)] if figures and figures.notice else []
    return element(
        "stdyDscr",
        element(
            "citation",
            _titles(contents.title, contents.wave.wave_id),
            element("rspStmt", element("AuthEnty", survey["producer"])),
        ),
        element(
            "stdyInfo",
            element(
                "sumDscr",
                element("timePrd", str(said["reference_period"])) if said["reference_period"] else None,
                *days,
                element("nation", "Danmark", abbr="DK"),
                *_both("anlyUnit", contents.unit),
                *_both("universe", Text(said["population_da"], said["population_en"])),
            ),
            *notes,
        ),
        element(
            "method",
            element(
                "dataColl",
                _in("sampProc", "en", survey["sampling_design_en"]) if survey["sampling_design_en"] else None,
                *_both("collMode", contents.mode),
            ),
            _rate(contents),
        ),
    )


def _rate(contents: Contents) -> Element | None:
    said = contents.said
    answered = said["answered"] or said["valid"]
    if not answered:
        return None
    text = f"{answered} of {said['invited']} invited" if said["invited"] else f"{answered} responses"
    return element("anlyInfo", _in("respRate", "en", text))


def _file(contents: Contents) -> Element:
    count = sum(len(entry.variables) for entry in contents.questions)
    return element(
        "fileDscr",
        element(
            "fileTxt",
            element("fileName", "responses.parquet"),
            element("dimensns", element("varQnty", str(count))),
        ),
        ID=FILE_ID,
    )


def _data(contents: Contents, figures: Figures | None) -> Element:
    groups = [_group(entry) for entry in contents.entries if len(entry.variables) > 1]
    variables = [
        _variable(contents, figures, entry, variable) for entry in contents.entries for variable in entry.variables
    ]
    return element("dataDscr", *groups, *variables)


def _group(entry: Entry) -> Element:
    return element(
        "varGrp",
        *_both("labl", entry.text),
        ID=_id("G", entry.key), name=entry.key,
        type="multipleResp" if entry.kind is Kind.SEVERAL else "grid",
        var=" ".join(_id("V", variable.column) for variable in entry.variables),
    )  # fmt: skip


def _variable(contents: Contents, figures: Figures | None, entry: Entry, variable: Variable) -> Element:
    is_derived = entry.kind is Kind.DERIVED
    size = figures.respondents.get(variable.item_id) if figures else None
    mean = figures.shares.get((variable.item_id, None)) if figures else None
    return element(
        "var",
        *_both("labl", variable.label),
        None if is_derived else _question(contents, entry, variable),
        _missing_numbers(contents) if variable.is_number else None,
        *_both("universe", entry.base),
        element("sumStat", str(size), type="vald") if size is not None else None,
        _statistic("sumStat", mean, "mean") if mean else None,
        *([] if variable.is_number else _categories(contents, figures, variable)),
        element("derivation", *_rules(contents, entry)) if is_derived else None,
        element("varFormat", type="numeric", schema="other"),
        ID=_id("V", variable.column), name=variable.column, files=None if is_derived else FILE_ID,
        intrvl="contin" if variable.is_number else "discrete",
        representationType="numeric" if variable.is_number else "code",
    )  # fmt: skip


def _question(contents: Contents, entry: Entry, variable: Variable) -> Element:
    """The question as asked, and who is asked; an item of a battery follows the text of the battery."""
    text = entry.text if variable.label == entry.text else Text(
        *(f"{entry.text.of(one)} – {variable.label.of(one)}" for one in LANGUAGES)
    )  # fmt: skip
    rule = entry.asked_if
    asked = [] if rule is None else _both("backward", Text(*(contents.in_words(rule, one) for one in LANGUAGES)))
    domain = {Kind.NUMBER: "numeric", Kind.SEVERAL: "multiple"}.get(entry.kind, "code")
    return element(
        "qstn", *_both("qstnLit", text), *asked,
        ID=_id("Q", variable.column), seqNo=entry.number or None, responseDomainType=domain,
    )  # fmt: skip


def _missing_numbers(contents: Contents) -> Element:
    return element("invalrng", *(element("item", VALUE=str(number)) for _, number, _ in contents.missing))


def _rules(contents: Contents, entry: Entry) -> list[Element]:
    return [
        _in("drvdesc", language, "; ".join(
            f"{label.of(language)}: {contents.in_words(rule, language)}" for label, rule in entry.rules
        )) for language in LANGUAGES
    ]  # fmt: skip


def _categories(contents: Contents, figures: Figures | None, variable: Variable) -> list[Element]:
    """The answers, and the reserved codes that are none of them."""
    own = {answer.code for answer in variable.answers}
    found = [(answer.code, answer.label) for answer in variable.answers]
    found += [(code, label) for code, _, label in contents.missing if code not in own]
    return [_category(figures, variable, code, label) for code, label in found]


def _category(figures: Figures | None, variable: Variable, code: int, label: Text) -> Element:
    figure = figures.shares.get((variable.item_id, code)) if figures else None
    return element(
        "catgry",
        element("catValu", str(code)),
        *_both("labl", label),
        _statistic("catStat", figure, "percent") if figure else None,
        missing="Y" if code < 0 else "N",
        missType=MISSING_TYPES.get(code) if code < 0 else None,
    )


def _statistic(tag: str, figure: Figure, kind: str) -> Element | None:
    """A released figure; nothing of one that is not shown."""
    if figure.estimate is None:
        return None
    return element(tag, f"{figure.estimate:.10g}", type=kind, wgtd="wgtd" if figure.is_weighted else "not-wgtd")
