"""Putting a folder that was written in private in the place of the one that was there."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


def switch(written: Path, target: Path) -> None:
    """Put the folder in the place of the target."""
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent)) / "old"
        target.rename(old)
        written.rename(target)
        shutil.rmtree(old.parent)
    else:
        written.rename(target)
