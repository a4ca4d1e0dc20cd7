"""The codebook as Markdown (GitHub's): the same as the page, with the routing in words."""

from __future__ import annotations

from smv_ai.metadata.contents import Entry
from smv_ai.metadata.edition import Edition, Table
from smv_ai.metadata.flow import nodes_of
from smv_ai.metadata.markup import legal
from smv_ai.tabulation.markdown import plain


def as_markdown(edition: Edition) -> bytes:
    """The page in UTF-8."""
    words, contents = edition.words, edition.contents
    conditions = [(node.title, node.key, node.condition) for node in nodes_of(contents) if node.condition]
    routing = [
        f"- {_said(title.of(edition.language))} `{key}`:"
        f" {_said(words('asked_if', rule=condition.of(edition.language)))}"
        for title, key, condition in conditions
    ]
    lines = [
        f"# {_said(edition.heading)}", "",
        *([f"**{_said(edition.banner)}**", ""] if edition.banner else []),
        f"## {words['about']}", "", *_facts(edition.about()), "",
        _said(edition.where_from()), "", *(line for text in edition.legend() for line in (_said(text), "")),
        f"## {words['routing']}", "", *(routing or [words["no_routing"]]), "",
        f"## {words['missing']}", "", words["missing_lead"], "", *_table(edition.missing()),
        f"## {words['questions']}", "", *(line for entry in contents.questions for line in _entry(edition, entry)),
    ]  # fmt: skip
    if contents.derived:
        lines += [f"## {words['derived']}", "", *(line for one in contents.derived for line in _entry(edition, one))]
    if contents.breakdowns:
        lines += [f"## {words['breakdowns']}", ""]
        for place, one in enumerate(contents.breakdowns):
            lines += [f"### {_said(one.label.of(edition.language))} `{one.column}`", ""]
            lines += _table(edition.breakdown(place)) if one.values else []
    return ("\n".join([*lines, _said(edition.source())]) + "\n").encode()


def _said(text: str) -> str:
    return plain(legal(text))


def _facts(facts: list[tuple[str, str]]) -> list[str]:
    return [f"- {_said(name)}: {_said(text)}" for name, text in facts]


def _table(table: Table) -> list[str]:
    head, rows = table
    cells = [head, ["---"] * len(head), *rows]
    return [
        *(f"| {' | '.join(cell if n == 1 else _said(cell) for cell in row)} |" for n, row in enumerate(cells)),
        "",
    ]


def _entry(edition: Edition, entry: Entry) -> list[str]:
    size = edition.size_line(entry)
    return [
        f"### {_said(edition.title(entry))} `{entry.key}`", "", *_facts(edition.facts(entry)), "",
        *(line for table in edition.tables(entry) for line in _table(table)), *([size, ""] if size else []),
    ]  # fmt: skip
