"""Explore: any indicator, of any population, broken down as it is published."""

import streamlit as st
from shared import breakdown, data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import t

# Every indicator with a number, under its theme and construct.
INDICATORS = """
select
    indicators.theme || '.' || indicators.indicator_id as code,
    themes.label_{lang} || ': ' || indicators.label_{lang} as label
from marts.dim_indicators as indicators
join marts.dim_codes as themes on themes.codelist_id = 'construct_themes' and themes.code_id = indicators.theme
where indicators.indicator_id in (
    select indicator_id from marts.fct_observations
    where evidence_type = $evidence and observation_status <> 'label_uncertain' and observation_value is not null
) and indicators.theme <> 'response'
order by themes.sort_order, indicators.label_{lang}"""

# The differences that may be taken between the figures on the screen.
CHANGES = """
select
    from_label_{lang} as from_label, to_label_{lang} as to_label, from_value, to_value, difference,
    rounding_half_width, ci_lower, ci_upper, methods.label_{lang} as interval_method_label,
    reasons.label_{lang} as no_interval_reason_label, changes.interval_method, changes.no_interval_reason,
    evidence_type, source_file, from_source_line, to_source_line, change_id
from marts.fct_changes as changes
left join marts.dim_codes as methods
    on methods.codelist_id = 'interval_methods' and methods.code_id = changes.interval_method
left join marts.dim_codes as reasons
    on reasons.codelist_id = 'no_interval_reasons' and reasons.code_id = changes.no_interval_reason
where list_contains($ids, from_observation_id) and list_contains($ids, to_observation_id)
order by abs(difference) desc, change_id"""


@part
def explorer() -> None:
    """Indicator, population and breakdown, then the figure and the differences within it."""
    names = data.query(INDICATORS, evidence=evidence.chosen()).set_index("code")["label"].to_dict()
    theme, indicator = state.choose(t("choose_indicator"), names, "indicator", default="adoption.ai_use").split(".")
    asked = breakdown.choose_asked(breakdown.asked(theme, indicator), "asked")
    by = breakdown.choose_by(asked, theme, "by")
    only, items = breakdown.choose_items(theme, asked, by)
    answer = breakdown.rows(theme, asked, by, **only)
    title = ": ".join([names[f"{theme}.{indicator}"].split(": ", 1)[1], *items])
    breakdown.draw(
        answer,
        "explore",
        t("explore_title", indicator=title, by=t(f"title_{by}")),
        head=st.header,
        noun=t(f"noun_{by}"),
    )
    changes = evidence.ask(CHANGES, ids=answer.rows["observation_id"].tolist())
    if len(changes.rows):
        columns = ["difference", "from_label", "to_label", "rounding_half_width", "ci_lower", "ci_upper"]
        columns += ["interval_method_label", "no_interval_reason_label"]
        figures.section("changes", t("changes_title"), changes, columns, head=st.subheader)


def page() -> None:
    """Draw the page."""
    heading("explore")
    explorer()


show(page)
