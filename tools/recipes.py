"""The recipes of the analyst's guide: each SQL block is followed by the text block that it prints.

Run as a script (`make recipes`) it writes the results of the current release into the guide.
"""

from __future__ import annotations

import re
from pathlib import Path

from smv_ai.releases.folder import Release, current_release
from smv_ai.sql.query import run_query

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "analysts.md"
RECIPE = re.compile(r"(```sql\n(?P<sql>.*?)```\n\n```text\n)(?P<printed>.*?)(```)", re.DOTALL)


def recipes(text: str) -> list[tuple[str, str]]:
    """Query and printed result of each recipe."""
    return [(found["sql"], found["printed"]) for found in RECIPE.finditer(text)]


def with_results(text: str, release: Release) -> str:
    """The guide with the results of this release."""

    def result(found: re.Match[str]) -> str:
        return f"{found[1]}{run_query(release.database, found['sql'], 'table')}\n{found[4]}"

    return RECIPE.sub(result, text)


if __name__ == "__main__":
    GUIDE.write_text(with_results(GUIDE.read_text(encoding="utf-8"), current_release()), encoding="utf-8")
