"""What comes with the first byte: the files that a page needs are asked for early, and after the app's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit import file_util
from support.app_pages import APP, page_names


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch):
    """The module that makes the page."""
    monkeypatch.syspath_prepend(str(APP))
    from shell import page

    return page


@pytest.mark.parametrize("page", page_names())
def test_every_early_file_is_there_with_all_that_it_imports(shell, page: str) -> None:
    folder = Path(file_util.get_static_dir(), "static/js")
    files = shell.early_files(page)
    assert len(files) == len(set(files)) > len(shell.EARLY[page])
    for name in shell.EARLY[page]:
        assert any(file.startswith(f"{name}.") for file in files), f"Streamlit no longer has {name}: mend shell/page.py"
    for file in files:
        assert set(shell.IMPORT.findall((folder / file).read_text(encoding="utf-8"))) <= set(files), file


def test_early_files_wait_for_the_apps_own_and_are_asked_for_once(shell) -> None:
    head = shell.page("", "da").decode().partition("</head>")[0]
    early = re.findall(r'<link rel="modulepreload" crossorigin fetchpriority="low" href="\./static/js/([^"]+)">', head)
    assert len(early) > 20
    assert head.index(early[0]) > head.index('<script type="module"')
    assert all(head.count(file) == 1 for file in early)
