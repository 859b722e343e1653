"""Sources: from a code object to the text that it was compiled from, and back.

A code object is named by its text's SHA-256, its qualified name, its first line and, where several
of that name begin on one line, an ordinal: this holds on another minor version of Python.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import inspect
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType

FUTURES = 0
for _name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, _name).compiler_flag
# Since 3.12 these comprehensions have no code object of their own, so names go without them.
_INLINED = re.compile(r"<(?:list|dict|set)comp>\.(?:<locals>\.)?")
_REMEMBERED = 512
# Set on code after it was compiled, by `types.coroutine`.
_KEPT = inspect.CO_ITERABLE_COROUTINE


@dataclass(frozen=True, slots=True)
class Definition:
    """Where the text of one code object is. `flags` are the `__future__` flags in force there."""

    sha256: str
    qualname: str
    line: int
    ordinal: int
    flags: int


@dataclass(slots=True)
class SourceFinder:
    """Finds definitions; remembers texts by file name and definitions by code object."""

    _texts: dict[str, tuple[list[str], int, str, str]] = field(default_factory=dict)
    _found: dict[int, tuple[CodeType, list[str], int, Definition | None]] = field(
        default_factory=dict
    )

    def find(self, code: CodeType) -> Definition | None:
        """Return where the text of `code` is, or None where no text defines it."""
        lines = _lines(code.co_filename)
        known = self._found.get(id(code))
        if known and known[0] is code and known[1] is lines and known[2] == len(lines):
            return known[3]
        found = self._look(code, lines) if lines else None
        if len(self._found) > 16 * _REMEMBERED:
            self._found.clear()
        self._found[id(code)] = (code, lines, len(lines), found)
        return found

    def text(self, code: CodeType) -> str:
        return self._text(code.co_filename, _lines(code.co_filename))[1]

    def _text(self, filename: str, lines: list[str]) -> tuple[str, str]:
        known = self._texts.get(filename)
        if known and known[0] is lines and known[1] == len(lines):
            return known[2], known[3]
        text = "".join(lines)
        name = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        if len(self._texts) > _REMEMBERED:
            self._texts.clear()
        self._texts[filename] = (lines, len(lines), name, text)
        return name, text

    def _look(self, code: CodeType, lines: list[str]) -> Definition | None:
        name, text = self._text(code.co_filename, lines)
        flags = code.co_flags & (FUTURES | _KEPT)
        same = codes_at(text, flags, source_filename(name), code.co_qualname, code.co_firstlineno)
        if not same:
            return None
        ordinal = _ordinal(code, same)
        return Definition(name, code.co_qualname, code.co_firstlineno, ordinal, flags)


def rebuild_code(text: str, wanted: Definition) -> CodeType | None:
    """Compile a definition's text and return its code object, or None if it is not there.

    The text is put where tracebacks, `inspect` and the next checkpoint look for it.
    """
    filename = source_filename(wanted.sha256)
    lines = text.splitlines(keepends=True)
    if filename not in linecache.cache:
        linecache.cache[filename] = (len(text), None, lines, filename)
    same = codes_at(text, wanted.flags, filename, wanted.qualname, wanted.line)
    if not same:
        return None
    code = same[min(wanted.ordinal, len(same) - 1)]
    kept = wanted.flags & _KEPT
    return code.replace(co_flags=code.co_flags | kept) if kept else code


def source_filename(sha256: str) -> str:
    """Return the file name that a text gets when it is compiled again."""
    return f"<playbook source {sha256[:12]}>"


def codes_at(
    text: str, flags: int, filename: str, qualname: str, line: int
) -> tuple[CodeType, ...]:
    """Return the code objects of one name that begin on one line, in the order of the text."""
    key = (_portable(qualname), line)
    whole = _codes(text, flags, filename)
    if whole is not None:
        return whole.get(key, ())
    for shorter in _prefixes(text, line):
        part = _codes(shorter, flags, filename)
        if part is not None:
            return part.get(key, ())
    return ()


@lru_cache(maxsize=_REMEMBERED)
def _codes(
    text: str, flags: int, filename: str
) -> dict[tuple[str, int], tuple[CodeType, ...]] | None:
    """Compile a text and return its code objects by portable name and first line."""
    try:
        module = compile(
            text,
            filename,
            "exec",
            flags & FUTURES | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: dict[tuple[str, int], tuple[CodeType, ...]] = {}
    for code in _walk(module):
        key = (_portable(code.co_qualname), code.co_firstlineno)
        found[key] = (*found.get(key, ()), code)
    return found


def _walk(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _walk(constant)


def _prefixes(text: str, line: int) -> Iterator[str]:
    """Cut a text that does not parse before its unindented lines past `line`, last first."""
    lines = text.splitlines(keepends=True)
    for cut in range(len(lines) - 1, line - 1, -1):
        if lines[cut][:1].strip():
            yield "".join(lines[:cut])


def _portable(qualname: str) -> str:
    return _INLINED.sub("", qualname)


def _ordinal(code: CodeType, same: tuple[CodeType, ...]) -> int:
    if len(same) == 1:
        return 0
    for likeness in (_place, _body):
        matching = [i for i, other in enumerate(same) if likeness(other) == likeness(code)]
        if len(matching) == 1:
            return matching[0]
    if not matching:
        # 3.12 gives `lambda: 1` no columns, and a twin has constants of its own besides.
        own = set(map(repr, code.co_consts))
        matching = [i for i, other in enumerate(same) if own.issuperset(map(repr, other.co_consts))]
    return matching[0] if matching else 0


def _place(code: CodeType) -> object:
    # Columns first: an instrumented twin keeps its place, not its instructions.
    return min((p[1:] for p in _positions(code) if p[0] is not None and p[2]), default=None)


def _positions(code: CodeType) -> Iterator[tuple[int | None, ...]]:
    for start, end, column, end_column in code.co_positions():
        if None not in (start, end, column, end_column):
            yield start, start, column, end_column


def _body(code: CodeType) -> object:
    return code.co_code, code.co_names, code.co_varnames, repr(code.co_consts)


def _lines(filename: str) -> list[str]:
    entry = linecache.cache.get(filename)
    if entry is not None and len(entry) > 1:
        return entry[2]
    return linecache.getlines(filename)
