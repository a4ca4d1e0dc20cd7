"""Demonstration responses: plans in demo/, codebook rows and printed figures in, response files out; see demo/README.md."""

from smv_ai.demo.responses import unmet_targets, write_responses

__all__ = ["unmet_targets", "write_responses"]
