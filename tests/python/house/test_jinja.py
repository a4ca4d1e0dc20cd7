"""In the respondent track SQL is SQL: what Jinja may do in its models, and what a formula macro may look at.

Code that writes code is Python (smv_ai/survey); what several models read is a model that can be opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes
from support.project import PROJECT

MODELS = [
    path
    for folder in ("models/intermediate/estimation", "models/staging/responses")
    for path in sorted((PROJECT / folder).glob("*.sql"))
]
FORMULAS = sorted((PROJECT / "macros" / "formulas").glob("*.sql"))
JINJA = jinja2.Environment(extensions=["jinja2.ext.do"])
OF_DBT = {"ref", "source", "config", "var"}
# Macros that stand for a list of columns, a text, or the end of a test, beside the formulas.
MACRO_FOLDERS = ["formulas", "disclosure"]
OTHER_MACROS = {"count_text", "estimate_keys", "observation_id", "sql_text"}
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Call, nodes.Keyword, nodes.Name, nodes.Const, nodes.List,
    nodes.Dict, nodes.Pair, nodes.Tuple, nodes.Getitem, nodes.Getattr, nodes.For, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.Concat, nodes.Not,
)  # fmt: skip
# A count is its own source.
WITHOUT_SOURCE = {"sampling_units"}
MACRO = re.compile(r"\{% macro (?P<name>\w+)\((?P<arguments>.*?)\) %\}(?P<body>.*?)\{%-? endmacro %\}", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def macro_names() -> set[str]:
    files = [path for folder in MACRO_FOLDERS for path in (PROJECT / "macros" / folder).glob("*.sql")]
    return OTHER_MACROS | {
        found["name"] for path in files for found in MACRO.finditer(path.read_text(encoding="utf-8"))
    }


def beyond(source: str, macros: set[str]) -> Iterator[str]:
    """What Jinja does in a model that it may not."""
    for node in JINJA.parse(source).find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            yield f"line {node.lineno}: {type(node).__name__}"
        elif isinstance(node, nodes.Call):
            called = node.node
            is_items = isinstance(called, nodes.Getattr) and called.attr == "items"
            if not is_items and not (isinstance(called, nodes.Name) and called.name in OF_DBT | macros):
                yield f"line {node.lineno}: a call of {getattr(called, 'name', getattr(called, 'attr', called))}"


def unknown_tables(body: str) -> set[str]:
    """Tables that a macro reads or qualifies a column by, and neither makes nor was given."""
    text = COMMENT.sub("", body)
    text = re.sub(r"'[^'\n]*'", "''", text)
    made = set(re.findall(r"(\w+)(?:\([\w, ]+\))? as (?:not materialized |materialized )?\(", text))
    made |= set(re.findall(r"\blambda (\w+)", text)) | set(re.findall(r"\) as (\w+)", text))
    read = set(re.findall(r"\b(?:from|join)\s+(\w+)", text))
    qualified = set(re.findall(r"(?<![\w.])([a-z_]\w*)\.[a-z_]\w*", text)) - {"exceptions"}
    return (read | qualified) - made


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_jinja_in_a_model_names_relations_columns_and_formulas_alone(path: Path) -> None:
    assert list(beyond(path.read_text(encoding="utf-8"), macro_names())) == []


@pytest.mark.parametrize(
    "source",
    [
        "{% set x = 1 %}select {{ x }}",
        "{{ run_query('select 1') }}",
        "{{ made_of_tables('cells') }}",
        "{{ 'a' | upper }}",
        "{% do log('x') %}",
        "{% macro own() %}1{% endmacro %}",
    ],
)
def test_what_goes_beyond_is_seen(source: str) -> None:
    assert list(beyond(source, {"ordered_sum"})) != []


@pytest.mark.parametrize("path", FORMULAS, ids=lambda path: path.stem)
def test_a_formula_looks_at_what_it_is_given(path: Path) -> None:
    """It is an expression or a whole query, never table expressions that its caller must know by name."""
    source = path.read_text(encoding="utf-8")
    found = list(MACRO.finditer(source))
    assert found
    for macro in found:
        assert unknown_tables(macro["body"]) == set(), macro["name"]
        assert not re.match(r"\s*\w+ as \(", COMMENT.sub("", macro["body"])), macro["name"]
    assert "Source" in source or path.stem in WITHOUT_SOURCE


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        ("select * from cells", {"cells"}),
        ("influences.z_total * 2", {"influences"}),
        ("with a as (select 1) select * from a inner join b on a.x = b.x", {"b"}),
        ("list_transform(x, lambda node: node.weight)", set()),
        ("with a as (select * from {{ relation }}) select a.x from a", set()),
    ],
)
def test_a_table_that_was_not_given_is_seen(body: str, tables: set[str]) -> None:
    assert unknown_tables(body) == tables
