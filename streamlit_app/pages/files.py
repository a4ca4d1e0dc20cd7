"""Data and methods: the release as files, methods, dictionary, changes, how to cite it, and where the reports are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from shared import data, exports, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import language, number, plain, t

from smv_ai.environment import PROJECT_DIR
from smv_ai.releases.dictionary import dictionary
from smv_ai.releases.folder import Release

# What the zip holds of a release, besides its tables.
TABLES = ("parquet", "csv", "csv_excel")
PAPERS = ("CITATION.cff", "changes.md", "changes.json", "datapackage.json", "release.json")
METHODS = PROJECT_DIR / "docs" / "methods.md"

REPORTS = """
select publication_id, publisher, title_{lang} as title, authors, published_year, citation, source_file,
    source_line_count, source_sha256, licence_note,
    regexp_extract(coalesce(citation, '') || ' ' || coalesce(licence_note, ''), 'https?://[^ )>,;]+') as address
from marts.dim_publications order by publisher, title"""


def everything(release: Release) -> bytes:
    """The release as a zip: tables in three formats, their description, citation, changes, methods, dictionary."""
    content = io.BytesIO()
    folder = f"smv_ai_{release.release_id}"
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for file in [path for name in TABLES for path in sorted((release.path / name).glob("*"))]:
            package.write(file, f"{folder}/{file.parent.name}/{file.name}")
        for name in PAPERS:
            if (release.path / name).is_file():
                package.write(release.path / name, f"{folder}/{name}")
        if METHODS.is_file():
            package.write(METHODS, f"{folder}/methods.md")
        package.writestr(f"{folder}/dictionary.md", dictionary(release))
    return content.getvalue()


def _save(label: str, name: str, make: bytes | Callable[[], bytes], mime: str, key: str) -> None:
    st.download_button(
        label, data=make, file_name=name, mime=mime, key=key, on_click="ignore", icon=":material/download:"
    )


def download() -> None:
    """Everything as one zip, or one table in a format."""
    release, prefix = data.release(), figures.file_prefix()
    st.markdown(t("download_all_what"))
    _save(
        t("download_all"), f"{prefix}smv_ai_{release.release_id}.zip", partial(everything, release), "application/zip",
        "download_all",
    )  # fmt: skip
    names = sorted(path.stem for path in (release.path / "parquet").glob("*.parquet"))
    if not names:
        return
    st.subheader(t("download_table"), anchor="one-table")
    table = state.choose(t("sql_table"), {name: name for name in names}, "table")
    with st.container(horizontal=True):
        for folder, kind, label in zip(
            TABLES, ("parquet", "csv", "csv"), ("Parquet", "CSV", "CSV (dansk Excel)"), strict=True
        ):
            file = release.path / folder / f"{table}.{kind}"
            if file.is_file():
                name = f"{prefix}{table}_{release.release_id}{'_excel' if folder == 'csv_excel' else ''}.{kind}"
                _save(t("save_as", kind=label), name, file.read_bytes, "application/octet-stream", f"table_{folder}")


def _document(path: Path) -> None:
    if language() == "da":
        st.caption(t("in_english"))
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        # The page has its title already.
        st.markdown(text.partition("\n")[2] if text.startswith("# ") else text)
    else:
        st.info(t("none_found"))


def methods() -> None:
    """How figures are read, their uncertainty, what may be compared."""
    _document(METHODS)


def words() -> None:
    """Every table and column with its meaning."""
    if language() == "da":
        st.caption(t("in_english"))
    st.markdown(dictionary(data.release()).partition("\n")[2])


def changes() -> None:
    """What differs from the release before."""
    _document(data.release().path / "changes.md")


def cite() -> None:
    """The release as a reference, for people and for programs."""
    release = data.release()
    said = figures.cited_release()
    entry = (t("app"), "smv_ai", release.created_at[:4], said, state.page_address())
    st.code(f"{t('app')}. {said} {state.page_address()}", language=None, wrap_lines=True)
    name = f"{figures.file_prefix()}smv_ai_{release.release_id}"
    with st.container(horizontal=True):
        key = f"smv_ai_{release.release_id}"
        _save("BibTeX", f"{name}.bib", exports.bibtex(key, *entry).encode(), "text/plain", "cite_bib")
        _save("RIS", f"{name}.ris", exports.ris(*entry).encode(), "text/plain", "cite_ris")
        cff = release.path / "CITATION.cff"
        if cff.is_file():
            _save("CITATION.cff", "CITATION.cff", cff.read_bytes, "text/plain", "cite_cff")


def reports() -> None:
    """The reports behind the figures: how to cite each, its address where it is known, the text that was read."""
    for row in data.query(REPORTS).to_dict("records"):
        st.subheader(plain(row["title"]), anchor=row["publication_id"].replace("_", "-"))
        st.markdown(plain(row["citation"]))
        if row["address"]:
            st.link_button(plain(row["address"]), row["address"])
        else:
            st.caption(t("report_none"))
        told = t(
            "report_lines",
            file=row["source_file"],
            n=number(row["source_line_count"]),
            digest=row["source_sha256"][:12],
        )
        st.caption(plain(told))


PARTS = {
    "download": download,
    "reports": reports,
    "methods": methods,
    "dictionary": words,
    "changes": changes,
    "cite": cite,
}


@part
def parts() -> None:
    """One part of the page at a time."""
    names = {name: t(f"tab_{name}") for name in PARTS}
    chosen = state.switch(t("choose_part"), names, "part")
    st.header(names[chosen], anchor=False)
    PARTS[chosen]()


def page() -> None:
    """Draw the page."""
    heading("files", follows_evidence=False)
    parts()


show(page)
