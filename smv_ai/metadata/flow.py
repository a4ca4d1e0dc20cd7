"""The routing of a survey as a picture: questions from above to below, and lines from what decides to whom it decides.

Each question that decides has a lane of its own at the left for as long as it is needed, so that no two lines lie upon
each other, and none crosses a box. Drawn from the survey file alone; nothing is fetched, and the same file gives the
same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from smv_ai.metadata.contents import Contents, Kind, Text
from smv_ai.metadata.markup import Element, element

ROW, BOX, LANE, INDENT, WIDTH, MARGIN = 50, 38, 13, 26, 860, 8
DEEPEST_INDENT = 6
LETTER = 6.7  # the usual width of a letter of 13 px
COLOURS = ("#1f5a7a", "#a4460e", "#2c6e49", "#7a3f8f", "#5c5c00", "#8c1c3c")


@dataclass(frozen=True)
class Node:
    """A box: a question, or a column by rule that routing looks at. `sources` decide whether it is asked."""

    key: str
    title: Text
    condition: Text | None
    sources: tuple[str, ...]
    depth: int
    is_derived: bool


def nodes_of(contents: Contents) -> list[Node]:
    """All questions in their order; behind the last question that it looks at, each rule that routing needs."""
    sources = {entry.key: _sources(contents, entry.asked_if.columns) for entry in contents.questions if entry.asked_if}
    rules = _needed_rules(contents, sources)
    order = [entry.key for entry in contents.questions]
    for key, (_, looked_at) in rules.items():
        places = [order.index(name) for name in looked_at if name in order]
        order.insert(max(places, default=-1) + 1, key)
    depths: dict[str, int] = {}
    for _ in order:  # as many rounds as there are boxes: rules may look at rules
        for key in order:
            above = rules[key][1] if key in rules else sources.get(key, ())
            depths[key] = max((depths.get(name, 0) + (key not in rules) for name in above if name in order), default=0)
    by_key = {entry.key: entry for entry in contents.entries}
    found = []
    for key in order:
        if key in rules:
            title, looked_at = rules[key]
            found.append(Node(key, title, None, tuple(n for n in looked_at if n in order), depths[key], True))
            continue
        entry = by_key[key]
        title = Text(*(f"{entry.number}. {text}" for text in entry.text))
        condition = None
        if entry.asked_if is not None:
            condition = Text(*(contents.in_words(entry.asked_if, language) for language in ("da", "en")))
        above = tuple(name for name in sources.get(key, ()) if name in order)
        found.append(Node(key, title, condition, above, depths[key], False))
    return found


def _sources(contents: Contents, columns: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(contents.entry_of.get(column, column) for column in columns))


def _needed_rules(contents: Contents, sources: dict[str, tuple[str, ...]]) -> dict[str, tuple[Text, tuple[str, ...]]]:
    """Constructs and groups that decide who is asked, with their names and what they look at."""
    known: dict[str, tuple[Text, tuple[str, ...]]] = {
        entry.key: (
            Text(entry.key, entry.key) if entry.text.da == entry.key else entry.text,
            _sources(contents, [column for _, rule in entry.rules for column in rule.columns]),
        )
        for entry in contents.entries
        if entry.kind is Kind.DERIVED
    }
    for one in contents.breakdowns:
        columns = [column for _, _, rule in one.values if rule for column in rule.columns]
        if columns:
            known[one.column] = (one.label, _sources(contents, columns))
    needed: dict[str, tuple[Text, tuple[str, ...]]] = {}
    open_names = [name for names in sources.values() for name in names]
    while open_names:
        name = open_names.pop(0)
        if name in known and name not in needed:
            needed[name] = known[name]
            open_names += known[name][1]
    # what is looked at stands before what looks
    return dict(reversed(needed.items()))


def lanes_of(nodes: list[Node]) -> dict[str, int]:
    """A lane for each box that decides, counted from the boxes outwards; lines that overlap have different ones."""
    place = {node.key: number for number, node in enumerate(nodes)}
    spans: dict[str, tuple[int, int]] = {}
    for node in nodes:
        for name in node.sources:
            ends = [place[name], place[node.key], *spans.get(name, ())]
            spans[name] = (min(ends), max(ends))
    lanes: dict[str, int] = {}
    for name, (start, end) in sorted(spans.items(), key=lambda span: (span[1][1] - span[1][0], span[1])):
        taken = {
            lanes[other] for other, (first, last) in spans.items()
            if other in lanes and first <= end and start <= last
        }  # fmt: skip
        lanes[name] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def flow(contents: Contents, language: str) -> Element | None:
    """The picture as SVG; None where every question is asked of everybody."""
    nodes = nodes_of(contents)
    lanes = lanes_of(nodes)
    if not lanes:
        return None
    picture = _Picture(nodes, lanes, language)
    title = Text("Hvem der får hvilke spørgsmål", "Who is asked what").of(language)
    return element(
        "svg",
        element("title", title),
        element("desc", *_in_words(nodes, language)),
        *(picture.line(name, node) for node in nodes for name in node.sources),
        *(picture.box(node) for node in nodes),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {len(nodes) * ROW + MARGIN}", role="img",
        class_="flow", font__family="system-ui, sans-serif", font__size="13", width="100%",
    )  # fmt: skip


def _in_words(nodes: list[Node], language: str) -> list[str]:
    """The same for who cannot see it."""
    only_if = Text("kun hvis", "only if").of(language)
    return [f"{node.title.of(language)}: {only_if} {node.condition.of(language)}. " for node in nodes if node.condition]


class _Picture:
    """Where boxes and lines stand, in the units of the picture."""

    def __init__(self, nodes: list[Node], lanes: dict[str, int], language: str) -> None:
        self.nodes = {node.key: node for node in nodes}
        self.place = {node.key: number for number, node in enumerate(nodes)}
        self.lanes, self.language = lanes, language
        self.gutter = MARGIN + (max(lanes.values()) + 1) * LANE + 12

    def _corner(self, node: Node) -> tuple[int, int]:
        return self.gutter + min(node.depth, DEEPEST_INDENT) * INDENT, self.place[node.key] * ROW + MARGIN

    def line(self, name: str, node: Node) -> Element:
        """From the box that decides to the left, along its lane, and to the box that is asked, with an arrow."""
        lane = self.lanes[name]
        (left, top), (right, below) = self._corner(self.nodes[name]), self._corner(node)
        x, start, end = self.gutter - 12 - lane * LANE, top + BOX - 8, below + 8 + 6 * (node.sources.index(name) % 4)
        colour = COLOURS[lane % len(COLOURS)]
        return element(
            "g",
            element("path", d=f"M{left} {start} H{x} V{end} H{right - 5}", fill="none", stroke=colour,
                    stroke__width="1.6", stroke__linejoin="round"),
            element("path", d=f"M{right} {end} l-7 -3.5 v7 z", fill=colour),
        )  # fmt: skip

    def box(self, node: Node) -> Element:
        """A question with its condition; dashed: no question, but a rule about others."""
        left, top = self._corner(node)
        room = int((WIDTH - left - MARGIN - 16) / LETTER)
        title = node.title.of(self.language)
        # conditions name columns, which go by the key of their question
        key = f" ({node.key})" if title != node.key else ""
        condition = (
            f"{Text('hvis', 'if').of(self.language)} {node.condition.of(self.language)}" if node.condition else ""
        )
        return element(
            "g",
            element("title", f"{title}{key}\n{condition}".strip()),
            element("rect", x=left, y=top, width=WIDTH - left - MARGIN, height=BOX, rx=5, fill="#fff", stroke="#6b7280",
                    stroke__dasharray="5 3" if node.is_derived else None),
            element("text", _cut(title, room - len(key)) + key, x=left + 9, y=top + (16 if condition else 23),
                    fill="#111827"),
            element("text", _cut(condition, int(room * 1.1)), x=left + 9, y=top + 31, fill="#4b5563",
                    font__size="11.5", font__style="italic") if condition else None,
        )  # fmt: skip


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
