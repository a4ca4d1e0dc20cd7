"""Errors for the person who must act, and the exit codes of the command: the one place that lists them."""

from __future__ import annotations

import errno
import re
from enum import IntEnum


class ExitCode(IntEnum):
    """What `smv-ai` ends with; docs/operating.md says what to do about each."""

    DONE = 0  # built and released; for other commands: done
    INTERNAL = 1  # a defect of this program
    BAD_INPUT = 2  # a seed breaks a rule, or a response file cannot be used
    TESTS_FAILED = 3  # a model or a data test failed
    AUDIT_REFUSED = 4  # the audit refused the build
    ENVIRONMENT = 5  # disk, memory or permissions
    LOCKED = 6  # another run holds the lock
    NO_RELEASE = 7  # there is no such release, or it is damaged
    UNCHANGED = 10  # the content is that of the current release: nothing was published
    USAGE = 64  # the command line is wrong
    INTERRUPTED = 130  # stopped by a signal


class SmvAiError(Exception):
    """An expected failure; `exit_code` is what the command ends with."""

    exit_code = ExitCode.INTERNAL


class BadInputError(SmvAiError):
    """A seed breaks a rule, or a response file cannot be used: nothing was released."""

    exit_code = ExitCode.BAD_INPUT


class BuildError(SmvAiError):
    """A model or a data test failed: nothing was released."""

    exit_code = ExitCode.TESTS_FAILED


class AuditError(SmvAiError):
    """The audit refused the build: nothing was released."""

    exit_code = ExitCode.AUDIT_REFUSED


class SystemStateError(SmvAiError):
    """The disk, the memory or the permissions do not allow the work."""

    exit_code = ExitCode.ENVIRONMENT


class LockedError(SmvAiError):
    """Another run holds the lock."""

    exit_code = ExitCode.LOCKED


class NoReleaseError(SmvAiError):
    """There is no such release, or it is damaged; the message says what to do."""

    exit_code = ExitCode.NO_RELEASE


class NotLookedError(NoReleaseError):
    """Nobody could look whether a release is damaged: memory, open files or permissions of this machine are lacking."""

    exit_code = ExitCode.ENVIRONMENT


class OtherKindError(NoReleaseError):
    """There is a release, but of the other kind: a demonstration for a warehouse, or the other way round.

    `wanted` is the kind that was to be opened, a value of `environment.Kind`.
    """

    def __init__(self, message: str, wanted: str) -> None:
        super().__init__(message)
        self.wanted = wanted


ENVIRONMENT_ERRNOS = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO,
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOTDIR, errno.EBUSY, errno.EAGAIN, errno.EPIPE,
}  # fmt: skip
# DuckDB and dbt hand the operating system's message on as text.
ENVIRONMENT_TEXT = re.compile(
    r"No space left on device|Disk quota exceeded|Permission denied|Read-only file system|Input/output error"
    r"|Too many open files|Cannot allocate memory|Out of Memory Error|Not a directory|File too large"
    r"|can't start new thread|Resource temporarily unavailable|No usable temporary directory",
    re.IGNORECASE,
)


def environment_cause(error: BaseException | str) -> str | None:
    """The line that shows that the machine, not the data, stood in the way; None where it did not."""
    if isinstance(error, OSError) and error.errno in ENVIRONMENT_ERRNOS:
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory"
    return next((line.strip() for line in str(error).splitlines() if ENVIRONMENT_TEXT.search(line)), None)
