"""The codebook says what the survey file says and the release shows: every question, every code, nothing withheld."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from support.codebook_project import WAVE, codebook_project, shown
from support.ddi_order import faults
from support.table_release import table_release

from smv_ai import environment
from smv_ai.cli import main
from smv_ai.environment import PROJECT_DIR, Kind
from smv_ai.metadata.command import WRITERS, edition_of
from smv_ai.metadata.contents import Text, contents_of
from smv_ai.metadata.flow import Node, lanes_of, nodes_of
from smv_ai.metadata.markup import as_xml, element

LANGUAGES = ("da", "en")
SURVEYS = sorted(path.stem for path in (PROJECT_DIR / "surveys").glob("*.yml"))
VOID = {"meta"}


class Page(HTMLParser):
    """The text of a page, its elements, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts, self.tags, self.fetched, self.open = [], set(), [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href", "xlink:href") and value[:1] != "#"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return codebook_project(tmp_path_factory.mktemp("codebook") / "project")


def run(project: Path, releases: Path, *arguments: str, monkeypatch) -> Result:
    monkeypatch.setattr(environment, "PROJECT_DIR", project)
    variables = {"SMV_AI_RELEASE_DIR": str(releases), "SMV_AI_DEMO_RELEASE_DIR": str(releases)}
    return CliRunner().invoke(main, ["codebook", *arguments], env=variables)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_every_label_as_text_and_nothing_else(language: str, project: Path):
    page = Page(WRITERS["html"](edition_of(project, WAVE, language, None)).decode())
    assert page.tags.isdisjoint({"script", "img", "iframe", "object", "link", "form"}) and page.fetched == []
    assert page.text.count(shown()) > 8
    for text in ("-9000000002", "uses", "what_text", "size", Text("Sjældnere", "Less").of(language)):
        assert text in page.text
    expected = Text("dem, hvor mindst én af what_text, what_code = Valgt eller often = Dagligt",
                    "those where any of what_text, what_code = Ticked or often = Daily")  # fmt: skip
    assert expected.of(language) in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_holds_every_label_as_text(language: str, project: Path):
    text = WRITERS["md"](edition_of(project, WAVE, language, None)).decode()
    assert "\\<script\\>" in text and re.search(r"(?<!\\)[<>&]", text) is None
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in tables]
    assert len(tables) > 20 and min(widths) >= 3
    assert Text("alle", "everybody").of(language) in text


def test_ddi_holds_every_label_as_text(project: Path):
    import xml.etree.ElementTree as ElementTree

    document = WRITERS["ddi"](edition_of(project, WAVE, "da", None))
    assert faults(document) == []
    labels = [one.text or "" for one in ElementTree.fromstring(document).iter("{ddi:codebook:2_5}labl")]
    assert f"{shown()} ja" in labels and f"{shown()} yes" in labels


def test_no_character_breaks_a_document():
    text = "".join(map(chr, range(0x20))) + "\ud800\ufffe\U0001f600"
    document = as_xml(element("labl", text, name=text))
    assert document.count("\ufffd".encode()) == 2 * (0x20 - 3 + 2)
    assert faults(document.replace(b"<labl ", b'<labl xmlns="ddi:codebook:2_5" '))[0].startswith("labl has name=")


@pytest.mark.parametrize("wave", SURVEYS)
def test_the_codebook_of_each_survey_says_all_of_its_file(wave: str):
    contents = contents_of(PROJECT_DIR, wave)
    assert contents.entries
    for language in LANGUAGES:
        edition = edition_of(PROJECT_DIR, wave, language, None)
        page = Page(WRITERS["html"](edition).decode())
        for entry in contents.entries:
            assert entry.text.of(language) in page.text
            for variable in entry.variables:
                assert variable.column in page.text and variable.label.of(language) in page.text
                assert all(answer.label.of(language) in page.text for answer in variable.answers)
        assert WRITERS["md"](edition).count(b"### ") == len(contents.entries) + len(contents.breakdowns)
    assert faults(WRITERS["ddi"](edition)) == []


def test_each_condition_is_a_line_of_the_picture():
    contents = contents_of(PROJECT_DIR, "dania_2025")
    nodes = {node.key: node for node in nodes_of(contents)}
    asked = {entry.key: entry.asked_if for entry in contents.questions if entry.asked_if}
    assert len(asked) > 15 and list(nodes) == [entry.key for entry in contents.questions]
    for key, rule in asked.items():
        assert set(nodes[key].sources) == {contents.entry_of[column] for column in rule.columns}
        assert nodes[key].depth > max(nodes[source].depth for source in nodes[key].sources)


def test_rules_that_decide_stand_in_the_picture(project: Path):
    nodes = {node.key: node for node in nodes_of(contents_of(project, WAVE))}
    assert list(nodes) == ["uses", "users", "often", "what", "agree", "staff"]
    assert nodes["users"].is_derived and nodes["users"].sources == ("uses",) and nodes["what"].sources == ("users",)
    assert nodes["staff"].sources == ("what", "often") and nodes["staff"].depth == 2


ROUTES = st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(ROUTES)
def test_no_two_lines_lie_upon_each_other(routes: list[list[int]]):
    size = len(routes)
    nodes = [
        Node(
            str(n),
            Text("", ""),
            None,
            tuple(dict.fromkeys(str(one % size) for one in above if one % size != n)),
            0,
            False,
        )
        for n, above in enumerate(routes)
    ]
    lanes = lanes_of(nodes)
    assert set(lanes) == {source for node in nodes for source in node.sources}
    spans = {name: [int(name), *(int(node.key) for node in nodes if name in node.sources)] for name in lanes}
    for one in lanes:
        for other in lanes:
            if one < other and lanes[one] == lanes[other]:
                assert max(spans[one]) < min(spans[other]) or max(spans[other]) < min(spans[one])


ROWS = [
    {"measure_id": "uses_1", "estimate": 61.5, "ci_lower": 57.25, "ci_upper": 65.5, "sample_size": 431},
    {"measure_id": "uses_2", "estimate": 38.5, "ci_lower": 34.5, "ci_upper": 42.75, "sample_size": 431},
    # withheld by grade, and confidential: neither may be seen, nor the number behind the second
    {"measure_id": "often_1", "estimate": 77.77, "ci_lower": 66.66, "ci_upper": 88.88, "sample_size": 12,
     "is_withheld": True, "quality_grade": "do_not_publish"},
    {"measure_id": "what_text", "estimate": 55.55, "ci_lower": 44.44, "ci_upper": 59.59, "sample_size": 7731,
     "is_withheld": True, "is_suppressed": True},
    {"measure_id": "what_code", "estimate": 21.0, "ci_lower": 18.0, "ci_upper": 24.0, "sample_size": 265},
    {"measure_id": "agree_pays_1", "estimate": 12.5, "sample_size": 430, "quality_grade": "publish_with_warning"},
    {"measure_id": "staff_mean", "statistic": "mean", "estimate": 33.25, "sample_size": 264},
    # of a group, a change, and of some alone: no figures of the answers in total
    {"measure_id": "uses_1", "breakdown_id": "size", "breakdown_columns": "size", "segment": "s", "estimate": 99.11},
    {"measure_id": "uses_1", "is_change": True, "estimate": 98.22},
]  # fmt: skip


@pytest.mark.parametrize("form", WRITERS)
def test_figures_are_those_of_the_release_and_no_other(form: str, project: Path, tmp_path: Path, monkeypatch):
    table_release(tmp_path / "releases", ROWS)
    done = run(project, tmp_path / "releases", WAVE, "--format", form, "--out", str(tmp_path), monkeypatch=monkeypatch)
    assert done.exit_code == 0, done.output
    text = Path(done.output.strip()).read_text(encoding="utf-8")
    decimal = "." if form == "ddi" else ","
    for figure in ("61.5", "38.5", "431", "21", "265", "12.5", "430", "33.25", "264"):
        assert figure.replace(".", decimal) in text, figure
    for hidden in ("77.77", "66.66", "88.88", "55.55", "44.44", "59.59", "7731", "7.731", "99.11", "98.22"):
        assert hidden not in text and hidden.replace(".", ",") not in text, hidden
    assert "20260101T000000Z" in text
    if form == "ddi":
        assert faults(text.encode()) == []


def test_a_demonstration_says_so(project: Path, tmp_path: Path, monkeypatch):
    table_release(tmp_path / "releases", ROWS, kind=Kind.DEMONSTRATION)
    arguments = (WAVE, "--demo", "--out", str(tmp_path), "--ddi", "--format", "md")
    done = run(project, tmp_path / "releases", *arguments, monkeypatch=monkeypatch)
    paths = [Path(line) for line in done.output.split()]
    assert [path.name for path in paths] == [f"demonstration_{WAVE}_kodebog.md", f"demonstration_{WAVE}_ddi.xml"]
    assert "DEMONSTRATION" in paths[0].read_text() and "demonstration 2026" in paths[1].read_text()


def test_without_a_release_the_survey_file_speaks(project: Path, tmp_path: Path, monkeypatch):
    arguments = (f"surveys/{WAVE}.yml", "--out", str(tmp_path), "--language", "en")
    done = run(project, tmp_path / "none", *arguments, monkeypatch=monkeypatch)
    page = tmp_path / f"{WAVE}_codebook.html"
    assert done.exit_code == 0 and done.output.strip() == str(page)
    assert "No figures: there is no release yet." in page.read_text(encoding="utf-8")
    again = run(project, tmp_path / "none", *arguments, monkeypatch=monkeypatch)
    assert again.exit_code == 2 and "add --force" in again.output
    assert run(project, tmp_path / "none", *arguments, "--force", monkeypatch=monkeypatch).exit_code == 0
    named = run(project, tmp_path / "none", *arguments, "--release", "x", "--force", monkeypatch=monkeypatch)
    assert named.exit_code == 7 and "no release x" in named.output
    wrong = run(project, tmp_path / "none", "tern_2062", monkeypatch=monkeypatch)
    assert wrong.exit_code == 2 and f"did you mean '{WAVE}'?" in wrong.output
