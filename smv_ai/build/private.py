"""The private view: all estimates of the current release's build file, also what the release withholds, in a file.

It lies beside the build file, never below a release, and only its owner may read it.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from smv_ai.environment import Kind, build_file, release_dir, target_dir
from smv_ai.errors import BadInputError, NoReleaseError, SystemStateError
from smv_ai.releases.folder import current_release, facts_of
from smv_ai.releases.kinds import MAKE
from smv_ai.releases.locking import only_writer
from smv_ai.releases.write import content_hash
from smv_ai.sql.opening import open_database
from smv_ai.sql.quoting import literal
from smv_ai.sql.rows import only_row
from smv_ai.suggest import allowed_in_words
from smv_ai.tabulation.source import Source

FOLDER = "private"
TABLE = "intermediate.int_estimates_private"
FORMATS = {"csv": "format csv, header", "parquet": "format parquet"}
OWNER_ALONE, FOLDER_OF_OWNER = 0o600, 0o700
# The private estimates with the columns of marts.fct_estimates that tables are made from.
FOR_TABLES = f"""
create temp view private_estimates as
select
    private.* exclude (suppression_rule, is_released),
    private.respondents as sample_size,
    md5(cast(private.estimate_number as varchar)) as estimate_id,
    described.technology_id,
    described.barrier_id,
    described.answer_category_id,
    array_to_string(described.column_names, ';') as breakdown_columns,
    described.weighting_method,
    described.is_suppressed,
    described.is_withheld,
    described.source_file,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
from {TABLE} as private
inner join intermediate.int_estimates_described as described on private.estimate_number = described.estimate_number
inner join marts.dim_codes as evidence_types
    on private.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
"""


@dataclass(frozen=True)
class PrivateView:
    """The file that was written, with the number of its estimates and of those that the release withholds."""

    path: Path
    estimates: int
    withheld: int


def write_private(kind: Kind, waves: list[str], form: str = "csv") -> PrivateView:
    """Write all estimates of the waves (of every wave where none is named) to a private file of the form.

    Raises NoReleaseError where there is no build file or it is not that of the current release, BadInputError for a
    wave without estimates, LockedError while a build runs, and SystemStateError where the file cannot be written.
    """
    release = current_release(release_dir(kind), kind)
    with only_writer(release_dir(kind)):
        database = _build_file_of(release.path, kind)
        with open_database(database) as connection:
            _refuse_unknown(connection, waves)
            target = private_folder(kind) / f"estimates_{'_'.join(waves) or 'all'}_{release.release_id}.{form}"
            try:
                _write(connection, waves, target, FORMATS[form])
            except (OSError, duckdb.IOException) as error:
                raise SystemStateError(f"Cannot write {target}: {error}. Nothing is left of it.") from error
            found = only_row(
                connection.execute(
                    f"select count(*), count(*) filter (not is_released) from {TABLE} where {_among(waves)}"
                )
            )
    return PrivateView(target, *found)


@contextmanager
def private_tables(kind: Kind) -> Generator[Source]:
    """All estimates of the current release's build file as a source of tables, with the labels of the release.

    Raises as write_private does.
    """
    release = current_release(release_dir(kind), kind)
    with only_writer(release_dir(kind)):
        database = _build_file_of(release.path, kind)
        with open_database(database) as connection:
            connection.execute(FOR_TABLES)
            made_at = datetime.fromisoformat(release.created_at)
            yield Source(
                connection, release.cited_as, made_at, release.is_demonstration, "private_estimates", is_private=True
            )


def private_folder(kind: Kind, chosen: Path | None = None) -> Path:
    """Where private files lie: beside the build file, or in the folder that is chosen, and nowhere that is served."""
    folder = target_dir(kind) / FOLDER if chosen is None else chosen
    places = [folder.resolve(), *folder.resolve().parents]
    served = next((found for found in map(release_dir, Kind) if found.resolve() in places), None)
    if served is None:
        return folder
    if chosen is not None:
        raise BadInputError(f"{folder} lies below the releases ({served}), which are public: choose another by --out.")
    raise SystemStateError(f"{folder} lies below the releases ({served}): move those, with SMV_AI_RELEASE_DIR.")


def _build_file_of(release: Path, kind: Kind) -> Path:
    """The build file, where what it holds is what the release shows."""
    database = build_file(kind)
    again = f"run `{MAKE[kind]}` with --force" if kind is Kind.WAREHOUSE else f"run `{MAKE[kind]}`"
    if not database.is_file():
        raise NoReleaseError(f"There is no build file ({database}), which alone holds what is withheld: {again}.")
    try:
        is_of_release = content_hash(database) == facts_of(release)["content_hash"]
    except (duckdb.Error, NoReleaseError) as error:
        raise NoReleaseError(f"The build file ({database}) was left by a build that did not end: {again}.") from error
    if not is_of_release:
        raise NoReleaseError(
            f"The build file ({database}) is not that of the current release {release.name}, but of a build that was"
            f" not released, or of one before a rollback: {again}."
        )
    return database


def _among(waves: list[str]) -> str:
    return f"survey_wave_id in ({', '.join(map(literal, waves))})" if waves else "true"


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, waves: list[str]) -> None:
    found = connection.execute(f"select distinct survey_wave_id from {TABLE} order by all").fetchall()
    known = [wave for (wave,) in found]
    if not known:
        raise BadInputError("The release holds no estimates: no responses were loaded; docs/responses.md says how.")
    for wave in waves:
        if wave not in known:
            raise BadInputError(f"'{wave}' is no wave with estimates; {allowed_in_words(wave, known)}.")


def _write(connection: duckdb.DuckDBPyConnection, waves: list[str], target: Path, options: str) -> None:
    """Write beside and rename: nobody else may read the file at any moment, and half a file is never seen."""
    target.parent.mkdir(mode=FOLDER_OF_OWNER, parents=True, exist_ok=True)
    target.parent.chmod(FOLDER_OF_OWNER)
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ALONE))
        rows = f"select * exclude (estimate_number) from {TABLE} where {_among(waves)} order by estimate_number"
        connection.execute(f"copy ({rows}) to {literal(str(half))} ({options}, use_tmp_file false)")
        half.chmod(OWNER_ALONE)
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
