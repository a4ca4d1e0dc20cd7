"""Check that a release is what it was when it was published: checksums, opens, row counts, content."""

from __future__ import annotations

import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.reader import open_database
from smv_ai.release import content_hash, sha256_of
from smv_ai.releases import FACTS_NAME, PIN_NAME, Release, facts_of


def problems_of(release: Release) -> list[str]:
    """What is wrong with the release, a line each; empty where it is intact. Raises NoReleaseError without facts."""
    facts = facts_of(release.path)
    problems = []
    if facts["release_id"] != release.path.name:
        problems.append(f"{FACTS_NAME}: names release {facts['release_id']}, the folder is {release.path.name}")
    present = {p.relative_to(release.path).as_posix() for p in release.path.rglob("*") if p.is_file()}
    for name, expected in facts["files"].items():
        if name not in present:
            problems.append(f"{name}: is missing")
        elif (found := sha256_of(release.path / name)) != expected:
            problems.append(f"{name}: the checksum is {found[:12]}…, expected {expected[:12]}…")
    problems += [f"{name}: does not belong to the release" for name in sorted(present - set(facts["files"]))
                 if name not in (FACTS_NAME, PIN_NAME)]  # fmt: skip
    try:
        with open_database(release.database) as connection:
            for table, expected_rows in facts["rows"].items():
                [rows] = connection.execute(f"select count(*) from marts.{table}").fetchone()
                if rows != expected_rows:
                    problems.append(f"marts.{table}: has {rows} rows, expected {expected_rows}")
        if not problems and content_hash(release.database) != facts["content_hash"]:
            problems.append("the content does not give the content hash that release.json states")
    except duckdb.Error as error:
        problems.append(f"{release.database.name}: cannot be read ({error})")
    return problems


def verify(release: Release) -> str:
    """A line that says what was checked; raises NoReleaseError that lists what is wrong."""
    problems = problems_of(release)
    if problems:
        raise NoReleaseError("\n".join([
            f"Release {release.release_id} is damaged; go back with `smv-ai rollback` or build anew with "
            "`smv-ai build --force`.", *problems,
        ]))  # fmt: skip
    facts = facts_of(release.path)
    return (
        f"{release.release_id}: {len(facts['files'])} files with the right checksum, "
        f"{len(facts['rows'])} tables with {sum(facts['rows'].values())} rows, content hash right"
    )
