"""Demonstration responses: plans, codebook rows and printed figures in, response files out; see demo/README.md."""

from smv_ai.demo.responses import demo_folder, unmet_targets, write_responses

__all__ = ["demo_folder", "unmet_targets", "write_responses"]
