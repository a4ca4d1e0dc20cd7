"""Elements of HTML, SVG and DDI: every text is escaped by the library, whatever it holds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

Element = ElementTree.Element
Content = Element | str | None
# What no XML 1.0 document may hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


def legal(text: str) -> str:
    """A text without characters that XML forbids; U+FFFD stands in their place."""
    return NOT_XML.sub(REPLACEMENT, text)


def element(tag: str, *content: Content, **attributes: object) -> Element:
    """An element with its content in order; None is left out, as content and as attribute.

    A name of an attribute ends in `_` where Python has the word, and `__` stands for a hyphen.
    """
    given = {
        name.rstrip("_").replace("__", "-"): legal(str(value))
        for name, value in attributes.items()
        if value is not None
    }
    found = Element(tag, given)
    last: Element | None = None
    for part in content:
        if part is None:
            continue
        if isinstance(part, Element):
            found.append(part)
            last = part
        elif last is None:
            found.text = (found.text or "") + legal(part)
        else:
            last.tail = (last.tail or "") + legal(part)
    return found


def as_html(root: Element) -> str:
    """A whole page."""
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def as_xml(root: Element) -> bytes:
    """A whole document in UTF-8, indented."""
    ElementTree.indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8") + b"\n"
