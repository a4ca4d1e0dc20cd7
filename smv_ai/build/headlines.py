"""The first answers, printed after a build: what AI use looks like, and where everything lies."""

from __future__ import annotations

from smv_ai.reader import Kind, Release, connect
from smv_ai.releases.kinds import APP
from smv_ai.sql.rows import only_row

AI_USE = """
select label_en, value_text_en from marts.fct_headline_figures order by observation_value desc nulls last
"""
COUNTS = """
with marts as (
    select 1 as place, 'mart_adoption' as mart, evidence_type from marts.mart_adoption
    union all select 2, 'mart_barriers', evidence_type from marts.mart_barriers
    union all select 3, 'mart_productivity', evidence_type from marts.mart_productivity
)
select evidence_type, string_agg(mart || ' ' || rows, ', ' order by place)
from (select evidence_type, place, mart, count(*) as rows from marts group by all)
group by evidence_type order by evidence_type = 'published' desc, evidence_type
"""
CONTRADICTIONS = "select count(*) from marts.fct_source_checks where outcome = 'contradiction'"
REPRODUCED = """
select count(*) filter (where is_within_precision), count(*)
from marts.fct_reproduction where is_covered and evidence_type = 'synthetic'
"""
INDICATOR = """
select value_text_en, survey_wave_label_en from marts.mart_productivity
where indicator_id = 'productivity_indicator' and region_id = 'total' and industry_id = 'total'
    and evidence_type = 'published'
"""
ROWS_OF = {
    "published": "Published rows",
    "estimated": "Rows estimated from loaded responses",
    "synthetic": "Rows computed from made-up demonstration responses (evidence_type = 'synthetic')",
}


def headlines(release: Release) -> str:
    """The headline figures of a release as plain text."""
    kind = Kind.DEMONSTRATION if release.is_demonstration else Kind.WAREHOUSE
    with connect(release) as connection:
        uses = connection.execute(AI_USE).fetchall()
        counts = connection.execute(COUNTS).fetchall()
        [contradictions] = only_row(connection.execute(CONTRADICTIONS))
        reproduced, covered = only_row(connection.execute(REPRODUCED))
        indicators = connection.execute(INDICATOR).fetchall()
    width = max(len(label) for label, _ in uses)
    lines = ["Share of firms that use AI, as each source defines it (not comparable with each other):"]
    lines += [f"  {label:<{width}}  {value:>6}" for label, value in uses]
    lines += [f"Productivity indicator, {wave}: {value} (from −100 to 100)" for value, wave in indicators]
    lines += [f"{ROWS_OF[evidence_type]}: {rows}." for evidence_type, rows in counts]
    if covered:
        lines.append(
            f"The definitions agree with those of the reports in {reproduced} of {covered} covered figures: made-up "
            "answers were changed until they did, so this is no evidence about firms."
        )
    lines += [
        f"The reports contradict themselves in {contradictions} places: select * from marts.fct_source_checks.",
        f"{'Demonstration' if release.is_demonstration else 'Release'} {release.release_id}",
        f"  database   {release.path.parent / 'current' / release.database.name}",
        f"  audit      {release.path.parent / 'current' / 'data_docs' / 'index.html'}",
        f"  app        {APP[kind]}",
    ]
    return "\n".join(lines)
