"""What the first reader would wait for, made before there is one: every page in each language, files compressed."""

from __future__ import annotations

import gc
import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.navigation import pages
from shared.text import LANGUAGES
from streamlit.testing.v1 import AppTest

from shell import assets, page

ENCODING = "br"  # what every browser takes
# What Python loads for the first button, table and file of any reader, a tenth of a second for each.
LATER = (
    "streamlit.emojis", "pandas.io.formats.style", "pyarrow.parquet", "shared.breakdown", "shared.matched",
    "shared.official", "shared.console",
)  # fmt: skip


def _files() -> None:
    for path in page.files():
        file = assets.find(path)
        if file is not None:
            assets.compressed(file, ENCODING)


def draw(entry: Path) -> None:
    """Draw every page in each language as a reader without a browser, and compress the files meanwhile.

    Some five seconds of processor time, once a process: a page that is drawn for the first time takes three to eight
    times as long as the next time. Where there is no release, the first page says so to nobody.
    """
    with ThreadPoolExecutor(1) as beside:
        compressed = beside.submit(_files)
        for module in LATER:
            importlib.import_module(module)
        for language in LANGUAGES:
            app = AppTest.from_file(str(entry), default_timeout=60)
            for name in pages():
                if name != page.FIRST:
                    app.switch_page(f"pages/{name}.py")
                app.query_params["lang"] = language
                app.run()
                if "release_settled" not in app.session_state:
                    break
        compressed.result()
    # What stays until the end is left out of each full collection, which takes a tenth of a second with it.
    gc.collect()
    gc.freeze()
