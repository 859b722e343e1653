"""Transform: puts `await` before the magics that return a coroutine.

An input transformer, because IPython decides from the transformed text whether a cell is async; an
AST transformer would come too late. The magics themselves stay ordinary: `%lsmagic`, help,
completion and history know them as they know every other.
"""

from __future__ import annotations

_AWAITED = (
    "get_ipython().run_cell_magic('playbook',",
    "get_ipython().run_line_magic('playbook', 'resume",
)


def await_playbooks(lines: list[str]) -> list[str]:
    """Await every line that is nothing but one of our coroutine magics."""
    return [_awaited(line) for line in lines]


def _awaited(line: str) -> str:
    bare = line.lstrip()
    if not bare.startswith(_AWAITED):
        return line
    return f"{line[: len(line) - len(bare)]}await {bare}"
