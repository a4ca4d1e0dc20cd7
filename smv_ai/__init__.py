"""Build, audit and release the smv_ai warehouse; open a release for reading."""

import os

# OpenBLAS reads this once, when numpy is first imported. Our matrices are small, and dbt's threads and the processes of
# tests fill the machine: threads of OpenBLAS would wait for each other, turning, for two thirds of a build's time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
