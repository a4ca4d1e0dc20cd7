"""The app without a browser: open a page of it on a folder of releases. The pages are those in the folder `pages`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.commands import PATIENCE

from smv_ai.environment import RELEASE_FOLDERS, Kind

APP = Path(__file__).resolve().parents[3] / "streamlit_app"
FIRST = "overview"


def page_names() -> list[str]:
    """The pages of the app, by their files."""
    return sorted(path.stem for path in (APP / "pages").glob("*.py"))


def read_csv(name: str, content: bytes) -> pd.DataFrame:
    """The rows of a CSV that the app saved under a name; those for a Danish Excel have commas for points."""
    marks = {"sep": ";", "decimal": ","} if name.endswith("_excel.csv") else {}
    return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig", **marks)


def open_page(
    releases: Path, monkeypatch: pytest.MonkeyPatch, page: str, *, kind: Kind = Kind.WAREHOUSE, **address: str
) -> AppTest:
    """The app of a kind after a first visit to a page whose address has these parameters."""
    monkeypatch.setenv(RELEASE_FOLDERS[kind][0], str(releases))
    monkeypatch.setenv("SMV_AI_APP_KIND", kind)
    if str(APP) not in sys.path:  # as `streamlit run` makes it
        monkeypatch.syspath_prepend(str(APP))
    app = AppTest.from_file(str(APP / "app.py"), default_timeout=PATIENCE)
    app.query_params.update(address)
    app.run()
    if page != FIRST:
        app.switch_page(f"pages/{page}.py")
        app.query_params.update(address)
        app.run()
    return app
