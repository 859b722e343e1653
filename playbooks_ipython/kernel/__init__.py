"""Kernel: the notebook's side of it all. The only place that knows IPython and ipykernel."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.errors import (
    AnotherRun,
    CheckpointNotFound,
    PlaybookError,
    RunNotFound,
)
from playbooks_ipython.execution.restoring import awaits
from playbooks_ipython.kernel.completion import playbook_matcher
from playbooks_ipython.kernel.magics import PlaybookMagics
from playbooks_ipython.kernel.objects import store_by_name
from playbooks_ipython.kernel.session import NotebookSession, as_usage_error
from playbooks_ipython.kernel.tracebacks import begin_at_the_program, show_all_again
from playbooks_ipython.kernel.transform import awaiting


@dataclass(frozen=True, slots=True)
class Loaded:
    """The extension in one shell, and what takes it out again."""

    session: NotebookSession
    undo: ExitStack


_loaded: dict[int, Loaded] = {}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext playbooks_ipython`."""
    if id(shell) in _loaded:
        return
    try:
        session = NotebookSession(shell)
    except PlaybookError as error:
        raise UsageError(str(error)) from None
    magics = PlaybookMagics(session)
    matcher = playbook_matcher(magics.commands, session.runs.catalogue.names)
    transform = awaiting(shell)
    undo = ExitStack()
    session.start()
    undo.callback(session.stop)
    shell.register_magics(magics)
    undo.callback(_forget_magics, shell)
    shell.input_transformers_post.append(transform)
    undo.callback(shell.input_transformers_post.remove, transform)
    shell.Completer.custom_matchers.append(matcher)
    undo.callback(shell.Completer.custom_matchers.remove, matcher)
    begin_at_the_program(shell)
    store_by_name(shell)
    undo.callback(show_all_again, shell)
    _loaded[id(shell)] = Loaded(session, undo)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext playbooks_ipython`: nothing of ours stays; runs and their files do."""
    loaded = _loaded.pop(id(shell), None)
    if loaded is not None:
        loaded.undo.close()


def _forget_magics(shell: InteractiveShell) -> None:
    for kind in ("cell", "line"):
        shell.magics_manager.magics[kind].pop("playbook", None)


def current_session() -> NotebookSession:
    """Return this notebook's session, loading the extension if a fresh kernel has not yet.

    Raises PlaybookError outside IPython.
    """
    shell = get_ipython()
    if shell is None:
        raise PlaybookError("this works in a notebook or in IPython, and neither is running")
    if id(shell) not in _loaded:
        shell.run_line_magic("load_ext", "playbooks_ipython")
    return _loaded[id(shell)].session


async def resume(reference: str) -> Any:
    """Continue a run: `await resume("NAME")`, or from an older checkpoint, `"NAME@N"`.

    Of a finished run, only the variables come back: running this again repeats nothing.
    """
    __tracebackhide__ = True
    session = current_session()
    with as_usage_error(session.shell):
        parsed = parse_reference(reference)
    return await session.resume(parsed)


def restore(
    reference: str, *, keep: tuple[str, ...] = (), exact: bool = False, frame: str | None = None
) -> None:
    """Bring the variables of a checkpoint back; run nothing. `keep` names those left alone.

    `exact` and `frame` are those of `%playbook restore`.
    """
    session = current_session()
    with as_usage_error(session.shell):
        _say(session.restore(parse_reference(reference), keep, exact=exact, frame=frame))


def fork(reference: str, name: str) -> None:
    """Begin the run `name` with a checkpoint, `"NAME@N"`, of another; `resume(name)` goes on.

    Running this again does nothing: the run that it made is there already.
    """
    session = current_session()
    with as_usage_error(session.shell):
        parsed = parse_reference(reference)
        stands = session.runs.forked(parsed, name)
        _say(
            session.fork(parsed, name)
            if stands is None
            else f"{name} is there already, forked after {awaits(stands)}: nothing was done"
        )


def pin(reference: str, *, off: bool = False) -> None:
    """Keep a checkpoint, by default the newest, whatever is tidied up; with `off`, no longer."""
    session = current_session()
    with as_usage_error(session.shell):
        _say(session.pin(parse_reference(reference), pinned=not off))


def delete(reference: str, *, run_id: str | None = None) -> None:
    """Delete a run, `"NAME"`, or one of its checkpoints, `"NAME@N"`.

    With `run_id`, running this again does nothing: what is gone is gone, and a run that has come
    to bear the name meanwhile stays.
    """
    session = current_session()
    with as_usage_error(session.shell):
        try:
            said = session.delete(parse_reference(reference), run_id)
        except (RunNotFound, CheckpointNotFound, AnotherRun) as gone:
            if run_id is None:
                raise
            said = f"nothing was deleted: {gone}"
        _say(said)


def _say(sentence: str) -> None:
    print(sentence)  # noqa: T201 - a cell's output
