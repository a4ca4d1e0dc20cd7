"""One build: check the seeds, run dbt into a private file, audit it, write a release and switch to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import duckdb

from smv_ai import audit, changes, datapackage, dbt_run, export, history, release, verify
from smv_ai.errors import ExitCode, NoReleaseError, SmvAiError, SystemStateError, environment_cause
from smv_ai.locking import only_writer
from smv_ai.paths import BUILD_FILE, DATABASE_NAME, PROJECT_DIR, keep_days, keep_releases, release_dir
from smv_ai.progress import Progress
from smv_ai.project_check import check_project
from smv_ai.releases import STAGING_PREFIX, Release, current_release, discard, facts_of, prune, release_names
from smv_ai.settings import changed_settings, statistical_settings, variables_of
from smv_ai.vanished import holding_of, refuse_vanished, vanished


@dataclass(frozen=True)
class Outcome:
    """What a build came to: `run` as the history has it, and the release that is current now."""

    run: history.Run
    current: Release


@contextlib.contextmanager
def _staging(releases: Path) -> Iterator[Path]:
    """A private folder on the file system of the releases, so that it can be renamed; gone if the build fails."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=releases))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if folder.exists():
            discard(folder)


def _remove_old_build() -> None:
    """Each build starts from an empty file; what a killed build left (log, spilled data) would spoil it."""
    for left in BUILD_FILE.parent.glob(f"{DATABASE_NAME}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _free_name(releases: Path) -> str:
    """A release id that no release has yet; two builds in one second are told apart by waiting."""
    while (releases / (name := release.new_release_id())).exists():
        time.sleep(0.2)
    return name


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what the machine refuses (disk, memory, permissions) into a message; defects of ours pass unchanged."""
    try:
        yield
    except (OSError, MemoryError, duckdb.Error) as error:
        cause = environment_cause(error)
        if cause is None:
            raise
        raise SystemStateError(
            f"The machine does not allow the work: {cause}. Nothing was switched. "
            "Free space or mend the permissions; SMV_AI_RELEASE_DIR moves the releases."
        ) from error
    except BrokenProcessPool as error:
        raise SystemStateError(
            "The audit's process was ended from outside, most likely for want of memory. Nothing was switched."
        ) from error


def _has_demo() -> bool:
    return variables_of(PROJECT_DIR)["demo"]


def _write_demonstration() -> str:
    """Write the demonstration responses where dbt reads them, unless they are there; returns a line about it."""
    from smv_ai.demo import demo_folder, write_responses

    if not _has_demo():
        return "demonstration responses: left out (demo: false in dbt_project.yml)"
    is_new = write_responses(PROJECT_DIR, demo_folder(PROJECT_DIR))
    return f"demonstration responses: {'written' if is_new else 'as they were'}"


def _make_and_audit(staged: Path, progress: Progress, *, demo: bool) -> dict[str, int]:
    """Seeds, dbt, audit, and the marts copied into the staging folder; returns rows by table."""
    progress.step("settings, seeds and files")
    progress.done(check_project(PROJECT_DIR))
    _remove_old_build()
    # a second process makes the responses while dbt reads the project, and imports the audit's library while dbt builds
    with ProcessPoolExecutor(1, get_context("spawn"), audit.end_with_parent) as helper:
        responses = helper.submit(_write_demonstration) if demo else None
        helper.submit(audit.import_library)
        dbt_run.build(BUILD_FILE, progress, responses)
        progress.step("audit")
        audited = helper.submit(audit.audit, BUILD_FILE, staged / "data_docs")
        rows = release.copy_marts(BUILD_FILE, staged / DATABASE_NAME)
        progress.done(audited.result())
    return rows


def _intact_current(releases: Path) -> Release | None:
    try:
        current = current_release(releases)
        return None if verify.problems_of(current) else current
    except NoReleaseError:
        return None


def _why_unchanged(content: str, releases: Path, runs: list[history.Run]) -> str | None:
    """Why this content is not to be published; None where it is."""
    current = _intact_current(releases)
    if current is not None and facts_of(current.path)["content_hash"] == content:
        return f"nothing changed: the content is that of release {current.release_id}"
    rejected = history.rejected_hashes(runs).get(content)
    if current is not None and rejected:
        return (
            f"not published: the content is that of release {rejected}, which was rolled back; "
            "change the seeds, or publish it with --force"
        )
    return None


def _write_release(
    staged: Path, releases: Path, run: history.Run, rows: dict[str, int], runs: list[history.Run], progress: Progress
) -> history.Run:
    """Exports, change report, description and facts; then the switch. Returns the run as built."""
    release_id = _free_name(releases)
    try:
        previous, reason = current_release(releases), ""
    except NoReleaseError as error:
        previous, reason = None, str(error) if os.path.lexists(releases / "current") else "this is the first"
    built = replace(
        run, outcome="built", exit_code=int(ExitCode.DONE), release_id=release_id, finished_at=history.now_text(),
        run_seconds=round(progress.elapsed, 1), previous_release_id=previous and previous.release_id,
        row_count=sum(rows.values()),
    )  # fmt: skip
    database = staged / DATABASE_NAME
    progress.step("exports")
    rows |= release.fill_meta(database, [*runs, built], {*release_names(releases), release_id})
    tables = export.export_tables(database, staged)
    older = (previous.release_id, previous.database) if previous else None
    settings = statistical_settings(PROJECT_DIR)
    changed = changed_settings(facts_of(previous.path).get("settings") if previous else None, settings)
    changes.write_report(staged, changes.report_between(older, (release_id, database), reason, changed))
    created_at = built.finished_at or ""
    datapackage.write_datapackage(staged, release_id, f"{created_at[:19]}Z")
    datapackage.write_citation(staged, release_id, created_at)
    progress.done(f"exports: {tables} tables as Parquet, CSV and CSV for Excel; change report, data package")
    progress.step("switch")
    release.write_facts(
        staged, release_id, rows, content_hash=built.content_hash, run_id=run.run_id,
        previous_release_id=built.previous_release_id, settings=settings,
    )  # fmt: skip
    release.publish(staged, releases, release_id)
    for name, change in changed.items():
        progress.done(f"setting {name}: {change['before']} before, {change['after']} now")
    progress.done(f"released {release_id}: {len(rows)} tables, {sum(rows.values())} rows")
    return built


def _missing(staged: Path, releases: Path, *, demo: bool, accept: bool) -> list[str]:
    """What the current release has and this build lacks; raises BadInputError where that is not accepted.

    A release that is damaged is compared with nothing: the change report says so.
    """
    current = _intact_current(releases)
    if current is None:
        return []
    lines = vanished(holding_of(current.database), holding_of(staged / DATABASE_NAME), demo=demo and _has_demo())
    if not accept:
        refuse_vanished(lines, current.release_id)
    return lines


def _build(
    releases: Path, run: history.Run, progress: Progress, *, force: bool, demo: bool, accept_missing: bool
) -> history.Run:
    runs, _ = history.read(releases)
    earlier = [found for found in runs if found.run_id != run.run_id]
    with _staging(releases) as staged:
        rows = _make_and_audit(staged, progress, demo=demo)
        content = release.content_hash(staged / DATABASE_NAME)
        why = None if force else _why_unchanged(content, releases, runs)
        if why is not None:
            progress.done(why)
            return replace(
                run, outcome="unchanged", exit_code=int(ExitCode.UNCHANGED), content_hash=content, message=why,
                release_id=current_release(releases).release_id,
            )  # fmt: skip
        for line in _missing(staged, releases, demo=demo, accept=accept_missing):
            progress.done(f"accepted as missing: {line}")
        return _write_release(staged, releases, replace(run, content_hash=content), rows, earlier, progress)


def _failed(run: history.Run, error: BaseException) -> history.Run:
    """The run as it ended; the message is the first line without the folders of this machine: the history is public."""
    code = error.exit_code if isinstance(error, SmvAiError) else ExitCode.INTERNAL
    code = ExitCode.INTERRUPTED if isinstance(error, KeyboardInterrupt) else code
    text = "stopped by a signal" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
    text = text.splitlines()[0]
    for folder in (release_dir(), PROJECT_DIR):
        text = text.replace(str(folder), folder.name)
    return replace(run, outcome=code.name.lower(), exit_code=int(code), message=text)


@contextlib.contextmanager
def recorded(releases: Path, run: history.Run, progress: Progress) -> Iterator[list[history.Run]]:
    """Write the start and the end of a run into the history, whatever happens.

    The body puts the run as it ended into the list it gets.
    """
    ended: list[history.Run] = []
    history.append(releases, run)
    try:
        yield ended
    except BaseException as error:
        ended[:] = [_failed(run, error)]
        raise
    finally:
        last = replace(ended[0], finished_at=history.now_text(), run_seconds=round(progress.elapsed, 1))
        try:
            history.append(releases, last)
        except OSError as error:  # the disk is full: the failure itself is what the person must hear of
            progress.done(f"the end of this run could not be written into the history ({error}); the next run does it")


def build_release(
    progress: Progress, *, force: bool = False, demo: bool = True, accept_missing: bool = False, wait_seconds: float = 0
) -> Outcome:
    """Build, audit and release, unless the content is that of the current release.

    `demo`: with synthetic rows; `accept_missing`: also without waves or tables that the current release has.

    Raises a SmvAiError for everything that a person can mend; `current` is then as it was.
    """
    releases = release_dir()
    keep_releases(), keep_days()  # a wrong setting is told before the work, not after it
    run = history.new_run("build")
    try:
        with _plain_errors(), only_writer(releases, BUILD_FILE.parent, wait_seconds=wait_seconds):
            for line in history.recover(releases):
                progress.done(line)
            with recorded(releases, run, progress) as ended:
                ended.append(_build(releases, run, progress, force=force, demo=demo, accept_missing=accept_missing))
            for name in prune(releases):
                progress.done(f"pruned {name}")
            return Outcome(ended[0], current_release(releases))
    except SmvAiError as error:
        if error.exit_code == ExitCode.LOCKED:
            history.append(releases, replace(_failed(run, error), finished_at=history.now_text()))
        raise
