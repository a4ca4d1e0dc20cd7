"""Threads of linear algebra: none of its own, as dbt's threads and the processes of tests fill the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MULTIPLIES = """
from smv_ai.survey.inference import variance
import numpy, os
numpy.ones((500, 500)) @ numpy.ones((500, 500))
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux lists the threads of a process there")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread")
def test_matrices_are_multiplied_in_the_thread_that_asks() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    found = subprocess.run(
        [sys.executable, "-c", MULTIPLIES], env=environment, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "1"
