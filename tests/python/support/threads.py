"""How many threads DuckDB has in a project that a test builds."""

from __future__ import annotations

from pathlib import Path

import yaml

from smv_ai.environment import PROJECT_DIR


def give_threads(folder: Path, threads: int) -> None:
    """Write a profile of its own for the linked project in the folder: that of the project, with so many threads."""
    profile = yaml.safe_load((PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8"))
    profile["smv_ai"]["outputs"]["build"]["config_options"]["threads"] = threads
    (folder / "profiles.yml").unlink()
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
