"""The command in a process of its own, on a workspace or on a prepared build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DRIVER = Path(__file__).with_name("prepared_build.py")
# Seconds that a test waits for what must come: so long only where something hangs, never because a machine is busy.
PATIENCE = 600


def run_prepared(prepared: Path, workspace: dict[str, str], *options: str, seconds: float = 0):
    command = [sys.executable, str(DRIVER), str(prepared), str(seconds), *options]
    return subprocess.run(command, env=workspace, capture_output=True, text=True, check=False, timeout=PATIENCE)


def smv_ai(workspace: dict[str, str], *arguments: str):
    command = [sys.executable, "-m", "smv_ai.cli", *arguments]
    return subprocess.run(command, env=workspace, capture_output=True, text=True, check=False, timeout=PATIENCE)
