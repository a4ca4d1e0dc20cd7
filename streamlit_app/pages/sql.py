"""SQL: a read-only console on the public tables, with their description, examples and files to take away."""

import time

import streamlit as st
from shared import console, data, figures
from shared.navigation import show
from shared.text import language, number, plain, t

# Seconds within which a statement that ends needs no sign that it runs.
AT_ONCE = 0.3
# A longer statement is not written to the URL: some programs cut links off.
LONGEST_IN_LINK = 1500


def take_example() -> None:
    """Put the chosen example into the box."""
    chosen = st.session_state["sql_chosen"]
    if chosen:
        st.session_state["sql_text"] = console.EXAMPLES[chosen].strip().replace("{lang}", language())


def ask() -> None:
    """Note that the reader asks to run the statement; a run that ends before the page is drawn does not lose it."""
    st.session_state["sql_is_asked"] = True


def statement_form() -> None:
    """The box for a statement, filled from the URL at first, and the button that runs it."""
    st.selectbox(
        t("sql_example"),
        [None, *console.EXAMPLES],
        format_func=lambda key: t(key or "sql_example_none"),
        key="sql_chosen",
        on_change=take_example,
    )
    # Streamlit forgets a widget that was not drawn on the last page; the statement stays for the session.
    st.session_state.setdefault("sql_text", st.session_state.get("sql_kept", st.query_params.get("statement", "")))
    with st.form("sql_form", border=False):
        st.text_area(t("sql_statement"), key="sql_text", height=220, max_chars=console.LIMITS.characters)
        st.form_submit_button(t("sql_run"), on_click=ask, icon=":material/play_arrow:", key="sql_run")
    st.session_state["sql_kept"] = st.session_state["sql_text"]
    st.caption(t("sql_keys"))
    tables = data.query(console.TABLES)["table_name"].tolist()
    known = console.names(tables, data.query(console.ALL_COLUMNS)["column_name"].tolist())
    st.html(console.completion(known, t("sql_names")), unsafe_allow_javascript=True)


def run() -> None:
    """Start the statement in the box; one that still runs is ended."""
    earlier = st.session_state.get("sql_job")
    if earlier is not None:
        earlier.cancel()
    st.session_state.update(sql_done=None, sql_job=console.Job(data.release(), st.session_state["sql_text"]))


def wait(job: console.Job) -> None:
    """Say that the statement runs, with a button that cancels it, until it has ended; then keep what came of it.

    A click elsewhere ends this run of the page, not the statement: the next run waits on.
    """
    sign = st.empty()
    if not job.wait(AT_ONCE):
        with sign.container(horizontal=True, vertical_alignment="center", key="sql_running"):
            spent = st.empty()
            st.button(t("sql_cancel"), on_click=job.cancel, icon=":material/stop:", key="sql_cancel")
        while not job.wait(0.25):
            spent.markdown(t("sql_running", seconds=number(time.monotonic() - job.started)))
    sign.empty()
    st.session_state["sql_job"] = None
    try:
        st.session_state["sql_done"] = job.result()
    except console.StatementError as error:
        text = t(f"sql_error_{error.reason}", seconds=number(console.seconds()), n=number(console.LIMITS.characters))
        st.error(text)
        if error.reason == "wrong":
            st.code(error.message, language=None, wrap_lines=True)
    except console.BusyError:
        st.error(t("sql_error_busy"))
    except console.CancelledError:
        st.info(t("sql_cancelled"))


def remember() -> None:
    """Write the statement to the URL, so that a link gives it back; whoever opens the link presses the button."""
    statement = st.session_state["sql_text"]
    st.session_state["filters"]["statement"] = statement  # so that it stays in the address
    if statement and len(statement) <= LONGEST_IN_LINK:
        if st.query_params.get("statement") != statement:
            st.query_params["statement"] = statement
    else:
        st.query_params.pop("statement", None)


def result(done: console.Run) -> None:
    """The rows as a table and as files, with the release that they come from."""
    table = done.answer.table
    rows = number(table.num_rows)
    said = "sql_row" if table.num_rows == 1 else "sql_rows"
    st.caption(t(said, n=rows, seconds=number(done.answer.seconds, 1), release=plain(done.release.release_id)))
    if done.answer.is_cut:
        st.warning(t("sql_cut", n=rows))
    if table.num_rows == 0:
        st.info(t("sql_no_rows"))
        return
    st.dataframe(console.frame(table), hide_index=True, placeholder="–", key="sql_result", alt=t("sql_statement"))
    name = f"{figures.file_prefix()}sql_{done.release.release_id}"
    with st.container(horizontal=True):
        for key, write, kind in (("download", console.csv, "csv"), ("sql_parquet", console.parquet, "parquet")):
            st.download_button(
                t(key),
                data=lambda write=write: write(done),
                file_name=f"{name}.{kind}",
                mime="text/csv" if kind == "csv" else "application/vnd.apache.parquet",
                key=f"sql_{kind}",
                on_click="ignore",
                icon=":material/download:",
            )


def schema() -> None:
    """The tables of the release with their columns and what they mean."""
    st.header(t("sql_tables"), anchor="tables")
    st.caption(t("sql_descriptions"))
    tables = data.query(console.TABLES).set_index("table_name")["description"]
    chosen = st.selectbox(t("sql_table"), list(tables.index), key="sql_table")
    st.write(plain(tables[chosen]))
    figures.table(data.query(console.COLUMNS, table=chosen), ["column_name", "data_type", "description"])


def page() -> None:
    """Draw the page."""
    st.title(t("nav_sql"), anchor=False)
    st.write(t("sql_lead", seconds=number(console.seconds()), rows=number(console.LIMITS.rows)))
    statement_form()
    remember()
    if st.session_state.pop("sql_is_asked", False):
        run()
    if st.session_state.get("sql_job"):
        wait(st.session_state["sql_job"])
    if st.session_state.get("sql_done"):
        result(st.session_state["sql_done"])
    schema()


show(page)
