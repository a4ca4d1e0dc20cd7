"""`smv-ai golden`: run cases with known answers through the project's own models and compare.

Here belongs reading the cases, writing them as inputs of the models, and the comparison. No formula does.
"""

from smv_ai.golden.command import main

__all__ = ["main"]
