"""Twins: one compilation of a tree, from its functions to code objects that know themselves."""

from __future__ import annotations

import ast
import re
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType

from playbooks_ipython.continuation.comprehend import RESULT
from playbooks_ipython.continuation.definitions import Definitions, Scope
from playbooks_ipython.continuation.hidden import (
    ARGUMENT,
    ARRIVAL,
    AWAITED,
    CELLS,
    HOOKS_MARK,
    PC,
    assign,
    clear,
    constant,
    load,
    place,
)
from playbooks_ipython.continuation.lower import Lowering
from playbooks_ipython.continuation.marks import HOOKS
from playbooks_ipython.continuation.points import Draft
from playbooks_ipython.continuation.resume import SCAFFOLD
from playbooks_ipython.continuation.scopes import Function, local_names
from playbooks_ipython.continuation.sites import MODULE, Kind, Place, Twin, twin_of_code
from playbooks_ipython.continuation.source import Source

_PREFIX = f"{MODULE}.<locals>."
# Functions inside comprehensions: from 3.12 on, list, set and dict comprehensions are no functions.
_INSIDE = re.compile(r"(<(?:list|set|dict|gen)(?:comp|expr)>)\.<locals>\.")
_INLINED = re.compile(r"<(?:list|set|dict)comp>\.")

# Twins that have code alive, so that restoring in the same process compiles nothing again.
known_twins: weakref.WeakValueDictionary[tuple[str, Place], Twin] = weakref.WeakValueDictionary()


@dataclass(slots=True)
class Lowered:
    """A function that was lowered: where its entry stands, and what its code will be."""

    draft: Draft
    node: Function
    entry: int
    place: Place
    class_name: str | None
    variables: frozenset[str]
    twin: Twin | None = None


class Compilation:
    """One tree on its way to code.

    `lean` leaves out what ends hidden values when an error passes; it needs fewer nested blocks,
    of which the compiler takes twenty.
    """

    def __init__(
        self,
        source: Source,
        flags: int,
        resume: Callable[[Twin], CodeType],
        goal: Twin | None = None,
        *,
        lean: bool = False,
    ) -> None:
        self.source, self.flags, self.resume, self.goal, self.lean = (
            source,
            flags,
            resume,
            goal,
            lean,
        )
        self.lowered: dict[str, Lowered] = {}
        # How the names of functions begin that stand in functions which the user did not write.
        self._apart: list[str] = []

    def define(self, nodes: Sequence[ast.stmt], scope: Scope) -> list[ast.stmt]:
        """Put the twins of all functions in statements into their place."""
        return Definitions(self.lower, scope).statements(nodes)

    def lower(self, node: Function, scope: Scope) -> Function:
        kind: Kind = scope.kind or "coroutine"
        found = Place(node.lineno, node.col_offset, node.name)
        resuming = self.goal is not None and self.goal.place == found
        mark = f"\0twin {len(self.lowered)}"
        qualname = ".".join(scope.qualname).removesuffix(".<locals>").removeprefix(_PREFIX)
        draft = Draft(mark, qualname, kind, resuming, self.lean)
        lowering = Lowering(draft)
        lowering.live += _standing_names(node)
        variables = frozenset(local_names(node)) if resuming else frozenset()
        documented = 1 if ast.get_docstring(node, clean=False) is not None else 0
        body = lowering.body(node.body[documented:])
        entry = assign(PC, constant(mark))
        start = [entry, clear([AWAITED])] if draft.sites else [entry]
        place(node, *start, *body)  # a body that is a docstring only has nothing that stands
        twin = self.goal if resuming else None
        self.lowered[mark] = Lowered(
            draft, node, documented + len(start), found, scope.class_name, variables, twin
        )
        node.body = [*node.body[:documented], *start, *body]
        return node

    def compile(self, tree: ast.Module) -> CodeType:
        """Compile a tree; a second time if frames in it share cells, whose names are known then."""
        code = self._compile(tree)
        if self._show_cells(code):
            code = self._compile(tree)
        return self._finish(code)

    def _compile(self, tree: ast.Module) -> CodeType:
        code: CodeType = compile(tree, self.source.filename, "exec", self.flags, dont_inherit=True)
        return code

    def _show_cells(self, code: CodeType) -> bool:
        found = False
        for inner in every_code(code):
            lowered = self._lowered_of(inner)
            names = sorted({*inner.co_cellvars, *inner.co_freevars} - {ARRIVAL})
            if lowered and names:
                closing = ast.Lambda(
                    _no_arguments(), ast.Tuple([load(n) for n in names], ast.Load())
                )
                entry = assign(CELLS, closing)
                place(lowered.node, entry)
                lowered.node.body.insert(lowered.entry, entry)
                found = True
        return found

    def _lowered_of(self, code: CodeType) -> Lowered | None:
        for value in code.co_consts:
            if type(value) is str and value in self.lowered:
                return self.lowered[value]
        return None

    def _finish(self, code: CodeType) -> CodeType:
        """Put the objects in the place of their marks, from the innermost code outward."""
        lowered = self._lowered_of(code)
        twin = self._twin_of(lowered, code) if lowered else None
        is_apart = code.co_name == "<lambda>" and code.co_varnames[:1] == (ARGUMENT,)
        self._apart += [f"{code.co_qualname}.<locals>."] if is_apart else []
        values = [self._value(value, lowered, twin) for value in code.co_consts]
        if is_apart:
            self._apart.pop()
        if twin:
            values.append(twin)
        name = self._qualname(code)
        result = code.replace(co_consts=tuple(values), co_qualname=name)
        if twin and twin is not self.goal:
            twin.code = result
            known_twins[self.source.id, twin.place] = twin
        return result

    def _qualname(self, code: CodeType) -> str:
        """The name that the code has where the user wrote it, not where it was compiled."""
        name = code.co_qualname
        for prefix in reversed(self._apart):
            outside = prefix.removesuffix("<lambda>.<locals>.")
            name = outside + name.removeprefix(prefix) if name.startswith(prefix) else name
        name = _INSIDE.sub(r"\1.", name.removeprefix(_PREFIX))
        if sys.version_info >= (3, 12):
            name = _INLINED.sub("", name)
        if self.goal is None:
            return name
        name = name.rpartition(f"{SCAFFOLD}.<locals>.")[2]
        inner = name.removeprefix(self.goal.place.name)
        return self.goal.qualname + inner if inner != name else name

    def _twin_of(self, lowered: Lowered, code: CodeType) -> Twin:
        if lowered.twin:
            return lowered.twin
        draft = lowered.draft
        cells = tuple(sorted({*code.co_cellvars, *code.co_freevars}))
        return Twin(
            self.source,
            lowered.place,
            draft.qualname,
            draft.kind,
            self.flags,
            tuple(draft.sites),
            cells,
            code,
            self.resume,
        )

    def _value(self, value: object, lowered: Lowered | None, twin: Twin | None) -> object:
        if isinstance(value, CodeType):
            return self._finish(value)
        if type(value) is not str or not value.startswith("\0"):
            return value
        if value == HOOKS_MARK:
            return HOOKS
        if lowered and twin and value.startswith(lowered.draft.mark):
            number = value.removeprefix(lowered.draft.mark).strip()
            return twin.sites[int(number) - 1] if number else twin
        return value


def every_code(code: CodeType) -> Iterator[CodeType]:
    """A code object and all code objects within."""
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from every_code(value)


def find_code(code: CodeType, place: Place) -> CodeType | None:
    for inner in every_code(code):
        twin = twin_of_code(inner)
        if twin and twin.place == place:
            return inner
    return None


def _standing_names(node: Function) -> list[str]:
    """Hidden locals that a hidden function needs from its first statement to its last."""
    if node.name.isidentifier() or node.name == MODULE:
        return []
    return [ARGUMENT, RESULT]


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])
