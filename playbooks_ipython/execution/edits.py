"""Edits: what was edited since a checkpoint was made, and the new form in which it goes on.

A frame goes on in the new form of its function if all that has run of it is what it was. A function
that no frame stands in is used in its new form at once, wherever it is referred to.
"""

from __future__ import annotations

import ast
import gc
import inspect
import linecache
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CellType, CodeType, FunctionType
from typing import Any

from playbooks_ipython.continuation import Source
from playbooks_ipython.continuation.compiling import find_twin, statement_number, statements_at
from playbooks_ipython.continuation.prefixes import first_change, functions_of, key_at, site_of
from playbooks_ipython.continuation.sites import Place
from playbooks_ipython.execution.definitions import counterpart, text_at
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.snapshot.sources import Definition, rebuild_code, source_filename
from playbooks_ipython.source import Difference, TopStatement, difference_at, same

# Where a frame waits to be asked for its next item: it is half-used, and nothing runs in it.
_HALF_USED = ("yield", "delegate")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What had run of a function that a frame stands in, and is different now.

    `function`: in another cell; None if it is in the program itself.
    """

    difference: Difference
    function: str | None = None


@dataclass(frozen=True, slots=True)
class _Pair:
    """A top-level statement as it was compiled, and as it is now."""

    old: Source
    index: int
    new: Source
    now: int
    function: str | None = None


class Edits:
    """What leads one checkpoint's frames and functions to the texts of today.

    Args:
        old: the program as the checkpoint has it.
        new: the program as it is to go on.
        filename: by which tracebacks know the new one.
        namespace: the notebook's, in which functions of other cells may be newer.

    `refused` is the first frame, the outermost first, that cannot go on in the new form; `kept`
    names what goes on in its old one; `followed` the functions of other cells that do not.
    """

    def __init__(
        self, old: str, new: str, filename: str = "<playbook>", namespace: Mapping[str, Any] = {}
    ) -> None:
        self.old, self.new = old, new
        self._source, self._namespace = Source(new, filename), namespace
        lines = "".join(f"{line}\n" for line in old.splitlines())  # as IPython keeps it
        self._ids = {Source(text, filename).id for text in (old, lines)}
        self.texts = {self._source.id: new}
        self.refused: Refusal | None = None
        self.kept: dict[str, None] = {}
        self.followed: set[str] = set()
        self._before: dict[tuple[str, int], str] = {}
        # Lists, since a tuple that holds a cell is taken for a closure.
        self._parted: list[list[Any]] = []

    def frame(
        self,
        source: Source,
        place: Place,
        flags: int,
        number: int,
        cells: Mapping[str, CellType],
    ) -> tuple[Source, Place]:
        """Return the function in which a frame goes on: `continuation.rebuild.Follow`."""
        pair = self._pair_of(source, place)
        if pair is None:
            return source, place
        found = _follow(pair, place, flags, number, cells)
        if isinstance(found, Place):
            if pair.function:
                self.followed.add(pair.function)
            self._note_parted(pair, found, flags, cells)
            return pair.new, found
        functions = functions_of(pair.old, pair.index, flags)
        key = key_at(functions, place)
        site = site_of(functions[key], number) if key else None
        if site is None or site.action in _HALF_USED:
            self.kept[key.qualname if key else place.name] = None
        elif self.refused is None:
            self.refused = Refusal(_difference(pair, found), pair.function)
        return source, place

    def definition(self, wanted: Definition, names: tuple[str, ...]) -> Definition:
        """Return the text that a function is made of: `snapshot.home.FollowDefinition`."""
        name = wanted.qualname.rpartition(".")[2]
        if wanted.sha256 not in self._ids or self.old == self.new or not name.isidentifier():
            return wanted
        now = counterpart(self.old, name, wanted.line, self.new)
        if now is not None:
            moved = replace(wanted, sha256=self._source.id, line=now.line, ordinal=0)
            code = rebuild_code(self.new, moved)
            if code is not None and set(code.co_freevars) <= set(names):
                self._before[wanted.qualname, now.line] = text_at(self.old, wanted.line)
                return moved
        self.kept[wanted.qualname] = None
        return wanted

    def check_shared(self) -> None:
        """Refuse, once all is loaded, where the new form of a function has a variable to itself
        that a closure of the old one still shares with it.

        Cost: one look at every object of the process, where there may be such a closure.
        """
        for cell, refusal in self._parted:
            holders = [one for one in gc.get_referrers(cell) if type(one) is tuple]  # closures
            if holders and self.refused is None:
                self.refused = refusal

    def _note_parted(
        self, pair: _Pair, place: Place, flags: int, cells: Mapping[str, CellType]
    ) -> None:
        twin = find_twin(pair.new, place, flags)
        for name in set(cells).intersection(twin.code.co_varnames).difference(twin.cells):
            refusal = Refusal(_difference(pair, place.line), pair.function)
            self._parted.append([cells[name], refusal])

    def text_before(self, code: CodeType) -> str | None:
        """Return the text that a function had before it was led to its new one."""
        if code.co_filename != source_filename(self._source.id):
            return None
        return self._before.get((code.co_qualname, code.co_firstlineno))

    def _pair_of(self, source: Source, place: Place) -> _Pair | None:
        index = statement_number(source, place)
        if source.id in self._ids and self.old != self.new:
            pair = _Pair(source, index, self._source, index)
            if not _is_same(pair):
                return pair
            live = self._live_pair(source, index)
            return live or pair
        return self._live_pair(source, index)

    def _live_pair(self, source: Source, index: int) -> _Pair | None:
        """What the notebook has now by the name of a function that was defined by a statement."""
        node = _statements(source.text)[index].node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        live = self._namespace.get(node.name)
        if not isinstance(live, FunctionType) or live.__globals__ is not self._namespace:
            return None
        code = inspect.unwrap(live).__code__
        now = Source("".join(linecache.getlines(code.co_filename)), code.co_filename)
        at = statements_at(now, code.co_firstlineno)
        if len(at) != 1:
            return None
        pair = _Pair(source, index, now, at[0], node.name)
        named = getattr(_statements(now.text)[at[0]].node, "name", None)
        return None if named != node.name or _is_same(pair) else pair


@lru_cache(maxsize=16)
def _statements(text: str) -> tuple[TopStatement, ...]:
    """Kept: every frame of a graph asks."""
    return tuple(statements_of(text))


def _is_same(pair: _Pair) -> bool:
    old, new = _statements(pair.old.text), _statements(pair.new.text)
    return pair.now < len(new) and same(old[pair.index].node, new[pair.now].node)


def _follow(
    pair: _Pair, place: Place, flags: int, number: int, cells: Collection[str]
) -> Place | int:
    """Return where the function is now, or the line of the first thing that keeps a frame off it.

    That is what has run and was edited, or that it closes over what the frame has not.
    """
    statements = _statements(pair.new.text)
    if pair.now >= len(statements):
        return statements[-1].end_line + 1 if statements else 1
    was, now = (
        functions_of(source, index, flags)
        for source, index in ((pair.old, pair.index), (pair.new, pair.now))
    )
    key = key_at(was, place)
    if key is None or key not in now:
        return statements[pair.now].line
    changed = first_change(was[key], now[key], number)
    if changed is not None:
        return changed
    there = now[key].place
    closed_over = find_twin(pair.new, there, flags).code.co_freevars
    return there if set(closed_over) <= set(cells) else there.line


def _difference(pair: _Pair, line: int) -> Difference:
    old, new = _statements(pair.old.text), _statements(pair.new.text)
    now = new[pair.now] if pair.now < len(new) else None
    return difference_at(line, pair.index, old[pair.index], now)
