"""Whether a failed build is the fault of the response files: they come from other hands, so the file is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

# What int_response_problems says, in whatever dbt wraps around it.
FINDING = re.compile(r"^\s*Survey (\S+), wave (\S+): (.+?)\s*$", re.MULTILINE)
FOLDER = "survey_id={}/survey_wave_id={}"
WAY_OUT = "Mend the files and load them anew, or take them out of their folder; layout and rules: docs/responses.md."


def _root(project: Path) -> Path:
    variables = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return project / variables["responses_path"]


def _shown(path: Path, project: Path) -> str:
    return str(path.relative_to(project) if path.is_relative_to(project) else path)


def _unreadable(project: Path) -> Iterator[str]:
    """The response files that cannot be read to their end, each with the reason."""
    with duckdb.connect() as connection:
        for path in sorted(_root(project).glob(FOLDER.format("*", "*") + "/*.parquet")):
            try:
                connection.execute("select max(hash(columns(*))) from read_parquet(?)", [str(path)])
            except duckdb.Error as error:
                reason = str(error).splitlines()[0].replace(str(path), path.name)
                yield f"{_shown(path, project)}: cannot be read as Parquet ({reason})"


def _findings(project: Path, failures: list[str]) -> Iterator[str]:
    """What the rules found, with the folder of the wave."""
    for survey, wave, finding in FINDING.findall("\n".join(failures)):
        yield f"{_shown(_root(project) / FOLDER.format(survey, wave), project)}: {finding}"


def faults(project: Path, failures: list[str]) -> str | None:
    """What to tell the person who loads responses; None where the failures have another cause.

    Names files that cannot be read, or else what the rules found. `failures` are dbt's messages.
    """
    found = list(_unreadable(project)) or list(dict.fromkeys(_findings(project, failures)))
    if not found:
        return None
    return "\n".join(["the responses cannot be used; nothing was released.", *found, WAY_OUT])
