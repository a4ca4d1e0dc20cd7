"""One build: check the seeds, run dbt into a private file, audit it, write a release and switch to it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from smv_ai import stopping
from smv_ai.build import audit, changed_rows, dbt
from smv_ai.build.fingerprint import Inputs, fingerprint, inputs_of
from smv_ai.build.progress import Progress
from smv_ai.build.project_check import check_project
from smv_ai.environment import (
    DATABASE_NAME,
    PROJECT_DIR,
    Kind,
    build_file,
    keep_days,
    keep_releases,
    release_dir,
    rights_of_readers,
)
from smv_ai.errors import ExitCode, NoReleaseError, SmvAiError, SystemStateError, environment_cause
from smv_ai.releases import apart, chain, changes, datapackage, export, history
from smv_ai.releases.facts import FACTS_NAME
from smv_ai.releases.folder import (
    CURRENT,
    STAGING_PREFIX,
    Release,
    current_release,
    discard,
    facts_of,
    find_current,
    prune,
    release_names,
)
from smv_ai.releases.kinds import refuse_folder, refuse_rows
from smv_ai.releases.locking import only_writer
from smv_ai.releases.vanished import Holding, holding_of, refuse_vanished, vanished
from smv_ai.releases.verify import file_problems
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
from smv_ai.survey import engines, response_files
from smv_ai.survey.disclosure import past

FOLDERS = re.compile(r"(?<![\w.])/(?:[^/\s'\"`:;,()]+/)+")
LONGEST_MESSAGE = 2000
QUIET_TRACKER = "ignore:resource_tracker"


@dataclass(frozen=True)
class Outcome:
    """What a build came to: `run` as the history has it, and the release that is current now."""

    run: history.Run
    current: Release


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


@contextlib.contextmanager
def _plain_errors() -> Generator[None]:
    """Turn what the machine refuses (disk, memory, permissions) into a message; defects of ours pass unchanged."""
    try:
        yield
    except BrokenProcessPool as error:
        raise SystemStateError(
            "The audit's process was ended from outside, most likely for want of memory. Nothing was switched."
        ) from error
    except (OSError, MemoryError, RuntimeError, duckdb.Error) as error:
        cause = environment_cause(error)
        if cause is None:
            raise
        raise SystemStateError(
            f"The machine does not allow the work: {cause}. Nothing was switched. "
            "Free space or mend the permissions; SMV_AI_RELEASE_DIR and SMV_AI_DEMO_RELEASE_DIR move the releases."
        ) from error


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
def _signals_held() -> Generator[None]:
    """A process started inside never gets a stop signal: its parent, which does, ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, stopping.SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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


def _make_and_audit(
    staged: Path, progress: Progress, kind: Kind, rows_before: Callable[[], dict[str, int]], inputs: Inputs, *,
    force: bool,
) -> dict[str, int]:  # fmt: skip
    """Seeds, dbt, audit, and the marts copied into the staging folder; takes and returns rows by table."""
    file = build_file(kind)
    progress.step("settings, seeds and files")
    is_demonstration = kind is Kind.DEMONSTRATION
    progress.done(check_project(PROJECT_DIR, reads_responses=False) if is_demonstration else check_project(PROJECT_DIR))
    engines.reach(variables_of(PROJECT_DIR).get("engine", "duckdb"))
    seeds = _seeds_to_build(file, kind, inputs, force=force)
    # a second process makes the responses while dbt reads the project, and imports the audit's library while dbt builds
    with _helper() as helper:
        with _signals_held():
            responses = helper.submit(_write_demonstration) if kind is Kind.DEMONSTRATION else None
            helper.submit(audit.import_library)
        dbt.build(file, progress, responses, kind, seeds)
        progress.step("audit")
        audited = helper.submit(audit.audit, file, staged / "data_docs", kind, rows_before())
        rows = copy_marts(file, staged / DATABASE_NAME)
        refuse_rows(kind, rows_by_evidence(staged / DATABASE_NAME), misplaced_respondents(file))
        progress.done(audited.result())
    if _inputs(kind) == inputs:  # nobody wrote while dbt read
        changed_rows.remember(PROJECT_DIR, file, inputs)
    return rows


def _public(text: str) -> str:
    """The first line, not too long, without the folders of this machine: history and change report are released."""
    text = next(iter(text.splitlines()), "")[:LONGEST_MESSAGE].replace("\0", "")
    text = text.encode("utf-8", "replace").decode("utf-8")
    folders = [release_dir(kind) for kind in Kind]
    for folder in (*folders, *(folder.resolve() for folder in folders), PROJECT_DIR):
        text = text.replace(str(folder), folder.name)
    return FOLDERS.sub("", text)


def _current_of_ours(releases: Path) -> Release:
    """The current release, which must be one of this folder; raises NoReleaseError that says what is wrong."""
    found = find_current(releases)
    if found.name is None:
        raise NoReleaseError(found.problem)
    return current_release(releases, None)


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
        current = _current_of_ours(releases)
        problems = apart.look("problems", current.path)
    except NoReleaseError as error:
        current, problems = None, [str(error)]
    if current is None or problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        progress.done(f"the release that is current is not intact and is replaced: {problems[0]}{more}")
        return None
    return Current(current, Holding.of(apart.look("holding", current.database, kind)))


def _data_folders() -> list[Path]:
    """Where responses and register panels lie; a setting that is wrong is told by the check that follows."""
    paths = [variables_of(PROJECT_DIR).get(name) for name in ("responses_path", "register_path")]
    return [PROJECT_DIR / path for path in paths if isinstance(path, str)]


def _inputs(kind: Kind) -> Inputs:
    """The digest of all that a release of this kind depends on, as it is now."""
    elsewhere = response_files.files_elsewhere(PROJECT_DIR) if kind is Kind.WAREHOUSE else []
    return inputs_of(PROJECT_DIR, _data_folders(), {"kind": kind, "elsewhere": elsewhere})


def _why_not_built(inputs: str | None, releases: Path, runs: list[history.Run]) -> str | None:
    """Why a build has nothing to do: the last run on these inputs came to the current release, and it is intact.

    None where it has. `inputs` is the fingerprint of all that a release depends on.
    """
    name = find_current(releases).name
    ended = [run for run in runs if run.release_id == name and run.outcome in ("built", "unchanged")]
    try:
        current = _current_of_ours(releases)
        known = ended[-1].fingerprint if ended else facts_of(current.path)["fingerprint"]
        if known != inputs or file_problems(current):
            return None
        # checksums that were fitted to a damaged file stand in facts that are not those which were written
        written = [run.facts_hash for run in runs if run.release_id == name and run.outcome == "built"]
        if written and written[-1] and sha256_of(current.path / FACTS_NAME) != written[-1]:
            return None
    except NoReleaseError:
        return None
    return (ended[-1].message if ended else None) or f"nothing changed: the inputs are those of release {name}"


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
        current = _current_of_ours(releases)
        changed = changed_settings(facts_of(current.path)["settings"], settings)
        return changes.report_between(current, release_id, database, changed)
    except NoReleaseError as error:
        return changes.report_of_nothing(release_id, f"Nothing is compared: {_public(str(error)).rstrip('.')}")


def _write_release(
    staged: Path,
    releases: Path,
    run: history.Run,
    rows: dict[str, int],
    runs: list[history.Run],
    progress: Progress,
    kind: Kind,
) -> history.Run:
    """Exports, change report, description and facts; then the switch. Returns the run as built."""
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


def _unchanged(run: history.Run, releases: Path, why: str) -> history.Run:
    return replace(
        run, outcome="unchanged", exit_code=int(ExitCode.UNCHANGED), message=why,
        release_id=current_release(releases, None).release_id,
    )  # fmt: skip


def _build(
    releases: Path, run: history.Run, progress: Progress, kind: Kind, *, force: bool, accept_missing: bool
) -> history.Run:
    refuse_folder(releases, kind)
    if kind is Kind.WAREHOUSE:
        past.known_releases()  # what cannot be read is told before the work, not after it
    runs, _ = history.read(releases)
    earlier = [found for found in runs if found.run_id != run.run_id]
    inputs = _inputs(kind)
    run = replace(run, fingerprint=fingerprint(inputs))
    if not force and (why := _why_not_built(run.fingerprint, releases, earlier)):
        progress.done(why)
        content = facts_of(current_release(releases, None).path)["content_hash"]
        return _unchanged(replace(run, content_hash=content), releases, why)
    with _staging(releases) as staged, ThreadPoolExecutor(1) as beside:
        looked = beside.submit(_intact_current, releases, progress, kind)

        def rows_before() -> dict[str, int]:
            current = looked.result()
            # what a person accepts as missing is no drift
            return facts_of(current.release.path)["rows"] if current is not None and not accept_missing else {}

        rows = _make_and_audit(staged, progress, kind, rows_before, inputs, force=force)
        current = looked.result()
        content = content_hash(staged / DATABASE_NAME)
        why = None if force else _why_unchanged(content, current, runs)
        if why is not None:
            progress.done(why)
            return _unchanged(replace(run, content_hash=content), releases, why)
        for line in _missing(staged, current, kind, accept=accept_missing):
            progress.done(f"accepted as missing: {line}")
        return _write_release(staged, releases, replace(run, content_hash=content), rows, earlier, progress, kind)


def _failed(run: history.Run, error: BaseException) -> history.Run:
    """The run as it ended."""
    code = error.exit_code if isinstance(error, SmvAiError) else ExitCode.INTERNAL
    code = ExitCode.INTERRUPTED if isinstance(error, KeyboardInterrupt) else code
    text = "stopped by a signal" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
    return replace(run, outcome=code.name.lower(), exit_code=int(code), message=_public(text))


def _last_words(releases: Path, run: history.Run) -> int:
    """Before a hard end: say how the run ended; returns the exit code.

    While it switches, only the next run can tell, and it does (history.recover).
    """
    if not stopping.is_finishing():
        history.append(releases, replace(_failed(run, stopping.cause()), finished_at=history.now_text()))
        return int(getattr(stopping.cause(), "exit_code", ExitCode.INTERRUPTED))
    return int(history.ended(run, releases).exit_code or 0)


@contextlib.contextmanager
def recorded(releases: Path, run: history.Run, progress: Progress) -> Generator[list[history.Run]]:
    """Write the start and the end of a run into the history, whatever happens.

    The body puts the run as it ended into the list it gets.
    """
    ended: list[history.Run] = []
    history.append(releases, run)
    stopping.at_hard_end(lambda: _last_words(releases, run))
    try:
        with _plain_errors():
            yield ended
    except BaseException as error:
        # a library that was interrupted may say so in words of its own
        told = stopping.cause() if stopping.is_asked() else error
        ended[:] = [_failed(run, told)]
        if told is error:
            raise
        raise told from error
    finally:
        stopping.finish_at_once()
        last = replace(ended[0], finished_at=history.now_text(), run_seconds=round(progress.elapsed, 1))
        try:
            history.append(releases, last)
            stopping.at_hard_end(lambda: int(last.exit_code or 0))
        except OSError as error:  # the disk is full: the failure itself is what the person must hear of
            progress.done(f"the end of this run could not be written into the history ({error}); the next run does it")


def _prune(releases: Path, progress: Progress) -> None:
    """Remove old releases; the run has ended, so that what cannot be removed is said and no more."""
    try:
        for name in prune(releases):
            progress.done(f"pruned {name}")
        if problem := find_current(releases).problem:
            progress.done(f"nothing was pruned: {problem}")
    except OSError as error:
        progress.done(f"old releases could not be removed ({error}); the next run tries again")


def _make_for_readers(releases: Path) -> None:
    """Make the folder of releases, and those above it that lack, so that readers reach what will lie there.

    What cannot be made is said where it is locked.
    """
    missing = [folder for folder in (releases, *releases.parents) if not os.path.lexists(folder)]
    with contextlib.suppress(OSError):
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(rights_of_readers())


def _refuse_paths(*folders: Path) -> None:
    """Raise SystemStateError where DuckDB would look for a file, or write its log, elsewhere than the path says."""
    for folder in folders:
        path = str(folder.absolute())
        found = [name for sign, name in (("?", "a question mark"), ("\\", "a backslash")) if sign in path]
        found += ["bytes that are no UTF-8"] if any("\udc80" <= letter <= "\udcff" for letter in path) else []
        if found:
            raise SystemStateError(
                f"DuckDB cannot write below {ascii(path)}: the path holds {found[0]}. Rename the folder, or set "
                "SMV_AI_RELEASE_DIR or SMV_AI_DEMO_RELEASE_DIR where it is that of the releases."
            )


def build_release(
    progress: Progress,
    *,
    force: bool = False,
    demo: bool = False,
    accept_missing: bool = False,
    wait_seconds: float = 0,
) -> Outcome:
    """Build, audit and release, unless the content is that of the current release.

    `demo`: a demonstration, into its own folder; `accept_missing`: also without waves or tables that the current
    release has.

    Raises a SmvAiError for everything that a person can mend; `current` is then as it was.
    """
    kind = Kind.DEMONSTRATION if demo else Kind.WAREHOUSE
    releases, build_dir = release_dir(kind), build_file(kind).parent
    keep_releases(), keep_days()  # a wrong setting is told before the work, not after it
    _refuse_paths(releases, build_dir)
    run = history.new_run("build")
    _make_for_readers(releases)
    try:
        with (
            _plain_errors(),
            only_writer(releases, build_dir, wait_seconds=wait_seconds),
            stopping.full_disk_ends(releases, build_dir),
        ):
            for line in history.recover(releases):
                progress.done(line)
            with recorded(releases, run, progress) as ended:
                ended.append(_build(releases, run, progress, kind, force=force, accept_missing=accept_missing))
            _prune(releases, progress)
            return Outcome(ended[0], current_release(releases, None))
    except SmvAiError as error:
        if error.exit_code == ExitCode.LOCKED:
            with contextlib.suppress(OSError):  # the lock is what the person must hear of
                history.append(releases, replace(_failed(run, error), finished_at=history.now_text()))
        raise
