"""Context: what `contextvars` hold for a program, its own variables and those of libraries.

A variable of a module is stored by the place where it is found, so that it stays the library's own;
one that the notebook made is made again. Values and tokens hold for the context that they are
loaded in: load in the task that will go on.
"""

from __future__ import annotations

import contextvars
import gc
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, Token
from typing import Any, Protocol

from playbooks_ipython.snapshot.home import Home
from playbooks_ipython.snapshot.references import lookup

Place = tuple[str, str]
"""Module, and dotted name in it."""

# Whose variables belong to this process, its cell and its loop, and not to the program.
_OF_THE_PROCESS_TEXT = """
    playbooks_ipython IPython ipykernel ipywidgets comm zmq tornado asyncio jupyter_client
    jupyter_core traitlets anyio sniffio concurrent pytest _pytest
"""
_OF_THE_PROCESS = frozenset(_OF_THE_PROCESS_TEXT.split())
_DECIMAL: Place = ("decimal", "")

_places: dict[ContextVar[Any], Place | None] = {}


def place_of(variable: ContextVar[Any]) -> Place | None:
    """Return where the variable of a library is found; None for one that the notebook made.

    Cost: the first time for a variable, one look at what the modules of the process hold.
    """
    if variable not in _places:
        _places[variable] = next(_find(variable), None)
    return _places[variable]


def _find(variable: ContextVar[Any]) -> Iterator[Place]:
    if variable.name == "decimal_context":
        yield _DECIMAL  # C keeps it to itself
    modules = [(n, m) for n, m in list(sys.modules.items()) if n != "__main__"]
    for name, module in modules:
        yield from ((name, at) for at, value in _attributes(module) if value is variable)
    for name, module in modules:
        for outer, holder in _attributes(module):
            if getattr(type(holder), "__module__", name) == name or isinstance(holder, type):
                found = (at for at, value in _attributes(holder) if value is variable)
                yield from ((name, f"{outer}.{at}") for at in found)


def _attributes(holder: object) -> list[tuple[str, Any]]:
    """What an object has of its own, without asking its code."""
    try:
        return list(object.__getattribute__(holder, "__dict__").items())
    except (AttributeError, TypeError):
        return []


def variable_at(module: str, name: str) -> ContextVar[Any]:
    """Return a library's variable. Raises: ImportError, AttributeError."""
    if (module, name) != _DECIMAL:
        found: ContextVar[Any] = lookup(module, name)
        return found
    # Asked for, the context of this thread is set; in a copy, so that nothing is here.
    asked = contextvars.copy_context()
    asked.run(lookup("decimal", "getcontext"))
    return next(one for one in asked if one.name == "decimal_context")


_seen_from: Context | None = None


@contextmanager
def seen_from(scope: Context | None) -> Iterator[None]:
    """Read values of variables as they are in another context; None: in the current one."""
    global _seen_from  # read in this thread, and by nobody who awaits meanwhile
    before, _seen_from = _seen_from, scope
    try:
        yield
    finally:
        _seen_from = before


def _here() -> Context:
    return contextvars.copy_context() if _seen_from is None else _seen_from


def library_variables() -> dict[str, ContextVar[Any]]:
    """Return the variables of libraries that are set in the current context, by their places."""
    places = {variable: place_of(variable) for variable in _here()}
    found = {".".join(place): one for one, place in places.items() if place and is_kept(one)}
    return dict(sorted(found.items()))


def is_kept(variable: ContextVar[Any]) -> bool:
    """Tell whether the value of a variable belongs to the program."""
    place = place_of(variable)
    return place is None or place[0].partition(".")[0] not in _OF_THE_PROCESS


def value_here(variable: ContextVar[Any]) -> tuple[Any, ...]:
    """Return the value that a variable has in the current context, or nothing if it is not set."""
    here = _here()
    return (here[variable],) if variable in here else ()


def default_of(variable: ContextVar[Any]) -> tuple[Any, ...]:
    try:
        return (contextvars.Context().run(variable.get),)
    except LookupError:
        return ()


def items_of(context: Context) -> list[tuple[ContextVar[Any], Any]]:
    """Return what a context holds, without what belongs to the process."""
    return [(variable, value) for variable, value in context.items() if is_kept(variable)]


class Scoped(Protocol):
    """A task that waits, and whose context holds its own variables."""

    scope: Context
    has_own_scope: bool

    def done(self) -> bool: ...


# Contexts have no hash, and are equal to others.
_scopes: weakref.WeakValueDictionary[int, Context] = weakref.WeakValueDictionary()
_owners: weakref.WeakValueDictionary[int, Scoped] = weakref.WeakValueDictionary()
_firsts: dict[int, dict[ContextVar[Any], Token[Any]]] = {}


def note_scope(task: Scoped) -> None:
    """Note that a task of a run has a context: tokens that were made in that belong to it."""
    _scopes[id(task.scope)], _owners[id(task.scope)] = task.scope, task


def owner_of(context: Context) -> Scoped | None:
    """Return the task that is stored with what a context holds, if that is its own."""
    task = _owners.get(id(context))
    if task is None or task.scope is not context or task.done() or not task.has_own_scope:
        return None
    return task


def scope_of_task(task: Scoped) -> Context:
    return task.scope


def scope_of(token: Token[Any]) -> Context | None:
    """Return the context of the task in which a token was made; None for the cell's."""
    found = (one for one in gc.get_referents(token) if type(one) is Context)
    return next((one for one in found if _scopes.get(id(one)) is one), None)


def fill_context(context: Context, items: list[tuple[ContextVar[Any], Any]]) -> None:
    """Give a restored context what it held; where a token was made in it, it has that already."""
    firsts = _firsts_of(context)
    firsts.update({v: context.run(v.set, value) for v, value in items if v not in context})


def _firsts_of(context: Context) -> dict[ContextVar[Any], Token[Any]]:
    """The tokens that unset variables of a restored context, as far as they are not handed out."""
    return _firsts.setdefault(id(context), {})


def forget_firsts() -> None:
    """All that was stored is loaded, or filled: nobody will ask for one. They keep the contexts."""
    _firsts.clear()


def make_variable(name: str, default: tuple[Any, ...]) -> ContextVar[Any]:
    """Make a variable of the notebook's own anew."""
    return ContextVar(name, default=default[0]) if default else ContextVar(name)


def set_variable(variable: ContextVar[Any], state: tuple[Home, Any]) -> None:
    """Give a variable its value in the current context."""
    home, value = state
    home.firsts.setdefault(variable, (variable.set(value), True))


def take_back(home: Home) -> None:
    """Let the variables that were loaded be as they were before."""
    for variable, (first, _) in home.firsts.items():
        variable.reset(first)


def token_args(token: Token[Any]) -> tuple[Any, ...]:
    """Return a token's variable, the value that it brings back if any, whether it was used, and of
    one that a task made that task's context, and the value that the variable has there."""
    old = () if token.old_value is Token.MISSING else (token.old_value,)
    scope = scope_of(token)
    args = token.var, old, repr(token).startswith("<Token used ")
    if scope is None:
        return args
    return *args, scope, (scope[token.var],) if token.var in scope else ()


def make_token(
    home: Home,
    variable: ContextVar[Any],
    old: tuple[Any, ...],
    used: bool,
    scope: Context | None = None,
    given: tuple[Any, ...] = (),
) -> Any:
    """Make a token of a context, or of the current one; the variable keeps the value it has there.

    Only setting a variable makes tokens, and only a token unsets one: so the one that was made when
    the variable got its value is used, or handed out.
    """
    if scope is not None:
        return _token_of(scope, variable, old, used, given)
    values = value_here(variable)
    first, is_ours = home.firsts.get(variable, (None, False))
    if first is not None and is_ours:
        variable.reset(first)
    below = variable.set(old[0]) if old else None
    token = variable.set(None)
    if used or not (values or old):
        variable.reset(token)
    if below is not None:
        variable.reset(below)
    if values:
        back = variable.set(values[0])
        handed_out = not (used or old)
        if first is None or is_ours:
            home.firsts[variable] = (token, False) if handed_out else (back, True)
    return token


def _token_of(
    scope: Context,
    variable: ContextVar[Any],
    old: tuple[Any, ...],
    used: bool,
    given: tuple[Any, ...],
) -> Any:
    firsts = _firsts_of(scope)
    if variable in firsts and not (old or used):
        return firsts.pop(variable)
    scope = Context() if used else scope  # one that was used can be used nowhere
    is_new = variable not in scope
    below = scope.run(variable.set, old[0]) if old else None
    token = scope.run(variable.set, None)
    if used:
        scope.run(variable.reset, token)
    elif given:
        scope.run(variable.set, given[0])
        if is_new and below is not None:
            firsts[variable] = below
    else:
        scope.run(variable.reset, below or token)
    return token
