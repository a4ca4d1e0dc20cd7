"""Demonstration responses: plans, codebook rows and printed figures in, response files out; see demo/README.md.

Only a demonstration build comes here. Nothing in this room may write where real responses or releases lie.
"""

from typing import Any

__all__ = ["demo_folder", "register_folder", "unmet_targets", "write_registers", "write_responses"]


def __getattr__(name: str) -> Any:
    """The functions of this package, imported when asked for: a check reads plans and needs no data frames."""
    if name not in __all__:
        raise AttributeError(name)
    from smv_ai.demo import register_files, responses

    return getattr(register_files if "register" in name else responses, name)
