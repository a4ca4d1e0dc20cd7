"""`smv-ai golden`: run cases with known answers through the project's own macros and models and compare the results."""

from smv_ai.golden.command import main

__all__ = ["main"]
