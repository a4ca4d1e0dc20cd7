"""The codebook as one page of HTML that needs nothing beside it: no network, no script."""

from __future__ import annotations

from smv_ai.metadata.contents import Entry
from smv_ai.metadata.edition import Edition, Table
from smv_ai.metadata.flow import flow
from smv_ai.metadata.markup import Element, as_html, element

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #111827; background: #fff; margin: 0 auto; max-width: 60rem;
  padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #d1d5db; }
h3 { margin-bottom: .3rem; } article { margin-top: 1.8rem; break-inside: avoid; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .93rem; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #e5e7eb; vertical-align: top; }
th { border-bottom-color: #6b7280; } code { font-size: .9em; } .wide { overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0; }
dt { color: #4b5563; } dd { margin: 0; } nav ol { columns: 2; padding-left: 0; list-style: none; font-size: .93rem; }
.banner { background: #fff3cd; border: 1px solid #b58900; padding: .6rem .8rem; }
.quiet { color: #4b5563; font-size: .93rem; } a { color: #1f5a7a; }
@media (max-width: 40rem) { nav ol { columns: 1; } dl { grid-template-columns: 1fr; } }
@media print { nav { display: none; } }
"""
# No script, nothing fetched: said to the browser as well.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_page(edition: Edition) -> bytes:
    """The page in UTF-8; the same edition gives the same bytes."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http__equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", edition.heading),
        element("style", STYLE),
    )
    return as_html(element("html", head, element("body", *_body(edition)), lang=edition.language)).encode()


def _body(edition: Edition) -> list[Element]:
    words, contents = edition.words, edition.contents
    picture = flow(contents, edition.language)
    drawn = (
        [element("p", words["routing_lead"], class_="quiet"), element("figure", picture, style="margin:0")]
        if picture is not None else [element("p", words["no_routing"])]
    )  # fmt: skip
    parts = [
        element("h1", edition.heading),
        element("p", edition.banner, class_="banner") if edition.banner else None,
        element("h2", words["about"]), _facts(edition.about()),
        element("p", edition.where_from(), class_="quiet"),
        *(element("p", text, class_="quiet") for text in edition.legend()),
        _contents(edition),
        element("h2", words["routing"]), *drawn,
        element("h2", words["missing"]), element("p", words["missing_lead"], class_="quiet"),
        _table(edition.missing()),
        element("h2", words["questions"]), *(_entry(edition, entry) for entry in contents.questions),
        element("h2", words["derived"]) if contents.derived else None,
        *(_entry(edition, entry) for entry in contents.derived),
        element("h2", words["breakdowns"]) if contents.breakdowns else None,
        *(_breakdown(edition, place) for place in range(len(contents.breakdowns))),
        element("p", edition.source(), class_="quiet"),
    ]  # fmt: skip
    return [part for part in parts if part is not None]


def _contents(edition: Edition) -> Element:
    entries = [
        element("li", element("a", edition.title(entry), href=f"#q-{entry.key}")) for entry in edition.contents.entries
    ]
    return element("nav", element("h2", edition.words["contents"]), element("ol", *entries))


def _facts(facts: list[tuple[str, str]]) -> Element:
    return element("dl", *(part for name, text in facts for part in (element("dt", name), element("dd", text))))


def _table(table: Table) -> Element:
    head, rows = table
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *(element("th", name, scope="col") for name in head))),
            element("tbody", *(element("tr", *(element("td", cell) for cell in row)) for row in rows)),
        ),
        class_="wide",
    )


def _entry(edition: Edition, entry: Entry) -> Element:
    size = edition.size_line(entry)
    return element(
        "article",
        element("h3", edition.title(entry), " ", element("code", entry.key)),
        _facts(edition.facts(entry)),
        *(_table(table) for table in edition.tables(entry)),
        element("p", size, class_="quiet") if size else None,
        id=f"q-{entry.key}",
    )


def _breakdown(edition: Edition, place: int) -> Element:
    one = edition.contents.breakdowns[place]
    heading = element("h3", one.label.of(edition.language), " ", element("code", one.column))
    return element("article", heading, _table(edition.breakdown(place)) if one.values else None)
