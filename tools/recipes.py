"""The recipes of the analyst's guide: each SQL block is followed by the text block that it prints.

Run as a script (`make recipes`) it writes the results of the current releases into the guide: of the warehouse, and of
the demonstration below its heading.
"""

from __future__ import annotations

import re
from pathlib import Path

from smv_ai.reader import Kind
from smv_ai.releases.folder import Release, current_release
from smv_ai.sql.query import run_query

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "analysts.md"
DEMONSTRATION = "\n# On the demonstration\n"
RECIPE = re.compile(r"(```sql\n(?P<sql>.*?)```\n\n```text\n)(?P<printed>.*?)(```)", re.DOTALL)


def recipes(text: str) -> list[tuple[str, str, Kind]]:
    """Query and printed result of each recipe, and the kind of release that it runs on."""
    parts = zip(text.split(DEMONSTRATION), Kind, strict=True)
    return [(found["sql"], found["printed"], kind) for part, kind in parts for found in RECIPE.finditer(part)]


def with_results(text: str, releases: dict[Kind, Release]) -> str:
    """The guide with the results of these releases."""

    def part_with_results(part: str, release: Release) -> str:
        def result(found: re.Match[str]) -> str:
            return f"{found[1]}{run_query(release.database, found['sql'], 'table')}\n{found[4]}"

        return RECIPE.sub(result, part)

    parts = zip(text.split(DEMONSTRATION), Kind, strict=True)
    return DEMONSTRATION.join(part_with_results(part, releases[kind]) for part, kind in parts)


if __name__ == "__main__":
    current = {kind: current_release(kind=kind) for kind in Kind}
    GUIDE.write_text(with_results(GUIDE.read_text(encoding="utf-8"), current), encoding="utf-8")
