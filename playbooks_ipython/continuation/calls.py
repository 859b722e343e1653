"""Calls: what the header of a loop or a manager called, with which operands, to be called again.

The call itself stands in the user's frame (`call.function(*call.arguments, **call.keywords)`), so
that no frame of ours is in its traceback.
"""

from __future__ import annotations

import csv
import io
import itertools
import weakref
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from playbooks_ipython.continuation.adoption import adopt, probe
from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.places import Method

# They do nothing with an iterable but to iterate over it.
_PURE_STEPS: frozenset[Any] = frozenset(
    [enumerate, zip, map, filter, csv.reader, csv.DictReader]
) | {kind for kind in vars(itertools).values() if isinstance(kind, type)}
# These ask their operands for iterators when they are called, as `_stepped` does before it.
_STEP_AT_ONCE = (enumerate, zip, map, filter)

_moved: weakref.WeakValueDictionary[int, Call] = weakref.WeakValueDictionary()


class Call:
    """One call, made or still to be made. `files` are the open ones among its operands, with the
    positions that they had before it.
    """

    __slots__ = (
        "__weakref__",
        "arguments",
        "files",
        "function",
        "home",
        "is_awaited",
        "keywords",
        "line",
    )

    def __init__(
        self,
        line: int,
        function: Callable[..., Any] = iter,
        arguments: tuple[Any, ...] = (),
        keywords: dict[str, Any] | None = None,
        home: str | None = None,
    ) -> None:
        self.line, self.function, self.home = line, function, home
        self.arguments, self.keywords = arguments, keywords or {}
        self.files: list[tuple[Any, int]] = []
        self.is_awaited = False

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            name: getattr(self, name)
            for name in ("function", "arguments", "keywords", "files", "home", "is_awaited")
        }
        return Call, (self.line,), (None, state)

    @property
    def name(self) -> str:
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    @property
    def owner(self) -> Any:
        """The object whose method is called, or None."""
        function = self.function
        return function.owner if type(function) is Method else getattr(function, "__self__", None)

    @property
    def said(self) -> str:
        """The call as a person is told of it."""
        where = f" of {self.home}" if self.home else ""
        return f"{self.name}() in line {self.line}{where}"

    def notice(self, text: str, consequence: str) -> Notice:
        return Notice(self.line, text.format(name=self.name), consequence, self.home)

    def prepare(self) -> None:
        """Note what the call will move; give it lines that can be counted instead of a file."""
        for operand in self.arguments:
            if _tells(operand):
                self.files.append((operand, operand.tell()))
        if self.function in _PURE_STEPS:
            self.arguments = tuple(map(lines_of, self.arguments))
        if self.function in _STEP_AT_ONCE:
            self.arguments = tuple(map(_stepped, self.arguments))

    def hold_files(self) -> None:
        """From now on files that cannot tell where they are count as where they were then."""
        for file, _ in self.files:
            _moved[id(file)] = self

    def make(self) -> Any:
        """Make the call, with files at the positions that they had before it."""
        for file, position in self.files:
            file.seek(position)
        self.hold_files()
        return self.function(*self.arguments, **self.keywords)


def position_before(file: object) -> int | None:
    """Where a file stood before a call that reads from it and will be made again; else None."""
    call = _moved.get(id(file))
    found = (position for one, position in call.files if one is file) if call else ()
    return next(iter(found), None)


def lines_of(iterator: Any) -> Any:
    """The lines of a text file, so that its position can be told in between; else the same.

    Iterating over the file itself forbids `tell` until its end; `readline` does not.
    """
    if isinstance(iterator, io.TextIOWrapper) and _tells(iterator):
        lines: Iterator[str] = iter(iterator.readline, "")
        return lines
    return iterator


def _stepped(operand: Any) -> Any:
    """The iterator of an operand whose class makes it by a generator, adopted; else the same."""
    kind = type(operand)
    if isinstance(getattr(kind, "__iter__", None), FunctionType) and not hasattr(kind, "__next__"):
        return adopt(iter(operand), "stepped")
    return operand


class _Probe:
    def __iter__(self) -> Iterator[None]:
        return probe()


_stepped(_Probe())


def _tells(file: object) -> bool:
    """Tell whether something is a file that knows where it is; after `next(file)` none does."""
    try:
        return isinstance(file, io.IOBase) and file.tell() >= 0
    except (OSError, ValueError):  # no position; closed
        return False
