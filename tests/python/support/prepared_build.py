"""A build whose models are already made: everything after dbt is real, so that a test can kill it a hundred times.

Run as `python prepared_build.py BUILD_FILE [SECONDS]`: the build file stands for dbt's work, which takes SECONDS.
SMV_AI_TEST_HELPER=real leaves the audit its process, SMV_AI_TEST_CLOCK sets the clock off by so many seconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from smv_ai.build import audit, dbt, making, run
from smv_ai.build.progress import Progress
from smv_ai.cli import main
from smv_ai.releases import chain, folder, history, status, write

PREPARED = Path(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0


def copy_instead(build_file: Path, progress: Progress, *_: object) -> None:
    """In the place of dbt."""
    progress.step("dbt")
    progress.part("dbt: model mart_adoption", 3, 10)
    time.sleep(SECONDS)
    shutil.copy(PREPARED, build_file)
    progress.done("dbt: prepared, all passed")


def accept(build_file: Path, docs_dir: Path, *_: object) -> str:
    """In the place of the audit."""
    docs_dir.mkdir()
    (docs_dir / "index.html").write_text(build_file.name)
    time.sleep(float(os.environ.get("SMV_AI_TEST_AUDIT_SECONDS", "0")))
    return "audit: prepared, all met"


def nothing() -> None:
    """In the place of the import of the audit's library."""


class SameProcess:
    """In the place of the audit's process: runs at once."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> SameProcess:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, function, *arguments):
        """Run it now."""
        if function is not audit.import_library:
            self.value = function(*arguments)
        return self

    def result(self) -> str:
        """What it returned."""
        return self.value


class Clock(datetime):
    """The time of a machine whose clock is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """The time, off by what the environment says."""
        return datetime.now(tz) + timedelta(seconds=float(os.environ["SMV_AI_TEST_CLOCK"]))


REAL = run.fingerprint


def with_what_is_prepared(*given: object) -> str:
    """The prepared file stands for inputs, too: another one is another build."""
    return hashlib.sha256(REAL(*given).encode() + PREPARED.read_bytes()).hexdigest()


if __name__ == "__main__":
    run.fingerprint = with_what_is_prepared
    dbt.build = copy_instead
    audit.audit = accept
    if os.environ.get("SMV_AI_TEST_HELPER") == "real":
        audit.import_library = nothing
    else:
        making.ProcessPoolExecutor = SameProcess
    if "SMV_AI_TEST_CLOCK" in os.environ:
        for module in (chain, folder, history, status, write):
            module.datetime = Clock
    making.past.record = lambda *_: None  # the prepared file has the tables of a release alone
    making._write_demonstration = lambda: "demonstration responses: prepared"
    main(["build", *sys.argv[3:]])
