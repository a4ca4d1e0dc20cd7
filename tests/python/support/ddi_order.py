"""The parts of DDI Codebook 2.5 that the project writes: what may stand in each element, in which order, how often.

Written down by hand from the field-level documentation of the standard (ddi:codebook:2_5). It is stricter than the
schema where the project has no use for more, and knows no element that the project does not write.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{ddi:codebook:2_5}"
XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# Children in their order: `name` once, `name?` at most once, `name*` any number.
CHILDREN: dict[str, str] = {
    "codeBook": "docDscr* stdyDscr fileDscr* dataDscr*",
    "docDscr": "citation?",
    "citation": "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "rspStmt": "AuthEnty*",
    "prodStmt": "producer* copyright? prodDate* prodPlac* software*",
    "verStmt": "version?",
    "stdyDscr": "citation stdyInfo* method*",
    "stdyInfo": "subject* abstract* sumDscr* qualityStatement? notes*",
    "sumDscr": "timePrd* collDate* nation* geogCover* geogUnit* anlyUnit* universe* dataKind*",
    "method": "dataColl* notes* anlyInfo?",
    "dataColl": "timeMeth* dataCollector* frequenc* sampProc* deviat* collMode*",
    "anlyInfo": "respRate* EstSmpErr* dataAppr*",
    "fileDscr": "fileTxt*",
    "fileTxt": "fileName? fileCont? fileStrc? dimensns? fileType*",
    "dimensns": "caseQnty* varQnty*",
    "dataDscr": "varGrp* var*",
    "varGrp": "labl* txt* concept* defntn? universe? notes*",
    "var": "location* labl* qstn* valrng* invalrng* undocCod* universe* TotlResp? sumStat* txt* catgryGrp* catgry*"
    " codInstr* verStmt* concept* derivation? varFormat? notes*",
    "invalrng": "item*",
    "catgry": "catValu? labl* txt* catStat*",
    "derivation": "drvdesc* drvcmd*",
    "qstn": "qstnLit* backward*",
}
TEXTS = {
    "titl", "parTitl", "IDNo", "AuthEnty", "software", "version", "notes", "timePrd", "collDate", "nation", "anlyUnit",
    "universe", "sampProc", "collMode", "respRate", "fileName", "varQnty", "labl", "qstnLit", "backward", "sumStat",
    "catValu", "catStat", "drvdesc", "varFormat", "item",
}  # fmt: skip
# Attributes with the form of their values; each element may have ID and xml:lang as well.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "codeBook": {"version": "2\\.5", f"{XSI}schemaLocation": "ddi:codebook:2_5 \\S+"},
    "IDNo": {"agency": ".+"},
    "version": {"date": r"\d{4}-\d\d-\d\d"},
    "collDate": {"date": r"\d{4}-\d\d-\d\d", "event": "start|end|single"},
    "nation": {"abbr": "[A-Z]{2}"},
    "varGrp": {"name": ".+", "type": "multipleResp|grid", "var": ".+"},
    "var": {"name": ".+", "files": "F1", "intrvl": "contin|discrete", "representationType": "numeric|code"},
    "qstn": {"seqNo": r"\d+", "responseDomainType": "numeric|multiple|code"},
    "item": {"VALUE": r"-?\d+"},
    "sumStat": {"type": "vald|mean", "wgtd": "wgtd|not-wgtd"},
    "catStat": {"type": "percent", "wgtd": "wgtd|not-wgtd"},
    "catgry": {"missing": "[YN]", "missType": ".+"},
    "varFormat": {"type": "numeric", "schema": "other"},
}
ID = re.compile(r"[A-Za-z_][\w.-]*")


def faults(document: bytes) -> list[str]:
    """What the standard does not allow in a document; nothing where all is well."""
    root = ElementTree.fromstring(document)
    found = [fault for one in root.iter() for fault in _of_element(one)]
    ids = [one.get("ID") for one in root.iter() if one.get("ID") is not None]
    found += [f"ID {name} stands there twice" for name in ids if ids.count(name) > 1]
    for one in root.iter():
        refs = [ref for name in ("var", "files") for ref in (one.get(name) or "").split()]
        found += [f"{_name(one)} refers to {ref}, which is not there" for ref in refs if ref not in ids]
    return found


def _name(one: ElementTree.Element) -> str:
    return one.tag.removeprefix(NAMESPACE)


def _of_element(one: ElementTree.Element) -> list[str]:
    name = _name(one)
    if not one.tag.startswith(NAMESPACE) or name not in CHILDREN and name not in TEXTS:
        return [f"{one.tag} is no element that is known"]
    found = []
    for key, value in one.attrib.items():
        form = {"ID": ID.pattern, f"{XML}lang": "da|en"}.get(key) or ATTRIBUTES.get(name, {}).get(key)
        if form is None or not re.fullmatch(form, value):
            found.append(f"{name} has {key}={value!r}")
    if name in TEXTS:
        return found + [f"{name} holds {_name(child)}" for child in one]
    order = CHILDREN[name]
    pattern = "".join(
        f"(?:{part.rstrip('?*')} ){'*' if part[-1] == '*' else '?' if part[-1] == '?' else ''}"
        for part in order.split()
    )
    inside = "".join(f"{_name(child)} " for child in one)
    if not re.fullmatch(pattern, inside):
        found.append(f"{name} holds {inside}where {order} may stand")
    return found + ([f"{name} holds text"] if (one.text or "").strip() else [])
