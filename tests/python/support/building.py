"""Which tests need a build: those that reach one of the functions that build, however they come to it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

import pytest
from support.project import run_build

from smv_ai.build.run import build_release
from smv_ai.golden.build import run_dbt
from smv_ai.golden.command import run_cases

BUILDERS = {build_release, run_dbt, run_cases, run_build}


def _names(code: CodeType) -> Iterator[str]:
    """The global names that code mentions, in functions and comprehensions inside it, too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


@functools.cache
def builds(function: Callable) -> bool:
    """Whether a function of the tests mentions a builder, or another function of the tests that does."""
    return _reaches_builder(function, set())


def _reaches_builder(function: Callable, seen: set[Callable]) -> bool:
    if function in BUILDERS:
        return True
    if not isinstance(function, FunctionType) or function in seen or function.__module__.startswith("smv_ai"):
        return False
    seen.add(function)
    names = set(_names(function.__code__))
    if "getfixturevalue" in names:  # which fixture, nobody knows before it runs
        return True
    mentioned = [function.__globals__[name] for name in names if name in function.__globals__]
    for module in [vars(found) for found in mentioned if isinstance(found, ModuleType)]:
        mentioned += [module[name] for name in names if name in module]
    return any(callable(found) and _reaches_builder(getattr(found, "__wrapped__", found), seen) for found in mentioned)


def needs_build(item: pytest.Function) -> bool:
    """Whether a test, or a fixture that it asks for at any remove, builds."""
    fixtures = [made.func for found in item._fixtureinfo.name2fixturedefs.values() for made in found]
    return any(builds(function) for function in [item.function, *fixtures])
