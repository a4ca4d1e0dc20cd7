"""Which groups of a table differ beyond chance, taken from the differences that a release has worked out.

A release without the relation of differences, or without a row of it for a wave, has tables without letters.
"""

from __future__ import annotations

from collections import defaultdict

from smv_ai.tables.source import Source

Letters = dict[tuple[str, str, str, str], frozenset[str]]
LEVEL = 0.05
REST = "rest"

# The higher group of each pair of one breakdown whose difference is beyond chance. `p_holm` allows for all pairs.
HIGHER = """
select
    measure_id,
    unit,
    breakdown_id,
    case when difference > 0 then group_a else group_b end as higher,
    case when difference > 0 then group_b else group_a end as lower,
from {relation}
where survey_wave_id = ? and group_b <> ? and p_holm < ? and difference <> 0
"""


def higher_groups(source: Source, wave_id: str) -> Letters:
    """By measure, unit, breakdown and group: the groups of the same breakdown that it exceeds beyond chance.

    Differences are of the later group from the earlier: `difference` is group_a less group_b, as in `fct_differences`.
    """
    schema, _, table = source.differences.rpartition(".")
    exists = source.connection.execute(
        "select count(*) from duckdb_columns() where schema_name = ? and table_name = ?", [schema, table]
    ).fetchall()
    if exists == [(0,)]:
        return {}
    query = HIGHER.format(relation=source.differences)
    found: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for measure, unit, breakdown, higher, lower in source.connection.execute(query, [wave_id, REST, LEVEL]).fetchall():
        found[measure, unit, breakdown, higher].add(lower)
    return {key: frozenset(groups) for key, groups in found.items()}
