"""A file that a reader asked for stays until it can have been fetched, whatever other readers do meanwhile.

Streamlit makes a download when its button is clicked and forgets it after the second run of any reader's script: with
many readers that is a tenth of a second, and over a slow line the address leads nowhere.
"""

from __future__ import annotations

import time

from streamlit.runtime.media_file_manager import MediaFileMetadata

SECONDS = 60.0


def _mark(file: MediaFileMetadata) -> None:
    file.__dict__.setdefault("unused_since", time.monotonic())


def _is_over(file: MediaFileMetadata) -> bool:
    since = file.__dict__.get("unused_since")
    return since is not None and time.monotonic() - since >= SECONDS


def keep() -> None:
    """Let files that nobody's page shows be removed SECONDS after Streamlit first found them unused."""
    for name, value in (("mark_for_delete", _mark), ("is_marked_for_delete", property(_is_over))):
        setattr(MediaFileMetadata, name, value)
