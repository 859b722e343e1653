"""Stage: where the verbs act. Set by whoever runs a program; plain printing where nobody does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Protocol


class Stage(Protocol):
    """What a verb may do to the world around it."""

    location: str | None
    """The last `Step`, as "Main:03"; None before the first."""

    def show(self, markdown: str) -> None:
        """Show a message to the user."""
        ...


class PlainStage:
    """The stage of a program that runs outside every notebook: text on standard output."""

    location: str | None = None

    def show(self, markdown: str) -> None:
        sys.stdout.write(markdown + "\n")


_stage: ContextVar[Stage | None] = ContextVar("playbooks_ipython_stage", default=None)
_nobody = PlainStage()


def current_stage() -> Stage:
    return _stage.get() or _nobody


@contextmanager
def acting_on(stage: Stage) -> Iterator[None]:
    """Let the verbs of this context act on `stage`."""
    token = _stage.set(stage)
    try:
        yield
    finally:
        with suppress(ValueError):  # closed from outside its task: nothing to take back
            _stage.reset(token)
