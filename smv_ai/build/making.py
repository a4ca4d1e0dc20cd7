"""The work of a build that has something to do: check, run dbt into a private file, audit it, write a release, switch.

Apart from run.py, which an unchanged build needs alone: what is imported here takes a second.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from smv_ai import stopping
from smv_ai.build import audit, changed_rows, dbt
from smv_ai.build.fingerprint import Inputs, inputs_of_project
from smv_ai.build.progress import Progress
from smv_ai.build.project_check import check_project
from smv_ai.environment import DATABASE_NAME, PROJECT_DIR, Kind, build_file
from smv_ai.errors import ExitCode, NoReleaseError, NotLookedError
from smv_ai.releases import apart, chain, changes, datapackage, export, history
from smv_ai.releases.facts import FACTS_NAME
from smv_ai.releases.folder import (
    CURRENT,
    STAGING_PREFIX,
    Release,
    discard,
    facts_of,
    find_current,
    own_current,
    release_names,
)
from smv_ai.releases.kinds import refuse_rows
from smv_ai.releases.vanished import Holding, holding_of, refuse_vanished, vanished
from smv_ai.releases.write import (
    content_hash,
    copy_marts,
    fill_meta,
    misplaced_respondents,
    publish,
    rows_by_evidence,
    sha256_of,
    write_facts,
)
from smv_ai.settings import changed_settings, statistical_settings, variables_of
from smv_ai.survey import engines
from smv_ai.survey.disclosure import past

QUIET_TRACKER = "ignore:resource_tracker"
STDERR = 2


@contextlib.contextmanager
def _staging(releases: Path) -> Generator[Path]:
    """A private folder on the file system of the releases, so that it can be renamed; gone if the build fails."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=releases))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if folder.exists():
            discard(folder)


def _remove_old_build(file: Path) -> None:
    """Each build starts from an empty file; what a killed build left (log, spilled data) would spoil it."""
    for left in file.parent.glob(f"{DATABASE_NAME}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _write_demonstration() -> str:
    """Write demonstration responses and registers where dbt reads them, unless there; returns a line about it."""
    from smv_ai.demo import demo_folder, register_folder, write_registers, write_responses

    is_new = write_responses(PROJECT_DIR, demo_folder(PROJECT_DIR))
    write_registers(PROJECT_DIR, register_folder(PROJECT_DIR))
    return f"demonstration responses: {'written' if is_new else 'as they were'}"


@contextlib.contextmanager
def _helper() -> Generator[ProcessPoolExecutor]:
    """A second process; where the build ends early, its work is for nothing and it is ended at once."""
    # Python warns of semaphores that a killed process left, and removes them: nothing that a person must know
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), QUIET_TRACKER]))
    with ProcessPoolExecutor(1, get_context("spawn"), audit.end_with_parent) as helper:
        try:
            yield helper
        except BaseException:
            for process in dict(getattr(helper, "_processes", None) or {}).values():
                process.kill()
            raise


@contextlib.contextmanager
def _starting_helper() -> Generator[None]:
    """A process started inside gets no stop signal: its parent, which does, ends it. Nor has it a standard error: when
    its parent is killed while it starts, what Python says there is for nobody.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, stopping.SIGNALS)
    try:
        with _no_standard_error():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _no_standard_error() -> Generator[None]:
    if sys.stderr is None:  # it was closed, and its number may be that of another file by now
        yield
        return
    said, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    try:
        yield
    finally:
        os.dup2(said, STDERR)
        os.close(said)
        os.close(nowhere)


def _seeds_to_build(file: Path, kind: Kind, inputs: Inputs, *, force: bool) -> list[str] | None:
    """The seeds that alone changed since the build file was built; None where all is built, from an empty file.

    Demonstration responses are drawn anew where seeds change, so that a demonstration is always built whole.
    """
    seeds = None
    if not force and kind is Kind.WAREHOUSE:
        seeds = changed_rows.changed_seeds(PROJECT_DIR, file, inputs)
    changed_rows.forget(file)
    if seeds is None:
        _remove_old_build(file)
    return seeds


def _build(progress: Progress, kind: Kind, helper: ProcessPoolExecutor, inputs: Inputs, *, force: bool) -> None:
    """Seeds and models in the build file, every rule of the project and every test of dbt met."""
    progress.step("settings, seeds and files")
    is_demonstration = kind is Kind.DEMONSTRATION
    progress.done(check_project(PROJECT_DIR, reads_responses=False) if is_demonstration else check_project(PROJECT_DIR))
    engines.reach(variables_of(PROJECT_DIR).get("engine", "duckdb"))
    seeds = _seeds_to_build(build_file(kind), kind, inputs, force=force)
    # the helper makes the responses while dbt reads the project, and imports the audit's library while dbt builds
    with _starting_helper():
        responses = helper.submit(_write_demonstration) if is_demonstration else None
        helper.submit(audit.import_library)
    dbt.build(build_file(kind), progress, responses, kind, seeds)


def _copy(staged: Path, kind: Kind, inputs: Inputs) -> dict[str, int]:
    """Copy the marts of the build file into the staging folder; returns rows by table."""
    file = build_file(kind)
    rows = copy_marts(file, staged / DATABASE_NAME)
    refuse_rows(kind, rows_by_evidence(staged / DATABASE_NAME), misplaced_respondents(file))
    if inputs_of_project(kind) == inputs:  # nobody wrote while dbt read
        changed_rows.remember(PROJECT_DIR, file, inputs)
    return rows


@dataclass(frozen=True)
class Current:
    """The release that is current before a build, and the waves and tables that it holds."""

    release: Release
    holding: Holding


def _intact_current(releases: Path, progress: Progress, kind: Kind) -> Current | None:
    """The current release where it is what was published; what is wrong with it is said.

    Two processes look into it, one after the other: for a thread beside the build.
    """
    if not os.path.lexists(releases / CURRENT):
        return None
    try:
        current = own_current(releases)
        problems = apart.look("problems", current.path)
        if not problems:
            return Current(current, Holding.of(apart.look("holding", current.database, kind)))
    except NotLookedError as error:  # it may be whole, and what it holds be missing in this build
        raise NotLookedError(f"The current release was not looked at: {error}. Nothing was switched.") from error
    except NoReleaseError as error:
        problems = [str(error)]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    progress.done(f"the release that is current is not intact and is replaced: {problems[0]}{more}")
    return None


def _why_unchanged(content: str, current: Current | None, runs: list[history.Run]) -> str | None:
    """Why this content is not to be published; None where it is."""
    if current is not None and facts_of(current.release.path)["content_hash"] == content:
        return f"nothing changed: the content is that of release {current.release.release_id}"
    rejected = history.rejected_hashes(runs).get(content)
    if current is not None and rejected:
        return (
            f"not published: the content is that of release {rejected}, which was rolled back; "
            "change the seeds, or publish it with --force"
        )
    return None


def _change_report(releases: Path, release_id: str, database: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """What differs from the current release, or why nothing is compared: a release is never trusted to be readable."""
    if not os.path.lexists(releases / CURRENT):
        return changes.report_of_nothing(release_id, "There is no earlier release to compare with: this is the first")
    try:
        current = own_current(releases)
        changed = changed_settings(facts_of(current.path)["settings"], settings)
        return changes.report_between(current, release_id, database, changed)
    except NoReleaseError as error:
        return changes.report_of_nothing(
            release_id, f"Nothing is compared: {history.public_text(str(error)).rstrip('.')}"
        )


def _write_release(
    staged: Path,
    releases: Path,
    run: history.Run,
    rows: dict[str, int],
    runs: list[history.Run],
    progress: Progress,
    kind: Kind,
    audited: Future[str],
) -> history.Run:
    """Exports, change report, description and facts; then, where the audit accepts, the switch. Returns the run as
    built.
    """
    release_id = chain.new_release_id(chain.known_ids(releases))
    built = replace(
        run, outcome="built", exit_code=int(ExitCode.DONE), release_id=release_id, finished_at=history.now_text(),
        run_seconds=round(progress.elapsed, 1), previous_release_id=find_current(releases).name,
        row_count=sum(rows.values()),
    )  # fmt: skip
    database = staged / DATABASE_NAME
    progress.step("exports")
    rows |= fill_meta(database, [*runs, built], {*release_names(releases), release_id})
    settings = statistical_settings(PROJECT_DIR)
    with ThreadPoolExecutor(1) as beside:  # a process of its own compares
        reported = beside.submit(_change_report, releases, release_id, database, settings)
        tables = export.export_tables(database, staged)
        report = reported.result()
    changes.write_report(staged, report)
    created_at = built.finished_at or ""
    datapackage.write_datapackage(staged, release_id, f"{created_at[:19]}Z", kind)
    datapackage.write_citation(staged, release_id, created_at, kind)
    progress.done(f"exports: {tables} tables as Parquet, CSV and CSV for Excel; change report, data package")
    if report["older"] is None:
        progress.done(f"change report: {report['reason']}")
    progress.done(audited.result())
    progress.step("switch")
    write_facts(
        staged, release_id, rows, kind=kind, content_hash=built.content_hash, fingerprint=run.fingerprint,
        run_id=run.run_id,
        previous_release_id=built.previous_release_id, settings=settings,
    )  # fmt: skip
    built = replace(built, facts_hash=sha256_of(staged / FACTS_NAME))
    # made-up answers have nothing to hide from those who compare releases, nor has a warehouse without answers
    if kind is Kind.WAREHOUSE and rows.get("fct_estimates"):
        past.record(build_file(kind), release_id)  # before: what readers may have seen is never forgotten
    publish(staged, releases, release_id)
    for name, change in report.get("settings", {}).items():
        progress.done(f"setting {name}: {change['before']} before, {change['after']} now")
    progress.done(f"released {release_id}: {len(rows)} tables, {sum(rows.values())} rows")
    return built


def _missing(staged: Path, current: Current | None, kind: Kind, *, accept: bool) -> list[str]:
    """What the current release has and this build lacks, be it the record of what it hides; raises BadInputError where
    that is not accepted.

    A release that is damaged is compared with nothing: the change report says so.
    """
    if current is None:
        return []
    lines = vanished(current.holding, holding_of(staged / DATABASE_NAME, kind), kind)
    if kind is Kind.WAREHOUSE and current.holding.tables.get("fct_estimates"):
        lines += past.forgotten(current.release.release_id)
    if not accept:
        refuse_vanished(lines, current.release.release_id)
    return lines


def make_release(
    releases: Path,
    run: history.Run,
    runs: list[history.Run],
    progress: Progress,
    kind: Kind,
    inputs: Inputs,
    *,
    force: bool,
    accept_missing: bool,
) -> history.Run:
    """Build, audit and release, unless the content is that of the current release; returns the run as it ended.

    `runs` are all of the history, this one among them; `inputs` what the release will depend on.
    """
    if kind is Kind.WAREHOUSE:
        past.known_releases()  # what cannot be read is told before the work, not after it
    earlier = [found for found in runs if found.run_id != run.run_id]
    with _staging(releases) as staged, ThreadPoolExecutor(1) as beside, _helper() as helper:
        looked = beside.submit(_intact_current, releases, progress, kind)
        _build(progress, kind, helper, inputs, force=force)
        progress.step("audit")
        current = looked.result()
        # what a person accepts as missing is no drift
        before = facts_of(current.release.path)["rows"] if current is not None and not accept_missing else {}
        # the helper audits while the files of the release are written; it is published where the audit accepts it
        audited = helper.submit(audit.audit, build_file(kind), staged / "data_docs", kind, before)
        rows = _copy(staged, kind, inputs)
        run = replace(run, content_hash=content_hash(staged / DATABASE_NAME))
        why = None if force else _why_unchanged(str(run.content_hash), current, runs)
        if why is not None:
            progress.done(audited.result())
            progress.done(why)
            return history.unchanged(run, own_current(releases).release_id, why)
        for line in _missing(staged, current, kind, accept=accept_missing):
            progress.done(f"accepted as missing: {line}")
        return _write_release(staged, releases, run, rows, earlier, progress, kind, audited)
