"""Where things lie: one place that knows the folders of the project and of its releases."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT_DIR = Path(os.environ.get("SMV_AI_PROJECT_DIR", Path(__file__).resolve().parent.parent))
DATABASE_NAME = "smv_ai.duckdb"
# The private file that dbt writes. Its path never changes: dbt parses the whole project anew when it does.
BUILD_FILE = PROJECT_DIR / "target" / "build" / DATABASE_NAME


def release_dir() -> Path:
    """The folder of all releases; SMV_AI_RELEASE_DIR moves it away from the project."""
    return Path(os.environ.get("SMV_AI_RELEASE_DIR", PROJECT_DIR / "release"))
