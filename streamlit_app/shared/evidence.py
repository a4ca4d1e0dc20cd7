"""Which evidence the reader sees. Published figures, unless asked for another kind; two kinds never share a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from shared import data, state
from shared.memory import frozen
from shared.text import language, plain, t

PUBLISHED, SYNTHETIC = "published", "synthetic"

# What a release holds: published first, then estimated, then synthetic.
KINDS = """
select codes.code_id as evidence_type, codes.label_{lang} as label
from marts.dim_codes as codes
where codes.codelist_id = 'evidence_types'
    and codes.code_id in (select evidence_type from marts.fct_observations)
order by codes.sort_order"""


@dataclass(frozen=True)
class Answer:
    """The rows that a figure shows, and the query that gave them."""

    rows: pd.DataFrame
    query: str
    parameters: Mapping[str, Any]
    emphasis: str = ""

    def emphasising(self, code: str) -> Answer:
        """The same answer, where the rows of this `label_id` stand out."""
        return replace(self, rows=self.rows.assign(is_focus=self.rows["label_id"] == code), emphasis=code)

    def holding(self, rows: pd.DataFrame) -> Answer:
        """The same answer, its rows with what follows from them alone: words, places in a chart."""
        return replace(self, rows=rows)

    def in_pairs(self, by: str = "observation_value") -> Answer:
        """The same answer, the rows of a label together: the largest `by` first, labels with `is_last` at the end.

        The larger figure of a label is marked.
        """
        rows = self.rows.assign(is_last=self.rows.get("is_last", False))
        labels = rows.groupby("label")
        places = {"is_last": labels["is_last"].transform("max"), "largest": labels[by].transform("max")}
        order = pd.DataFrame(places).sort_values([*places], ascending=[True, False], kind="stable").index
        is_upper = rows["observation_value"] == labels["observation_value"].transform("max")
        return replace(self, rows=rows.assign(is_upper=is_upper).loc[order].reset_index(drop=True))

    def identity(self) -> tuple:
        """What tells the rows from those of any other answer, so that what is made of them can be kept."""
        found = data.release()
        return (
            found.release_id,
            str(found.database),
            language(),
            self.query,
            frozen(dict(self.parameters)),
            self.emphasis,
        )

    def whole(self) -> pd.DataFrame:
        """The rows with all that a file carries."""
        return data.raw(_with(self.query, is_whole=True), **self.parameters)

    def sql(self) -> str:
        """The query behind `whole`, as a reader can run it on the release."""
        text = _with(self.query, is_whole=True).replace("{lang}", language())
        for name, value in sorted(self.parameters.items(), key=lambda item: -len(item[0])):
            text = text.replace(f"${name}", _literal(value))
        return text.strip()


def _with(query: str, *, is_whole: bool = False) -> str:
    """A query with the columns of a figure as it is shown, or as it is filed."""
    for place, (shown, filed) in data.COLUMNS.items():
        query = query.replace(place, f"{shown}, {filed}" if is_whole else shown)
    return query


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"


def ask(sql: str, **parameters: Any) -> Answer:
    """The answer to a query on the marts: labels in the reader's language, values bound as `$name`."""
    return Answer(data.query(_with(sql), **parameters), sql, parameters)


def chosen() -> str:
    """The kind of evidence on the screen, a code of `evidence_types`."""
    return st.session_state.get("evidence_chosen", PUBLISHED)


def choose() -> None:
    """A switch above the page, where the release holds more than one kind; the choice outlives a change of page."""
    names = data.query(KINDS).set_index("evidence_type")["label"].to_dict()
    if len(names) < 2:
        st.session_state["evidence_chosen"] = next(iter(names))
        return
    first = next(iter(names))
    asked = st.query_params.get(state.EVIDENCE, chosen())
    with st.container(key="evidence"):
        # The value lives beside the widget: Streamlit drops the state of a widget on a change of page.
        value = st.radio(
            t("evidence_kind"),
            list(names),
            index=list(names).index(asked) if asked in names else 0,
            format_func=lambda code: plain(names[code]),
            key="evidence_switch",
            horizontal=True,
        )
        st.caption(t("evidence_help"))
    st.session_state["evidence_chosen"] = value
    state.remember(state.EVIDENCE, value, first)


def banner() -> None:
    """Says at the head of a page that what follows is not about real firms."""
    if chosen() == SYNTHETIC:
        st.warning(t("synthetic_notice"), icon=":material/science:")
