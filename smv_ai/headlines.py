"""The first answers, printed after a build: what AI use looks like, and where everything lies."""

from __future__ import annotations

from smv_ai.reader import Release, connect

AI_USE = """
select label_en, value_text_en from marts.fct_headline_figures order by observation_value desc nulls last
"""
COUNTS = """
select
    (select count(*) from marts.mart_adoption),
    (select count(*) from marts.mart_barriers),
    (select count(*) from marts.mart_productivity),
    (select count(*) from marts.fct_source_checks where outcome = 'contradiction')
"""
INDICATOR = """
select value_text_en, survey_wave_label_en from marts.mart_productivity
where indicator_id = 'productivity_indicator' and region_id = 'total' and industry_id = 'total'
"""


def headlines(release: Release) -> str:
    """The headline figures of a release as plain text."""
    with connect(release) as connection:
        uses = connection.execute(AI_USE).fetchall()
        adoption, barriers, productivity, contradictions = connection.execute(COUNTS).fetchone()
        indicators = connection.execute(INDICATOR).fetchall()
    width = max(len(label) for label, _ in uses)
    lines = ["Share of firms that use AI, as each source defines it (not comparable with each other):"]
    lines += [f"  {label:<{width}}  {value:>6}" for label, value in uses]
    lines += [f"Productivity indicator, {wave}: {value} (from −100 to 100)" for value, wave in indicators]
    lines += [
        f"Rows: mart_adoption {adoption}, mart_barriers {barriers}, mart_productivity {productivity}.",
        f"The reports contradict themselves in {contradictions} places: select * from marts.fct_source_checks.",
        f"Release {release.release_id}",
        f"  database   {release.path.parent / 'current' / release.database.name}",
        f"  audit      {release.path.parent / 'current' / 'data_docs' / 'index.html'}",
        "  app        make app",
    ]
    return "\n".join(lines)
