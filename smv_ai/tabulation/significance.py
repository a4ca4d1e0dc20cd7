"""Which groups differ beyond chance, and whether answers depend on the group: as a release has worked it out.

Where a release has no such relation, or no row of a wave in it, tables have no letters and no line about the test.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from smv_ai.tabulation.source import Source

LEVEL = 0.05
RAO_SCOTT = "F"

# The higher group of each pair of one breakdown whose difference is beyond chance. `p_holm` allows for all pairs.
HIGHER = """
select
    measure_id,
    unit_of_measure,
    breakdown_id,
    case when difference > 0 then segment_a else segment_b end as higher,
    case when difference > 0 then segment_b else segment_a end as lower,
from {relation}
where survey_wave_id = ? and comparison_kind = 'pair' and p_holm < ? and difference <> 0
"""

TESTS = """
select measure_id, breakdown_id, test_statistic, numerator_degrees_of_freedom, denominator_degrees_of_freedom, p_value
from {relation}
where survey_wave_id = ? and independence_test = ? and p_value is not null
"""


@dataclass(frozen=True)
class IndependenceTest:
    """The Rao-Scott test of a question and a breakdown: F, its degrees of freedom and p.

    `denominator` is None where it would tell how many gave the answer that leads to the question.
    """

    statistic: float
    numerator: float
    denominator: float | None
    p_value: float


@dataclass(frozen=True)
class Significance:
    """`higher`: by measure, unit, breakdown and group the groups of the same breakdown that it exceeds beyond chance.

    `tests`: by one measure of the question, and breakdown.
    """

    higher: dict[tuple[str, str, str, str], frozenset[str]] = field(default_factory=dict)
    tests: dict[tuple[str, str], IndependenceTest] = field(default_factory=dict)


def significance_of(source: Source, wave_id: str) -> Significance:
    """What the source says about differences and independence in a wave: `difference` is segment_a less segment_b."""
    found: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for measure, unit, breakdown, higher, lower in _rows(source, source.differences, HIGHER, [wave_id, LEVEL]):
        found[measure, unit, breakdown, higher].add(lower)
    tests = {
        (measure, breakdown): IndependenceTest(*values)
        for measure, breakdown, *values in _rows(source, source.independence, TESTS, [wave_id, RAO_SCOTT])
    }
    return Significance({key: frozenset(groups) for key, groups in found.items()}, tests)


def _rows(source: Source, relation: str, query: str, values: list) -> list[tuple]:
    """The rows of a query on a relation; none where the source does not have it."""
    exists = source.connection.execute(
        "select count(*) from duckdb_columns() where schema_name || '.' || table_name = ?", [relation]
    ).fetchall()
    return [] if exists == [(0,)] else source.connection.execute(query.format(relation=relation), values).fetchall()
