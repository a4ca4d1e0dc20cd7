"""What earlier releases have shown and hidden: a private file beside the releases, written before each of them.

A figure that they hid stays hidden while its answers are the same; what they showed, the worlds of a hidden count must
leave as it was shown, for the firms that answered then answer the same way now.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np

from smv_ai.environment import private_dir
from smv_ai.errors import SystemStateError
from smv_ai.sql.opening import open_database
from smv_ai.sql.quoting import literal
from smv_ai.survey.disclosure.tabulated import Past, Question
from smv_ai.survey.inference.reading import Table, rows_of
from smv_ai.survey.inference.sample import parts

NAME = "released_before.parquet"
OWNER_ALONE, FOLDER_OF_OWNER = 0o600, 0o700
KEYS = "design_id, measure_id, breakdown_id, segment"
# the answers behind a figure are the same where its value and error are, to the last digit
RELEASED = f"""
    select
        {KEYS}, engine.estimate as value, engine.standard_error as error, engine.respondents, engine.sum_weights,
        case when rounded.estimate is not null then rounded.released_step end as step,
        rounded.is_suppressed as was_hidden, rarest_answers.rarest_answer_count
    from intermediate.int_estimates_rounded as rounded
    inner join (select estimate_number, estimate, standard_error, respondents, sum_weights
        from intermediate.int_estimates) as engine using (estimate_number)
    left join intermediate.int_disclosure_rarest_answers as rarest_answers using (estimate_number)
    where not rounded.is_change
"""
EARLIER = """
    with earlier as (from read_parquet({path}))
    select
        figures.design_id, figures.item_id, figures.estimate_number, figures.value_factor * earlier.value as value,
        earlier.step, earlier.sum_weights, earlier.was_hidden, earlier.rarest_answer_count,
        earlier.value = figures.engine_value and earlier.error is not distinct from figures.engine_error as is_same
    from figures
    inner join earlier
        on figures.design_id = earlier.design_id and figures.measure_id = earlier.measure_id
        and figures.breakdown_id = earlier.breakdown_id and figures.segment = earlier.segment
    where figures.statistic <> 'size'
    order by all
"""


def path() -> Path:
    """The file: as lasting as the releases, and its owner's alone. A backup holds it, `make clean` leaves it."""
    return private_dir() / NAME


def known_releases() -> set[str]:
    """The ids of the releases that the file has recorded; raises SystemStateError where it cannot be read."""
    if not path().is_file():
        return set()
    query = f"select value from parquet_kv_metadata({literal(str(path()))}) where key = 'releases'"
    try:
        with duckdb.connect() as connection:
            return {name for (value,) in connection.execute(query).fetchall() for name in value.decode().split()}
    except (OSError, duckdb.Error) as error:
        raise SystemStateError(
            f"{path()}, what releases have shown, cannot be read: {error}. Put it back from a backup "
            "(smv-ai backup has it). Nothing was released."
        ) from error


def forgotten(release_id: str) -> list[str]:
    """A line where a release with estimates is not recorded: what it hides could follow from it and the next.

    Raises as known_releases does.
    """
    if release_id in known_releases():
        return []
    return [f"{path()}: does not know what this release shows and hides, which the next must keep hidden"]


def record(database: Path, release_id: str) -> None:
    """Add what a release is about to show, and what it hides, to the private file. Raises SystemStateError."""
    known = f"union select * from read_parquet({literal(str(path()))})" if path().is_file() else ""
    releases = literal(" ".join(sorted({*known_releases(), release_id})))
    unfinished = path().with_suffix(".unfinished")
    try:
        path().parent.mkdir(mode=FOLDER_OF_OWNER, parents=True, exist_ok=True)
        with open_database(database) as connection:
            connection.execute(
                f"copy ({RELEASED} {known} order by all) to {literal(str(unfinished))}"
                f" (format parquet, kv_metadata {{releases: {releases}}})"
            )
        unfinished.chmod(OWNER_ALONE)
        unfinished.replace(path())
    except (OSError, duckdb.IOException) as error:
        raise SystemStateError(
            f"Cannot write {path()}, what releases have shown: {error}. Nothing is released. Let whoever builds write "
            "beside the folder of the releases, or move both with SMV_AI_RELEASE_DIR."
        ) from error


def hiding(
    connection: duckdb.DuckDBPyConnection, figures: duckdb.DuckDBPyRelation, path: Path | None
) -> duckdb.DuckDBPyRelation:
    """The figures of questions that hide a count, or of which an earlier release has hidden one."""
    earlier = ""
    if path is not None and path.is_file():
        earlier = f"""
            union
            select figures.design_id, figures.item_id
            from figures inner join read_parquet({literal(str(path))}) as earlier using ({KEYS})
            where earlier.was_hidden and figures.statistic <> 'size'
        """
    return connection.sql(f"""
        with figures as ({figures.sql_query()}),
        questions as (select design_id, item_id from figures where is_suppressed {earlier})
        select figures.* from figures semi join questions using (design_id, item_id)
    """)


def read_past(
    connection: duckdb.DuckDBPyConnection, figures: duckdb.DuckDBPyRelation, path: Path | None
) -> dict[tuple[str, str], Table]:
    """Rows of earlier releases by design and item; none where there is no file."""
    if path is None or not path.is_file():
        return {}
    query = EARLIER.format(path=literal(str(path)))
    return dict(parts(rows_of(connection, query, {"figures": figures}), "design_id", "item_id"))


def remember(question: Question, rows: Table | None) -> None:
    """Tell a question what earlier releases have shown of its figures and what they hid; on the same answers that is
    hidden again.
    """
    if rows is None:
        return
    figures = question.figures
    order = np.argsort(figures.number)
    place = order[np.searchsorted(figures.number, rows["estimate_number"], sorter=order)]
    hidden = place[rows["was_hidden"].astype(bool) & rows["is_same"].astype(bool)]
    figures.is_kept[hidden[~figures.is_hidden[hidden]]] = True
    shown = ~np.isnan(rows["step"].astype(float))
    size = np.where(figures.is_total[place], 1.0, rows["sum_weights"].astype(float))
    question.past = Past(
        place[shown], rows["value"][shown].astype(float), rows["step"][shown].astype(float),
        (question.sizes[place] / size)[shown],
        np.maximum(rows["rarest_answer_count"][shown].astype(float) - question.threshold, 0),
        np.unique(place[rows["was_hidden"].astype(bool)]),
    )  # fmt: skip
