"""What is the same for all readers is made once and kept: rows, frames of figures, charts.

Streamlit's own caches hash every argument anew with each call, which for some dozens of calls a page takes longer than
to draw it; here a key is what Python can look up as it stands.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

Value = TypeVar("Value")
Key = tuple[Hashable, ...]


class Memory(Generic[Value]):
    """The results of a function, at most so many: the longest unused is forgotten first.

    Arguments whose names begin with `_` follow from the others and are no part of the key. Each result is made once;
    whoever asks meanwhile waits. Where the run of a reader ends before it is made, the next who asks makes it. All
    share the results: nobody may change one in place.
    """

    all: ClassVar[WeakSet[Memory]] = WeakSet()

    def __init__(self, make: Callable[..., Value], most: int) -> None:
        functools.update_wrapper(self, make)
        self._make, self._most = make, most
        names = inspect.signature(make).parameters
        self._keyed = [place for place, name in enumerate(names) if not name.startswith("_")]
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self.all.add(self)

    def __call__(self, *arguments: Any) -> Value:
        """The result for these arguments, which are given by place."""
        key = tuple(arguments[place] for place in self._keyed)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                value = self._make(*arguments)
                with self._lock:
                    self._kept[key] = value
                    if len(self._kept) > self._most:
                        self._kept.popitem(last=False)
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def __iter__(self) -> Iterator[Key]:
        """The keys of what is kept."""
        with self._lock:
            return iter(list(self._kept))

    def clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._kept.clear()


def kept(most: int) -> Callable[[Callable[..., Value]], Memory[Value]]:
    """Keeps so many results of a function; see Memory."""
    return lambda make: Memory(make, most)


def forget_all() -> None:
    """Forget whatever is kept for all readers, for instance where there is a new release."""
    for memory in list(Memory.all):
        memory.clear()


def frozen(value: Any) -> Hashable:
    """A parameter of a query, or all of them by name, as a part of a key."""
    if isinstance(value, dict):
        return tuple((name, frozen(part)) for name, part in sorted(value.items()))
    return tuple(map(frozen, value)) if isinstance(value, list) else value
