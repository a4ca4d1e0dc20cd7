"""Pictures of Vega-Lite specifications, each drawn in a process of its own.

The renderer ends its whole process where a text holds a control character, and takes minutes for a label of 100,000
letters. So it never runs inside the server: the process of a picture is limited by the kernel and killed at its
time-out, and what goes wrong with it is a message to the one reader who asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass

from smv_ai.errors import SmvAiError
from smv_ai.seeds.characters import cleaned
from smv_ai.sql.sandbox import CODE, ENVIRONMENT, MEBIBYTE

# time: the time-out; failed: the process refused the specification, went down, or met a limit of the kernel; busy: no
# place became free.
REASONS = ("time", "failed", "busy")


@dataclass(frozen=True)
class Limits:
    """What the process of a picture may use."""

    seconds: float = 10
    bytes_of_data: int = 1024 * MEBIBYTE
    scale: float = 2.0  # of a PNG: twice the size of the screen


LIMITS = Limits()
COMMAND = (sys.executable, "-X", "utf8", "-m", "smv_ai.pictures.process")


class PictureError(SmvAiError):
    """A picture that could not be drawn; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the picture could not be drawn ({reason})")
        self.reason = reason


def draw(spec: dict, kind: str, limits: Limits | None = None, command: tuple[str, ...] = COMMAND) -> bytes:
    """The picture of a Vega-Lite specification, `png`, `svg` or `pdf`, its words cleaned of what cannot be drawn.

    Without `limits` those of this module hold. Raises PictureError, at the latest after `limits.seconds`.
    """
    limits = limits or LIMITS
    task = json.dumps({"spec": cleaned(spec), "kind": kind} | asdict(limits))
    process = subprocess.Popen(
        command,
        cwd=CODE,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        content, _ = process.communicate(task.encode(), timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise PictureError("time") from None
    finally:
        process.kill()
        process.communicate()
    if process.returncode != 0 or not content:
        raise PictureError("failed")
    return content
