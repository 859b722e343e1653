"""Host: what the executor asks of the place that it runs in: a notebook, a terminal, a script."""

from __future__ import annotations

import itertools
import linecache
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from playbooks_ipython.execution.around import Values

Part = tuple[str, str]
"""Something shown: channel and data; "stdout", "stderr", or "display" (a MIME bundle as JSON)."""


_numbers = itertools.count(1)


class Host(Protocol):
    """A place that runs cells."""

    location: str | None
    """The last `Step` of the program, as "Main:03"."""

    @property
    def hidden(self) -> frozenset[str]:
        """Names in the namespace that are not the user's."""
        ...

    def learn_source(self, text: str, filename: str | None = None) -> str:
        """Make the program's lines known to tracebacks; return the file name to compile under.

        A stream grows: `filename` is then what the call before returned.
        """
        ...

    def show(self, markdown: str) -> None:
        """Show a message of the program to the user."""
        ...

    def notice(self, message: str, *, once: bool = False) -> None:
        """Tell the user, in one line, something that the package has to say; `once` a process."""
        ...

    def capturing(self) -> AbstractContextManager[None]:
        """Note what is printed and shown in here; it still reaches the user as ever."""
        ...

    def replay(self, parts: Sequence[Part]) -> None:
        """Show kept output again, without noting it."""
        ...

    def take_output(self) -> list[Part]:
        """Return what was printed and shown since the last call, in order."""
        ...

    def set_around(self, values: Values) -> None:
        """A run went on: cells after it find these context variables, as those before it did."""
        ...

    def changed(self, run: str, n: int) -> None:
        """A run has a new checkpoint or a new state: whoever displays it may look again."""
        ...


class PlainHost:
    """A host without a notebook: messages on standard output, notices on standard error."""

    location: str | None = None
    hidden: frozenset[str] = frozenset({"__builtins__", "__name__"})

    def learn_source(self, text: str, filename: str | None = None) -> str:
        filename = filename or f"<playbook {next(_numbers)}>"
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        return filename

    def show(self, markdown: str) -> None:
        sys.stdout.write(markdown + "\n")

    def __init__(self) -> None:
        self._said: set[str] = set()

    def notice(self, message: str, *, once: bool = False) -> None:
        if not (once and message in self._said):
            sys.stderr.write(f"playbook: {message}\n")
        if once:
            self._said.add(message)

    def capturing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def replay(self, parts: Sequence[Part]) -> None:
        for channel, data in parts:
            (sys.stderr if channel == "stderr" else sys.stdout).write(data)

    def take_output(self) -> list[Part]:
        return []

    def set_around(self, values: Values) -> None:
        """There are no cells here."""

    def changed(self, run: str, n: int) -> None:
        """Nobody displays runs here."""
