"""A file that was made for a reader can be fetched though others go on, and is gone some time after."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from support.app_pages import APP


def test_a_file_stays_until_it_can_have_been_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(APP))
    from shell import downloads

    kind = media_file_manager.MediaFileMetadata
    for name in ("mark_for_delete", "is_marked_for_delete"):  # put back what `keep` replaces
        monkeypatch.setattr(kind, name, getattr(kind, name))
    downloads.keep()
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    address = files.execute_deferred(files.add_deferred(lambda: b"1,2", "text/csv", "place", "a.csv"))
    name = Path(address).stem
    for _ in range(5):  # five readers turn a filter
        files.remove_orphaned_files()
    assert files.read_file(name) is not None
    monkeypatch.setattr(downloads, "SECONDS", 0.0)
    files.remove_orphaned_files()
    assert files.read_file(name) is None
