"""What the release before had and a build lacks: a wave, a kind of evidence or a table does not go without a word."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.environment import Kind
from smv_ai.errors import BadInputError
from smv_ai.releases.kinds import MADE_UP
from smv_ai.releases.write import META_PREFIX
from smv_ai.sql.quoting import literal

WAYS_OUT = (
    "Where it is meant, build with --accept-missing; where not, put the files or rows back. Nothing was released."
)


@dataclass
class Holding:
    """The tables of a database with the rows that count for a release of its kind, and the waves by evidence."""

    tables: dict[str, int] = field(default_factory=dict)
    waves: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, found: dict[str, Any]) -> Holding:
        """The same, back from JSON."""
        return cls(found["tables"], [(wave, evidence) for wave, evidence in found["waves"]])


def holding_of(database: Path, kind: Kind) -> Holding:
    """What a released or staged database holds of its kind; meta_ tables, which come later, are left out.

    Made-up rows, and those that say of no evidence at all, are nothing that a warehouse could lose: releases made
    before the demonstration was parted from it have them.
    """
    found = Holding()
    with duckdb.connect(str(database), read_only=True) as connection:
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
            f" and not starts_with(table_name, {literal(META_PREFIX)})"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        for table, names in columns.items():
            counts = kind is Kind.DEMONSTRATION or "evidence_type" not in names
            where = "" if counts else f" where evidence_type <> {literal(MADE_UP)}"
            [(found.tables[table],)] = connection.execute(f'select count(*) from marts."{table}"{where}').fetchall()
            if {"survey_wave_id", "evidence_type"} <= names:
                waves = connection.execute(
                    f'select distinct survey_wave_id, evidence_type from marts."{table}"'
                    " where survey_wave_id <> '' and evidence_type is not null"
                )
                found.waves = sorted({*found.waves, *waves.fetchall()})
    return found


def vanished(before: Holding, after: Holding, kind: Kind) -> list[str]:
    """A line for each wave and table that is gone; a warehouse has no made-up rows to lose."""
    lines = []
    for wave, evidence in sorted({*before.waves} - {*after.waves}):
        if not (evidence == MADE_UP and kind is Kind.WAREHOUSE):
            lines.append(f"wave {wave}: no rows with evidence_type '{evidence}' any more")
    for table, rows in sorted(before.tables.items()):
        if table not in after.tables:
            lines.append(f"table {table}: gone")
        elif rows and not after.tables[table]:
            lines.append(f"table {table}: no rows any more, {rows} before")
    return lines


def refuse_vanished(lines: list[str], release_id: str) -> None:
    """Raise BadInputError naming what is gone since the release; silent where nothing is."""
    if lines:
        raise BadInputError("\n".join([f"release {release_id} had what this build lacks:", *lines, WAYS_OUT]))
