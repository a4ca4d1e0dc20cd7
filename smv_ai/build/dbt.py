"""Run dbt in this process: its import takes seconds, so there is one import and one invocation a build."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Generator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from smv_ai import stopping
from smv_ai.build.progress import Progress
from smv_ai.environment import PROJECT_DIR, Kind, target_dir
from smv_ai.errors import BadInputError, BuildError, SystemStateError, environment_cause
from smv_ai.matching.prepare import prepare
from smv_ai.settings import PROJECT_FILE
from smv_ai.survey import response_files
from smv_ai.survey.disclosure import past

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

Listener = Callable[[Any], None]
MOST_SHOWN = 10
HALF_WRITTEN = "not a valid DuckDB database file"
# The seed files have just been checked by the same rules (seed_check); unit tests try the logic, not the data.
NOT_AGAIN = ["--exclude", "path:seeds,resource_type:test", "resource_type:unit_test"]


def invoke(
    project: Path, build_file: Path, arguments: list[str], manifest: Manifest | None = None, *listeners: Listener
) -> dbtRunnerResult:
    """Run one command of dbt in a project folder, in this process, writing into `build_file`: the one way to run dbt.

    `manifest` is the project as an earlier `parse` gave it; the listeners hear dbt's events. Raises KeyboardInterrupt
    where dbt was stopped, which it hands back as a result; every other failure is in the result: see `failures_of`.
    """
    # relative: with another path dbt would read the project anew, also where the project has only moved
    os.environ["SMV_AI_BUILD_FILE"] = os.path.relpath(build_file, project)
    os.environ["DO_NOT_TRACK"] = "1"
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    # relative paths (of response files, of target and logs) are the project's, wherever the command was started
    with contextlib.chdir(project), no_collections():
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        outcome = dbtRunner(manifest, list(listeners)).invoke(["--quiet", "--log-level", "none", *arguments, *folders])
        # dbt keeps its connection for the life of the process; whoever reads the file must open it for himself
        DuckDBConnectionManager.close_all_connections()
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    return outcome


def read(project: Path, build_file: Path, options: list[str], *listeners: Listener) -> dbtRunnerResult:
    """Let dbt read a project as far as it differs from what it has read before; `result` is the manifest.

    What dbt kept of its reading may have come from another folder, with the project or by `lend_reading`; it keeps
    where the seeds lay then. They are read where the project lies now.
    """
    outcome: Any = invoke(project, build_file, ["parse", "--no-write-json", *options], None, *listeners)
    for node in outcome.result.nodes.values() if outcome.success else []:
        if node.resource_type == "seed":
            node.root_path = str(project)
    return outcome


def lend_reading(project: Path, build_file: Path, variables: dict[str, Any]) -> None:
    """Spare a project that is a copy of this one 10 seconds: dbt starts from its reading of this one.

    What the copy has otherwise, dbt reads; with other variables, or another place of the build file in the project,
    it would read everything. `variables` go to dbt by `--vars`.
    """
    kept = kept_reading(os.path.relpath(build_file, project), json.dumps(variables, sort_keys=True))
    if kept is not None:
        (project / "target").mkdir(exist_ok=True)
        shutil.copyfile(kept, project / "target" / kept.name)


@functools.cache
def kept_reading(build_file: str, variables: str) -> Path | None:
    """What dbt keeps of reading this project as it is now; None where it cannot read it.

    `build_file` is its path in the project, `variables` are JSON.
    """
    key = hashlib.sha256(f"{build_file}\0{variables}".encode()).hexdigest()
    folder = PROJECT_DIR / "target" / "readings" / key[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        outcome = read(PROJECT_DIR, PROJECT_DIR / build_file, ["--target-path", str(folder), "--vars", variables])
    return folder / "partial_parse.msgpack" if outcome.success else None


def runs_of(outcome: dbtRunnerResult) -> list[Any]:
    """What became of each seed, model and test of a build, with `node`, `status` and `message`."""
    return list(getattr(outcome.result, "results", []))


def failures_of(outcome: dbtRunnerResult) -> list[str]:
    """A line for each seed, model and test that failed, with its file; or dbt's reason for having run none."""
    if outcome.exception is not None:
        return [str(outcome.exception)]
    failed = [run for run in runs_of(outcome) if run.status in ("error", "fail", "runtime error")]
    return [
        f"{run.node.resource_type} {run.node.name} ({run.node.original_file_path}): {run.message or run.status}".strip()
        for run in failed
    ]


def _environment_cause(error: BaseException | str) -> str | None:
    """As `environment_cause`; and a fresh build file without a head is what DuckDB leaves on a full disk."""
    if HALF_WRITTEN in str(error):
        return "the build file could not be written whole; is the disk full?"
    return environment_cause(error)


def _counter(progress: Progress) -> Listener:
    """A listener to dbt's events that moves the progress: nodes done of all, and the node that ended last."""
    count = {"done": 0, "total": 0}

    def listen(event: Any) -> None:
        if event.info.name == "ConcurrencyLine":
            count["total"] = event.data.node_count
        elif event.info.name == "NodeFinished":
            count["done"] += 1
            info = event.data.node_info
            progress.part(f"dbt: {info.resource_type} {info.node_name[:50]}", count["done"], count["total"])

    return listen


@contextlib.contextmanager
def no_collections() -> Generator[None]:
    """Leave Python's garbage collector off: what dbt makes lives as long as its run.

    Searching it in vain costs some 7 % of a build and of dbt's import; not searching it costs 0.2 GB.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def _remembering(kind: Kind) -> Generator[None]:
    """Let the models know where it stands what earlier releases of a warehouse have shown.

    By the environment: with another variable (`--vars`) dbt would read the project anew.
    """
    if kind is Kind.WAREHOUSE:
        os.environ["SMV_AI_RELEASED_BEFORE"] = str(past.path())
    try:
        yield
    finally:
        os.environ.pop("SMV_AI_RELEASED_BEFORE", None)


def _selected(seeds: list[str] | None) -> list[str]:
    """Arguments that build these seeds, as tables made anew, and all that descends from them; everything for None."""
    return [] if seeds is None else ["--full-refresh", "--select", *(f"{seed}+" for seed in seeds)]


def build(
    build_file: Path,
    progress: Progress,
    responses: Future[str] | None,
    kind: Kind = Kind.WAREHOUSE,
    seeds: list[str] | None = None,
) -> None:
    """Seed, run and test the whole project into `build_file`; or, in a file that has everything, `seeds` alone and what
    descends from them.

    `responses` is the writing of the demonstration responses, which must end before dbt reads them; a warehouse has
    none. Raises BadInputError where response files cannot be used, BuildError naming each model or test that failed,
    SystemStateError where the machine stood in the way.
    """
    if not (PROJECT_DIR / PROJECT_FILE).is_file():
        raise BadInputError(f"There is no {PROJECT_FILE} in {PROJECT_DIR}: put it back (git checkout {PROJECT_FILE}).")
    progress.step("dbt: reading the project")
    apart = ["--no-write-json", "--target-path", str(target_dir(kind))]
    plan = target_dir(kind) / "matching"
    if kind is Kind.DEMONSTRATION:
        apart += ["--vars", json.dumps({"demo": True, "matching_path": os.path.relpath(plan, PROJECT_DIR)})]
    outcome: Any = read(PROJECT_DIR, build_file, apart)
    if outcome.success:
        if responses is not None:
            progress.step("demonstration responses")
            progress.done(responses.result())
        progress.done(prepare(PROJECT_DIR, plan, demo=kind is Kind.DEMONSTRATION))
        arguments = ["build", *_selected(seeds), *NOT_AGAIN, *apart]
        with _remembering(kind):
            outcome = invoke(PROJECT_DIR, build_file, arguments, outcome.result, _counter(progress))
    _refuse_failed(outcome)
    kinds = [run.node.resource_type for run in runs_of(outcome)]
    counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in ("seed", "model", "test"))
    rest = f"; all others are as built before: only rows of {', '.join(seeds)} changed" if seeds is not None else ""
    progress.done(f"dbt: {counts}, all passed{rest}")


def _refuse_failed(outcome: dbtRunnerResult) -> None:
    """Raise what `build` raises where the run of dbt was not the good end."""
    if stopping.is_asked():  # dbt may take a stop signal for the failure of what it was doing
        raise KeyboardInterrupt
    failures = failures_of(outcome)
    causes = [cause for text in [outcome.exception, *failures] if text and (cause := _environment_cause(text))]
    if causes:
        raise SystemStateError(f"dbt could not write or read: {causes[0]}. Nothing was released.")
    if failures and (found := response_files.faults(PROJECT_DIR, failures)):
        raise BadInputError(found)
    if outcome.exception is not None:
        raise BuildError(f"dbt stopped; nothing was released.\n{outcome.exception}")
    if failures:
        more = [f"... and {len(failures) - MOST_SHOWN} more"] if len(failures) > MOST_SHOWN else []
        raise BuildError(
            "\n".join([f"{len(failures)} models or tests failed; nothing was released.", *failures[:MOST_SHOWN], *more])
        )
    if not outcome.success:
        raise BuildError("dbt did not finish; nothing was released. See logs/dbt.log.")
