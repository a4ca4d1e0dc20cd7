"""The audit of a build: Great Expectations suites accept or refuse it before anyone sees it.

The suites are JSON files in expectations/, one a table. They judge a table as a whole: how many rows, which reports and
regions, which range of values. What must hold for each row (keys, codes, what may not be empty) stands once, in a
contract or a dbt test. An expectation whose meta says `"only": "demonstration"` (or `"warehouse"`) judges that kind of
release alone. `{"$PARAMETER": "rows_before * 0.9"}` is nine tenths of the table's rows in the current release (0 where
there is none): a table that shrinks is a drift.

Great Expectations does not speak DuckDB, so it gets data frames that are read from the built file.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Generator, Mapping
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb

from smv_ai.environment import PROJECT_DIR, Kind
from smv_ai.errors import AuditError
from smv_ai.suggest import allowed_in_words

SUITES_DIR = PROJECT_DIR / "expectations"
MOST_SHOWN = 10
AUDITED = ("fct_", "mart_")  # the tables that must have a suite
# The pages load styles and scripts from the web; a release must be readable without it.
REMOTE_ELEMENT = re.compile(
    r"<script[^>]*src=\"https?://[^>]*></script>|<link[^>]*href=\"https?://[^>]*>|<img[^>]*src=\"https?://[^>]*>",
    re.DOTALL,
)
REMOTE_IMAGE = re.compile(r"url\(['\"]?https?://[^)]*\)")


def _suite_fault(path: Path, suite: object) -> str | None:
    """What is wrong with the shape of a suite; None where nothing is."""
    if not isinstance(suite, dict) or not isinstance(suite.get("expectations"), list):
        return "is no suite; it holds a name and a list of expectations"
    if suite.get("name") != path.stem:
        return f"is named '{suite.get('name')}'; the name is that of the file and of the table: {path.stem}"
    if not suite["expectations"]:
        return "holds no expectation; an empty suite accepts anything"
    for number, body in enumerate(suite["expectations"], start=1):
        kwargs = body.get("kwargs", {}) if isinstance(body, dict) else None
        if not isinstance(kwargs, dict) or not isinstance(body.get("type"), str):
            return f"expectation {number} has no type or no kwargs"
        if (only := (body.get("meta") or {}).get("only")) not in (None, *Kind):
            return f"expectation {number}, meta, only: '{only}' is no kind of release; allowed: {', '.join(Kind)}"
    return None


def judging(suite: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """The suite with what judges this kind of release: all but expectations whose meta says `only` the other."""
    bodies = [body for body in suite["expectations"] if (body.get("meta") or {}).get("only") in (None, kind)]
    return {**suite, "expectations": bodies}


def read_suites(folder: Path = SUITES_DIR) -> list[dict]:
    """The committed suites: `name` is the table in schema marts, `expectations` as Great Expectations writes them.

    Raises AuditError naming each file in the folder that is no suite.
    """
    suites, faults = [], []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix != ".json":
            faults.append(f"{folder.name}/{path.name}: does not end in .json, so it would not be read")
            continue
        try:
            suite = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            faults.append(f"{folder.name}/{path.name}: cannot be read as JSON ({error})")
            continue
        if (fault := _suite_fault(path, suite)) is not None:
            faults.append(f"{folder.name}/{path.name}: {fault}")
        suites.append(suite)
    if not suites and not faults:
        faults = [f"{folder.name}/: holds no suite; a release without an audit is not made"]
    if faults:
        raise AuditError("\n".join(["The suites cannot be used; nothing was released.", *faults]))
    return suites


def _expectations(suite: dict) -> tuple[list[Any], list[str]]:
    """The expectations of a suite, and what is wrong with those that Great Expectations does not take.

    Handed over as a whole it drops these: each is made by itself and counted.
    """
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    known = list_registered_expectation_implementations()
    made, faults = [], []
    for number, body in enumerate(suite["expectations"], start=1):
        place = f"{SUITES_DIR.name}/{suite['name']}.json, expectation {number}: {body['type']}"
        if body["type"] not in known:
            faults.append(f"{place} is no type of expectation; {allowed_in_words(body['type'], known)}")
            continue
        try:
            made.append(_domain_object(body))
        except Exception as error:  # noqa: BLE001 - whatever the library refuses is named
            reason = " ".join(str(error).split())
            faults.append(f"{place} {body.get('kwargs', {})} is not accepted by Great Expectations: {reason}")
    return made, faults


def _domain_object(body: dict) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationConfiguration(**body).to_domain_obj()


def _tables_fault(suites: list[dict], tables: list[str]) -> list[str]:
    """Suites without a table, and facts and marts without a suite."""
    names = [suite["name"] for suite in suites]
    audited = [table for table in tables if table.startswith(AUDITED)]
    faults = [
        f"{SUITES_DIR.name}/{name}.json: there is no table marts.{name}; {allowed_in_words(name, audited)}"
        for name in names
        if name not in tables
    ]
    return faults + [
        f"marts.{table}: has no suite; write {SUITES_DIR.name}/{table}.json" for table in audited if table not in names
    ]


@contextlib.contextmanager
def _without_spark() -> Generator[None]:
    """Great Expectations imports Spark's client wherever it finds it: seconds for nothing, and warnings of its own."""
    known = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "pyspark"}
    sys.modules["pyspark"] = None  # type: ignore[assignment] - this is how Python is told that there is none
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(known)


def _context(docs_dir: Path) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.filterwarnings("ignore", module="great_expectations|marshmallow")
    with _without_spark():
        import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.add_data_docs_site(
        site_name="audit",
        site_config={
            "class_name": "SiteBuilder",
            # pyrefly: ignore[bad-typed-dict-key] - the site builder takes it, the types of the configuration lack it
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs_dir)},
        },
    )
    return context


def _columns(connection: duckdb.DuckDBPyConnection, suite: dict) -> list[str]:
    """The columns that a suite names, in a condition or by themselves; the first one where it only counts rows."""
    text = json.dumps(suite["expectations"])
    columns = connection.sql(f"select * from marts.{suite['name']} limit 0").columns
    return [column for column in columns if re.search(rf"\b{column}\b", text)] or columns[:1]


def _raised(info: object) -> str:
    """The message of an expectation that raised; Great Expectations nests it by metric, or does not."""
    if not isinstance(info, dict):
        return ""
    if "raised_exception" in info:
        return " ".join(str(info.get("exception_message") or "an error").split()) if info["raised_exception"] else ""
    return "; ".join(dict.fromkeys(message for part in info.values() if (message := _raised(part))))


def _refusals(table: str, result: Any) -> list[str]:
    lines = []
    for check in result.results:
        cause = _raised(check.exception_info)
        if not check.success or cause:
            arguments = {k: v for k, v in check.expectation_config.kwargs.items() if k != "batch_id"}
            found = check.result.get("observed_value", check.result.get("partial_unexpected_list"))
            why = (check.expectation_config.meta or {}).get("why", "")
            said = f"was not evaluated: {cause}" if cause else f"found {found}"
            lines.append(f"marts.{table}: {check.expectation_config.type} {arguments}; {said}. {why}".rstrip())
    return lines


def without_network(docs_dir: Path) -> None:
    """Take the references to web servers out of the pages, so that opening them contacts nobody."""
    for page in [*docs_dir.rglob("*.html"), *docs_dir.rglob("*.css")]:
        text = page.read_text(encoding="utf-8")
        page.write_text(REMOTE_IMAGE.sub("none", REMOTE_ELEMENT.sub("", text)), encoding="utf-8")


def audit(
    build_file: Path, docs_dir: Path, kind: Kind = Kind.WAREHOUSE, rows_before: Mapping[str, int] | None = None
) -> str:
    """Run what every suite says of this kind on its table, write the data docs; returns a line about what was done.

    `rows_before`: rows by table of the release that this one follows. Raises AuditError naming table and expectation.
    """
    suites = [judging(suite, kind) for suite in read_suites(SUITES_DIR)]
    context = _context(docs_dir)
    import great_expectations as gx

    source = context.data_sources.add_pandas("build")
    checks, wanted = 0, sum(len(suite["expectations"]) for suite in suites)
    with duckdb.connect(str(build_file), read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts' order by 1")
        tables = [name for (name,) in found.fetchall()]
        refusals = _tables_fault(suites, tables)
        for suite in suites:
            table = suite["name"]
            if table not in tables or not suite["expectations"]:
                continue
            made, faults = _expectations(suite)
            refusals += faults
            frame = connection.sql(f"select {', '.join(_columns(connection, suite))} from marts.{table}").df()
            batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("whole table")
            as_made: dict[str, Any] = {**suite, "expectations": made}
            expectations = context.suites.add(gx.ExpectationSuite(**as_made))
            definition = context.validation_definitions.add(
                gx.ValidationDefinition(name=table, data=batch, suite=expectations)
            )
            checkpoint = context.checkpoints.add(gx.Checkpoint(name=table, validation_definitions=[definition]))
            known = {"rows_before": (rows_before or {}).get(table, 0)}
            try:
                ran = checkpoint.run(batch_parameters={"dataframe": frame}, expectation_parameters=known)
            except gx.exceptions.SuiteParameterError as error:
                place = f"{SUITES_DIR.name}/{table}.json: a $PARAMETER cannot be computed"
                refusals.append(f"{place} ({error}); the one name in it is {', '.join(known)}")
                continue
            [result] = ran.run_results.values()
            evaluated = len(result.results)
            checks += evaluated
            refusals += _refusals(table, result)
            if evaluated + len(faults) != len(suite["expectations"]):
                missing = f"{len(suite['expectations'])} expectations, {evaluated} were evaluated"
                refusals.append(f"{SUITES_DIR.name}/{table}.json: holds {missing}")
    context.build_data_docs(site_names=["audit"])
    without_network(docs_dir)
    if refusals:
        more = [f"... and {len(refusals) - MOST_SHOWN} more"] if len(refusals) > MOST_SHOWN else []
        message = f"The audit refused the build ({len(refusals)} of {wanted} expectations); nothing was released."
        raise AuditError("\n".join([message, *refusals[:MOST_SHOWN], *more]))
    return f"audit: {checks} expectations on {len(suites)} tables, all met"


def _wait_for_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)


def end_with_parent() -> None:
    """First thing in the audit's process: it ends with the one that started it, also where that one is killed."""
    Thread(target=_wait_for_parent, daemon=True).start()


def import_library() -> None:
    """Import Great Expectations, which takes seconds, and keep it quiet: for a process that audits later."""
    logging.disable(logging.WARNING)
    with _without_spark():
        import great_expectations  # noqa: F401
