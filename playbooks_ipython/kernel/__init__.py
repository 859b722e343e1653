"""Kernel: the notebook's side of it all. The only place that knows IPython and ipykernel."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.errors import PlaybookError
from playbooks_ipython.kernel.completion import Matcher, playbook_matcher
from playbooks_ipython.kernel.magics import PlaybookMagics
from playbooks_ipython.kernel.session import NotebookSession, as_usage_error
from playbooks_ipython.kernel.tracebacks import begin_at_the_program, show_all_again
from playbooks_ipython.kernel.transform import await_playbooks

_sessions: dict[int, NotebookSession] = {}
_matchers: dict[int, Matcher] = {}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext playbooks_ipython`."""
    if id(shell) in _sessions:
        return
    try:
        session = NotebookSession(shell)
    except PlaybookError as error:
        raise UsageError(str(error)) from None
    session.start()
    magics = PlaybookMagics(session)
    shell.register_magics(magics)
    shell.input_transformers_post.append(await_playbooks)
    matcher = playbook_matcher(tuple(magics.commands), session.runs.names)
    shell.Completer.custom_matchers.append(matcher)
    begin_at_the_program(shell)
    _sessions[id(shell)], _matchers[id(shell)] = session, matcher


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext playbooks_ipython`: nothing of ours stays; runs and their files do."""
    session = _sessions.pop(id(shell), None)
    if session is None:
        return
    session.stop()
    shell.Completer.custom_matchers.remove(_matchers.pop(id(shell)))
    shell.input_transformers_post.remove(await_playbooks)
    show_all_again(shell)
    shell.magics_manager.magics["cell"].pop("playbook", None)
    shell.magics_manager.magics["line"].pop("playbook", None)


def current_session() -> NotebookSession:
    """Return this notebook's session, loading the extension if a fresh kernel has not yet.

    Raises PlaybookError outside IPython.
    """
    shell = get_ipython()
    if shell is None:
        raise PlaybookError("this works in a notebook or in IPython, and neither is running")
    if id(shell) not in _sessions:
        shell.run_line_magic("load_ext", "playbooks_ipython")
    return _sessions[id(shell)]


async def resume(reference: str) -> Any:
    """Continue a run: `await resume("NAME")`, or from an older checkpoint, `"NAME@N"`.

    Of a finished run, only the variables come back: running this again repeats nothing.
    """
    __tracebackhide__ = True
    session = current_session()
    with as_usage_error(session.shell):
        parsed = parse_reference(reference)
    return await session.resume(parsed)


def restore(reference: str, *, keep: tuple[str, ...] = ()) -> None:
    """Bring the variables of a checkpoint back; run nothing. `keep` names those left alone."""
    session = current_session()
    with as_usage_error(session.shell):
        print(session.restore(parse_reference(reference), keep))  # noqa: T201 - a cell's output
