"""Check that a release is what it was when it was published: checksums, opens, row counts, content."""

from __future__ import annotations

import duckdb

from smv_ai.errors import NoReleaseError, NotLookedError, environment_cause
from smv_ai.releases import apart
from smv_ai.releases.facts import FACTS_NAME
from smv_ai.releases.folder import Release, facts_of, foreign_entries
from smv_ai.releases.kinds import foreign_rows, kind_of
from smv_ai.releases.write import content_hash, rows_by_evidence, sha256_of
from smv_ai.sql.opening import open_database, refuse_logs
from smv_ai.sql.quoting import identifier


def database_problem(release: Release) -> str | None:
    """Why its database is not what was published, without opening it; None where it is.

    A file with another checksum is never opened: DuckDB may crash or hang on damaged bytes.
    Raises NoReleaseError without facts or with a log beside the file.
    """
    refuse_logs(release.database)
    facts, name = facts_of(release.path), release.database.name
    if facts["release_id"] != release.path.name:
        return f"{FACTS_NAME}: names release {facts['release_id']}, the folder is {release.path.name}"
    if name not in facts["files"]:
        return f"{FACTS_NAME}: has no checksum of {name}"
    if (found := sha256_of(release.database)) != facts["files"][name]:
        return f"{name}: the checksum is {found[:12]}…, expected {facts['files'][name][:12]}…"
    return None


def _problems_inside(release: Release) -> list[str]:
    """Row counts and content against the facts."""
    facts, problems = facts_of(release.path), []
    try:
        with open_database(release.database) as connection:
            for table, expected_rows in facts["rows"].items():
                [rows] = connection.execute(f"select count(*) from marts.{identifier(table)}").fetchall()[0]
                if rows != expected_rows:
                    problems.append(f"marts.{table}: has {rows} rows, expected {expected_rows}")
        if not problems and content_hash(release.database) != facts["content_hash"]:
            problems.append("the content does not give the content hash that release.json states")
        if (kind := kind_of(facts)) is not None:
            said = f"{FACTS_NAME}: says that it is a {kind}, but"
            problems += [f"{said} {line}" for line in foreign_rows(kind, rows_by_evidence(release.database))]
    except duckdb.Error as error:
        if environment_cause(error):  # says nothing about the file
            raise
        problems.append(f"{release.database.name}: cannot be read ({str(error).splitlines()[0]})")
    return problems


def file_problems(release: Release) -> list[str]:
    """What is wrong with the files of the release, a line each, without opening its database; empty where none is.

    Raises NoReleaseError without facts or with a log beside the database.
    """
    facts = facts_of(release.path)
    problems = [f"{FACTS_NAME}: {name} is missing" for name in ("content_hash", "rows", "files") if not facts[name]]
    database = database_problem(release)
    if database is not None:
        problems.append(database)
        problems.append(f"{release.database.name}: cannot be read: what is not as published is not opened")
    present = {p.relative_to(release.path).as_posix() for p in release.path.rglob("*") if p.is_file()}
    for name, expected in facts["files"].items():
        if name not in present:
            problems.append(f"{name}: is missing")
        elif name != release.database.name and (found := sha256_of(release.path / name)) != expected:
            problems.append(f"{name}: the checksum is {found[:12]}…, expected {expected[:12]}…")
    return problems + foreign_entries(release.path, facts)


def problems_of(release: Release) -> list[str]:
    """What is wrong with the release, a line each; empty where it is intact. Raises NoReleaseError without facts.

    The database is opened only where it is the file that was published; of a stranger's release ask `apart.look`.
    """
    is_as_published = database_problem(release) is None
    return file_problems(release) + (_problems_inside(release) if is_as_published else [])


def verify(release: Release) -> str:
    """A line that says what was checked; raises NoReleaseError that lists what is wrong, or why nobody could look."""
    try:
        problems = apart.look("problems", release.path)
    except NotLookedError as error:
        raise NotLookedError(f"Release {release.release_id} was not verified: {error}.") from error
    except NoReleaseError as error:
        problems = [str(error)]
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
