"""Errors for the person who must act: a message says what is wrong, where, and what is allowed."""

from __future__ import annotations


class SmvAiError(Exception):
    """An expected failure; `exit_code` is what the command ends with."""

    exit_code = 1


class BadInputError(SmvAiError):
    """A seed breaks a rule: nothing was built."""

    exit_code = 2


class BuildError(SmvAiError):
    """A model or a data test failed: nothing was released."""

    exit_code = 3


class AuditError(SmvAiError):
    """The audit refused the build: nothing was released."""

    exit_code = 4


class SystemStateError(SmvAiError):
    """The disk or the permissions do not allow the work."""

    exit_code = 5
