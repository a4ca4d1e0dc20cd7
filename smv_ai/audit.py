"""The audit of a build: Great Expectations suites accept or refuse it before anyone sees it.

The suites are JSON files in expectations/, one a table. They judge a table as a whole: how many rows, which reports and
regions, which range of values. What must hold for each row (keys, codes, what may not be empty) stands once, in a
contract or a dbt test. Great Expectations does not speak DuckDB, so it gets data frames that are read from the built
file.
"""

from __future__ import annotations

import json
import logging
import os
import re
import warnings
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb

from smv_ai.errors import AuditError
from smv_ai.paths import PROJECT_DIR

SUITES_DIR = PROJECT_DIR / "expectations"
MOST_SHOWN = 10
# The pages load styles and scripts from the web; a release must be readable without it.
REMOTE_ELEMENT = re.compile(
    r"<script[^>]*src=\"https?://[^>]*></script>|<link[^>]*href=\"https?://[^>]*>|<img[^>]*src=\"https?://[^>]*>",
    re.DOTALL,
)
REMOTE_IMAGE = re.compile(r"url\(['\"]?https?://[^)]*\)")


def read_suites(folder: Path = SUITES_DIR) -> list[dict]:
    """The committed suites: `name` is the table in schema marts, `expectations` as Great Expectations writes them."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def _context(docs_dir: Path) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.filterwarnings("ignore", module="great_expectations|marshmallow")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.add_data_docs_site(
        site_name="audit",
        site_config={
            "class_name": "SiteBuilder",
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


def _refusals(table: str, result: Any) -> list[str]:
    lines = []
    for check in result.results:
        if not check.success:
            arguments = {k: v for k, v in check.expectation_config.kwargs.items() if k != "batch_id"}
            found = check.result.get("observed_value", check.result.get("partial_unexpected_list"))
            why = (check.expectation_config.meta or {}).get("why", "")
            cause = check.exception_info.get("exception_message", "") if isinstance(check.exception_info, dict) else ""
            lines.append(f"marts.{table}: {check.expectation_config.type} {arguments}; found {found}. {cause}{why}")
    return lines


def without_network(docs_dir: Path) -> None:
    """Take the references to web servers out of the pages, so that opening them contacts nobody."""
    for page in [*docs_dir.rglob("*.html"), *docs_dir.rglob("*.css")]:
        text = page.read_text(encoding="utf-8")
        page.write_text(REMOTE_IMAGE.sub("none", REMOTE_ELEMENT.sub("", text)), encoding="utf-8")


def audit(build_file: Path, docs_dir: Path) -> str:
    """Run every suite on its table and write the data docs; returns a line about what was done.

    Raises AuditError naming table and expectation.
    """
    suites = read_suites()
    if not suites:
        raise AuditError(f"No suites in {SUITES_DIR.name}/: a release without an audit is not made.")
    context = _context(docs_dir)
    import great_expectations as gx

    source = context.data_sources.add_pandas("build")
    refusals, checks = [], 0
    with duckdb.connect(str(build_file), read_only=True) as connection:
        for suite in suites:
            table = suite["name"]
            frame = connection.sql(f"select {', '.join(_columns(connection, suite))} from marts.{table}").df()
            batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("whole table")
            expectations = context.suites.add(gx.ExpectationSuite(**suite))
            definition = context.validation_definitions.add(
                gx.ValidationDefinition(name=table, data=batch, suite=expectations)
            )
            checkpoint = context.checkpoints.add(gx.Checkpoint(name=table, validation_definitions=[definition]))
            [result] = checkpoint.run(batch_parameters={"dataframe": frame}).run_results.values()
            checks += len(result.results)
            refusals += _refusals(table, result)
    context.build_data_docs(site_names=["audit"])
    without_network(docs_dir)
    if refusals:
        more = [f"... and {len(refusals) - MOST_SHOWN} more"] if len(refusals) > MOST_SHOWN else []
        message = f"The audit refused the build ({len(refusals)} of {checks} expectations); nothing was released."
        raise AuditError("\n".join([message, *refusals[:MOST_SHOWN], *more]))
    return f"audit: {checks} expectations on {len(suites)} tables, all met"


def _wait_for_parent() -> None:
    parent_process().join()
    os._exit(1)


def end_with_parent() -> None:
    """First thing in the audit's process: it ends with the one that started it, also where that one is killed."""
    Thread(target=_wait_for_parent, daemon=True).start()


def import_library() -> None:
    """Import Great Expectations, which takes seconds, and keep it quiet: for a process that audits later."""
    logging.disable(logging.WARNING)
    import great_expectations  # noqa: F401
