"""One build, with its lock and its lines in the history; whether it has anything to do, and making.py where it has."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Generator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from smv_ai import stopping
from smv_ai.build.fingerprint import fingerprint, inputs_of_project
from smv_ai.build.progress import Progress
from smv_ai.environment import Kind, build_file, keep_days, keep_releases, release_dir, rights_of_readers
from smv_ai.errors import ExitCode, NoReleaseError, SmvAiError, SystemStateError, environment_cause
from smv_ai.releases import history
from smv_ai.releases.facts import FACTS_NAME
from smv_ai.releases.folder import Release, current_release, facts_of, find_current, own_current, prune
from smv_ai.releases.kinds import refuse_folder
from smv_ai.releases.locking import only_writer
from smv_ai.releases.verify import file_problems
from smv_ai.releases.write import sha256_of

LEAST_ADDRESS_SPACE = 2 * 2**30


@dataclass(frozen=True)
class Outcome:
    """What a build came to: `run` as the history has it, and the release that is current now."""

    run: history.Run
    current: Release


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


def _why_not_built(inputs: str | None, releases: Path, runs: list[history.Run]) -> str | None:
    """Why a build has nothing to do: the last run on these inputs came to the current release, and it is intact.

    None where it has. `inputs` is the fingerprint of all that a release depends on.
    """
    name = find_current(releases).name
    ended = [run for run in runs if run.release_id == name and run.outcome in ("built", "unchanged")]
    try:
        current = own_current(releases)
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


def _build(
    releases: Path, run: history.Run, progress: Progress, kind: Kind, *, force: bool, accept_missing: bool
) -> history.Run:
    refuse_folder(releases, kind)
    runs, _ = history.read(releases)
    earlier = [found for found in runs if found.run_id != run.run_id]
    inputs = inputs_of_project(kind)
    run = replace(run, fingerprint=fingerprint(inputs))
    if not force and (why := _why_not_built(run.fingerprint, releases, earlier)):
        progress.done(why)
        content = facts_of(current_release(releases, None).path)["content_hash"]
        return history.unchanged(replace(run, content_hash=content), own_current(releases).release_id, why)
    _refuse_little_memory()
    from smv_ai.build.making import make_release  # a second that an unchanged build does without

    return make_release(releases, run, runs, progress, kind, inputs, force=force, accept_missing=accept_missing)


def _refuse_little_memory() -> None:
    """Where an allocation is refused DuckDB may end the process without a word, so that it is said before."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY and most < LEAST_ADDRESS_SPACE:
        raise SystemStateError(
            f"The memory that a process may address is limited to {most // 2**20} MiB here (ulimit -v); a build of "
            "today addresses 4 GiB, of which it uses a sixth. Raise the limit. Nothing was switched."
        )


def _failed(run: history.Run, error: BaseException) -> history.Run:
    """The run as it ended."""
    code = error.exit_code if isinstance(error, SmvAiError) else ExitCode.INTERNAL
    code = ExitCode.INTERRUPTED if isinstance(error, KeyboardInterrupt) else code
    text = "stopped by a signal" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
    return replace(run, outcome=code.name.lower(), exit_code=int(code), message=history.public_text(text))


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
