"""The notebook as a host: output is noted while it is shown, lines are known to tracebacks."""

from __future__ import annotations

import json
import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Markdown, display

from playbooks_ipython.execution.around import Values, give_around
from playbooks_ipython.execution.host import Part
from playbooks_ipython.kernel.events import Events
from playbooks_ipython.kernel.objects import standard_stream


class Tee:
    """A stream that notes what is written to it. Everything else is the stream's own."""

    def __init__(self, name: str, stream: TextIO, note: Callable[[str], None]) -> None:
        self._name, self._stream, self._note = name, stream, note

    def write(self, text: str) -> int:
        self._note(text)
        return self._stream.write(text)

    def __reduce__(self) -> Any:
        return standard_stream, (self._name,)

    def writelines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class NotebookHost:
    """One IPython shell as a place that runs cells."""

    def __init__(self, shell: InteractiveShell, events: Events) -> None:
        self.shell, self.events = shell, events
        self.location: str | None = None
        self.cell: tuple[str, str] | None = None
        """The program of the cell that is running, and the cell's whole text."""
        self._parts: list[Part] = []
        self._capturing = False
        self._said: set[str] = set()
        self._numbers = 0
        self._around: Values = ()

    @property
    def hidden(self) -> frozenset[str]:
        own, names = self.shell.user_ns_hidden, self.shell.user_ns
        return frozenset(name for name, value in own.items() if names.get(name) is value)

    def learn_source(self, text: str, filename: str | None = None) -> str:
        """Give the running cell's own lines its own name ("Cell In[3]"), others a playbook's."""
        if self.cell is not None and self.cell[0] == text:
            number = self.shell.execution_count - 1
            name: str = self.shell.compile.cache(text, number, raw_code=self.cell[1])
            return name
        if filename is None or not filename.startswith("<playbook"):
            self._numbers += 1
            filename = f"<playbook {self._numbers}>"
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        return filename

    def set_around(self, values: Values) -> None:
        self._around = values

    def before_cell(self) -> None:
        """Give a cell that begins, in the context that it runs in, what a dead kernel's had."""
        give_around(self._around)

    def show(self, markdown: str) -> None:
        display(Markdown(markdown))  # type: ignore[no-untyped-call]  # IPython's own is untyped

    def notice(self, message: str, *, once: bool = False) -> None:
        if not (once and message in self._said):
            sys.stderr.write(f"playbook: {message}\n")
        if once:
            self._said.add(message)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        out, err, publish = sys.stdout, sys.stderr, self.shell.display_pub.publish
        tees = tuple(Tee(n, s, self._noter(n)) for n, s in (("stdout", out), ("stderr", err)))
        sys.stdout, sys.stderr = tees
        self._publish_with(self._noting(publish))
        self._capturing = True
        try:
            yield
        finally:
            self._capturing = False
            self._publish_with(publish)
            # A stream that the user's code has put in our place is the user's to keep.
            sys.stdout = out if sys.stdout is tees[0] else sys.stdout
            sys.stderr = err if sys.stderr is tees[1] else sys.stderr

    def replay(self, parts: Sequence[Part]) -> None:
        for channel, data in parts:
            if channel == "display":
                display(json.loads(data), raw=True)  # type: ignore[no-untyped-call]  # as above
            else:
                (sys.stderr if channel == "stderr" else sys.stdout).write(data)

    def take_output(self) -> list[Part]:
        parts, self._parts = self._parts, []
        return parts

    def changed(self, run: str, n: int) -> None:
        self.events.push(run, n)

    def _publish_with(self, publish: Callable[..., Any]) -> None:
        self.shell.display_pub.publish = publish  # type: ignore[method-assign]  # for this run

    def _noter(self, channel: str) -> Callable[[str], None]:
        def note(text: str) -> None:
            if not self._capturing:
                return  # a handler that the program made writes on through us after the run
            last = self._parts[-1] if self._parts else None
            if last is not None and last[0] == channel:
                self._parts[-1] = (channel, last[1] + text)
            else:
                self._parts.append((channel, text))

        return note

    def _noting(self, publish: Callable[..., Any]) -> Callable[..., Any]:
        def noted(data: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            try:
                self._parts.append(("display", json.dumps(data)))
            except (TypeError, ValueError):
                # Not plain JSON (bytes of an image): its text stands for it.
                self._parts.append(("stdout", str(data.get("text/plain", "")) + "\n"))
            return publish(data, *args, **kwargs)

        return noted
