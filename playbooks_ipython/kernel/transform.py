"""Transform: puts `await` before the magics that return a coroutine.

An input transformer, because IPython decides from the transformed text whether a cell is async; an
AST transformer would come too late. The magics themselves stay ordinary: `%lsmagic`, help,
completion and history know them as they know every other.
"""

from __future__ import annotations

from collections.abc import Callable

from IPython.core.interactiveshell import InteractiveShell

_AWAITED = (
    "get_ipython().run_cell_magic('playbook',",
    "get_ipython().run_line_magic('playbook', 'resume",
)


Transform = Callable[[list[str]], list[str]]


def awaiting(shell: InteractiveShell) -> Transform:
    """Return what awaits every line that is nothing but one of our coroutine magics."""

    def await_playbooks(lines: list[str]) -> list[str]:
        # Without autoawait the line would not compile; the magic itself says what it needs.
        return [_awaited(line) for line in lines] if shell.autoawait else lines

    return await_playbooks


def _awaited(line: str) -> str:
    bare = line.lstrip()
    if not bare.startswith(_AWAITED):
        return line
    return f"{line[: len(line) - len(bare)]}await {bare}"
