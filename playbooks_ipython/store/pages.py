"""Pages: the index of a graph's units, a tree of pages, so that one that changes costs few bytes.

A page is the SHA-256 of up to 16 pages below, or at the bottom of units; zeros stand for none. Like
every blob it is named by content, so that what did not change is named again and not written again,
and each graph has a whole index of its own, whatever was stored before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from playbooks_ipython.errors import CorruptLog

PAGE = 16
_NAME_BYTES = 32
_NONE = bytes(_NAME_BYTES)
_DEEPEST = 16


def write_page(names: Sequence[str | None]) -> bytes:
    """Return the bytes of a page that lists these blobs."""
    return b"".join(_NONE if name is None else bytes.fromhex(name) for name in names)


def read_pages(
    top: str, depth: int, blob: Callable[[str], bytes]
) -> tuple[list[str], list[str | None]]:
    """Return the names of all pages, and of the units in their order with None for none.

    `depth`: how many levels there are. Raises CorruptLog for what is no index, and what `blob`
    raises.
    """
    if not 0 < depth <= _DEEPEST:
        raise CorruptLog(top, "the index of its units cannot be read")
    pages: list[str] = []
    level: list[str | None] = [top]
    for _ in range(depth):
        pages += [name for name in level if name is not None]
        level = [below for name in level for below in _listed(name, blob)]
    return pages, level


def _listed(name: str | None, blob: Callable[[str], bytes]) -> Iterator[str | None]:
    if name is None:
        raise CorruptLog("its units", "a page of their index is missing")
    page = blob(name)
    if not page or len(page) % _NAME_BYTES or len(page) > PAGE * _NAME_BYTES:
        raise CorruptLog(name, "a page of the index of its units cannot be read")
    for at in range(0, len(page), _NAME_BYTES):
        one = page[at : at + _NAME_BYTES]
        yield None if one == _NONE else one.hex()
