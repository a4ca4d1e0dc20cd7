"""One build: check the seeds, run dbt into a private file, audit it, write a release and switch to it."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from smv_ai import audit, dbt_run, release
from smv_ai.errors import SystemStateError
from smv_ai.paths import BUILD_FILE, DATABASE_NAME, PROJECT_DIR, release_dir
from smv_ai.seed_check import check_seeds


@contextlib.contextmanager
def _staging(releases: Path) -> Iterator[Path]:
    """A private folder on the file system of the releases, so that it can be renamed; gone if the build fails."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=releases))
        folder.chmod(0o755)
    except OSError as error:
        raise SystemStateError(
            f"Cannot write in {releases}: {error.strerror}. Free space or set SMV_AI_RELEASE_DIR."
        ) from error
    try:
        yield folder
    finally:
        release.discard(folder)


def _remove_old_build() -> None:
    """Each build starts from an empty file; a write-ahead log left by a killed build would spoil it."""
    BUILD_FILE.parent.mkdir(parents=True, exist_ok=True)
    for left in BUILD_FILE.parent.glob(f"{DATABASE_NAME}*"):
        left.unlink()


def _free_name(releases: Path) -> str:
    """A release id that no release has yet; two builds in one second are told apart by waiting."""
    while (releases / (name := release.new_release_id())).exists():
        time.sleep(0.2)
    return name


def build_release(tell: Callable[[str], None]) -> Path:
    """Build, audit and release; returns the folder of the new release.

    `tell` gets a line for each step that is done. Raises a SmvAiError for everything that a person can mend;
    `current` is then as it was.
    """
    releases = release_dir()
    with _staging(releases) as staged:
        started = time.monotonic()

        def timed(line: str) -> None:
            tell(f"{time.monotonic() - started:5.1f} s  {line}")

        check_seeds(PROJECT_DIR / "seeds")
        timed("seeds: every rule met")
        _remove_old_build()
        # a second process imports the audit's library while dbt keeps this one busy
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as auditor:
            auditor.submit(audit.import_library)
            dbt_run.build(BUILD_FILE, timed)
            timed(auditor.submit(audit.audit, BUILD_FILE, staged / "data_docs").result())
        try:
            rows = release.copy_marts(BUILD_FILE, staged / DATABASE_NAME)
            release_id = _free_name(releases)
            release.write_facts(staged, release_id, rows)
            folder = release.publish(staged, releases, release_id)
        except OSError as error:
            raise SystemStateError(f"The release could not be written: {error}. Nothing was switched.") from error
        timed(f"released {release_id}: {len(rows)} tables, {sum(rows.values())} rows")
    return folder
