"""Adoption: who uses AI, which technologies, how far they have come, how digital they are."""

import streamlit as st
from shared import breakdown, charts, data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import lower_first, t

MART = "adoption"

# Indicators that tell how far a firm has come; each survey asked in its own way.
MATURITY = ("ai_use_priority", "ai_status", "ai_maturity", "ai_purpose")

# A figure whose label is not settled must not be drawn as if it were.
UNDETERMINED = f"""
select indicator_label_{{lang}} as label, label_position, {data.EVIDENCE}
from marts.mart_adoption
where observation_status = 'label_uncertain' and evidence_type = $evidence
order by publication_id, indicator_id, source_line"""

NOT_PUBLISHED = """
select shows_{lang} as shows, figure_label, publisher, source_lines, source_file, citation
from marts.fct_not_published where theme = 'adoption' order by publisher, not_published_id"""

# Answers that are parts of the one before them in their code list.
PARTS = {"optimist", "sceptic"}

# What each answer of a question means, where the words alone do not say it.
NOTES = {"ai_use_priority": "matrix_note", "ai_status": "status_note"}


def highlighted(answer: evidence.Answer) -> evidence.Answer:
    """The rows with the group that the reader wants to stand out."""
    names = {"none": t("focus_none")} | dict(zip(answer.rows["label_id"], answer.rows["label"], strict=True))
    focus = state.choose(t("choose_focus"), names, "focus")
    return answer if focus == "none" else answer.emphasising(focus)


@part
def use() -> None:
    """The share that uses AI, in one survey, broken down one way; a group of the reader's choice stands out."""
    st.header(t("use_header"), anchor="use")
    asked = breakdown.choose_asked(breakdown.asked(MART, "ai_use"), "asked")
    left, right = st.columns(2)
    with left:
        by = breakdown.choose_by(asked, MART, "by")
    answer = breakdown.rows(MART, asked, by)
    if by != "total":
        with right:
            answer = highlighted(answer)
    breakdown.draw(answer, "ai_use", t("use_title", by=t(f"title_{by}")), noun=t(f"noun_{by}"))


@part
def cross() -> None:
    """Industry by size, where a survey gives it."""
    st.header(t("cross_header"), anchor="cross")
    found = breakdown.asked(MART, "ai_use")
    both = found[found["industry"] & found["size_class"]]
    for _, asked in both.iterrows():
        answer = breakdown.crossed(MART, asked, "industry", "size_class")
        if len(answer.rows):
            title, draw = t("cross_title"), lambda rows, look: [charts.heatmap(rows, look)]
            figures.figure("ai_use_crossed", title, answer, draw, marks="cells")
            return
    st.info(t("cross_none"))


@part
def technologies() -> None:
    """Technologies, in one base population at a time."""
    st.header(t("technology_header"), anchor=False)
    found = breakdown.asked(MART, "ai_technology_use")
    asked = breakdown.choose_asked(found[found["code"].str.endswith("percent")], "technology_asked")
    answer = breakdown.rows(MART, asked, "technology")
    breakdown.draw(answer, "ai_technology", t("technology_title"), noun=t("noun_technology"))


def with_parts(answer: evidence.Answer) -> evidence.Answer:
    """The rows, those that are a part of the answer above them named as such."""
    rows = answer.rows
    labels = [
        t("part_of_above", label=lower_first(label)) if code in PARTS else label
        for label, code in zip(rows["label"], rows["label_id"], strict=True)
    ]
    return answer.holding(rows.assign(label=labels))


@part
def maturity() -> None:
    """How far the firms have come, as one survey at a time asked it."""
    st.header(t("maturity_header"), anchor=False)
    every = breakdown.asked(MART)
    found = every[every["indicator_id"].isin(MATURITY) & every["code"].str.endswith("percent")]
    found = found.drop_duplicates("indicator_id").sort_values(["intervals", "indicator"], ascending=[False, True])
    names = dict(zip(found["indicator_id"], found["indicator"] + " – " + found["survey"], strict=True))
    indicator = state.choose(t("choose_indicator"), names, "maturity")
    asked = found[found["indicator_id"] == indicator].iloc[0]
    answer = breakdown.rows(MART, asked, "answer_category")
    answer = with_parts(answer)
    breakdown.draw(answer, "ai_maturity", names[indicator], note=t(NOTES[indicator]) if indicator in NOTES else "")


@part
def digitalisation() -> None:
    """One digitalisation indicator at a time by industry, in the official survey of micro firms."""
    st.header(t("digital_header"), anchor=False)
    every = breakdown.asked(MART)
    found = every[(every["construct"] == "digitalisation") & every["industry"]].drop_duplicates("indicator_id")
    names = found.sort_values("indicator").set_index("indicator_id")["indicator"].to_dict()
    indicator = state.choose(t("choose_indicator"), names, "digital", default="cloud_use")
    asked = found[found["indicator_id"] == indicator].iloc[0]
    answer = breakdown.rows(MART, asked, "industry")
    breakdown.draw(answer, "digitalisation", t("digital_title", indicator=names[indicator]), noun=t("noun_industry"))


@part
def left_out() -> None:
    """The figures that no chart shows: those without a certain label, and those without a number."""
    st.header(t("left_out_header"), anchor=False)
    labelled = st.expander(t("undetermined_title"), on_change="rerun", key="undetermined")
    if labelled.open:
        with labelled:
            answer = evidence.ask(UNDETERMINED, evidence=evidence.chosen())
            st.write(t("undetermined_note", n=len(answer.rows)))
            columns = ["label", "value_text", "candidate_labels", "base_population", "survey_wave", "source_line"]
            figures.listing("undetermined", answer, columns)
    unpublished = st.expander(t("not_published_title"), on_change="rerun", key="unpublished")
    if unpublished.open:
        with unpublished:
            columns = ["shows", "figure_label", "publisher", "source_lines"]
            figures.listing("not_published_adoption", evidence.ask(NOT_PUBLISHED), columns)


def page() -> None:
    """Draw the page."""
    heading("adoption")
    use()
    cross()
    technologies()
    maturity()
    digitalisation()
    left_out()


show(page)
