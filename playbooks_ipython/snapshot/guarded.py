"""Guarded: an unpickler in which the one object that fails becomes a stand-in.

Written over pickle's Python unpickler, ten times slower than C's: only for streams that failed.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from playbooks_ipython.errors import UnreadableValue, UnstorableValue
from playbooks_ipython.snapshot.home import Home
from playbooks_ipython.snapshot.known import Known
from playbooks_ipython.snapshot.standin import StandIn, refused_of

_Python: Any = pickle._Unpickler


class GuardedUnpickler(_Python):  # type: ignore[misc] # Any
    """Loads all that can be loaded. Stand-ins that it makes have no name yet."""

    seeds: Sequence[Any] | Known
    home: Home
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(_Python.dispatch)

    def persistent_load(self, pid: Any) -> Any:
        return self.seeds[pid]

    def find_class(self, module: str, name: str) -> Any:
        try:
            return super().find_class(module, name)
        except Exception as error:  # noqa: BLE001 # importing runs foreign code
            return self._stand_in(name, error)

    def load_reduce(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = self._call(self.stack[-1], args)

    def load_newobj(self) -> None:
        args = self.stack.pop()
        cls = self.stack.pop()
        self.append(self._new(cls, args, {}))

    def load_newobj_ex(self) -> None:
        kwargs = self.stack.pop()
        args = self.stack.pop()
        cls = self.stack.pop()
        self.append(self._new(cls, args, kwargs))

    def load_build(self) -> None:
        if type(self.stack[-2]) is StandIn:
            self.stack.pop()
            return
        depth = len(self.stack)
        try:
            super().load_build()
        except Exception as error:  # noqa: BLE001 # __setstate__ is foreign code
            del self.stack[depth - 1 :]
            self._give_up(-1, error)

    def load_appends(self) -> None:
        items = self.pop_mark()
        self._fill(lambda made: made.extend(items) if type(made) is list else _each(made, items))

    def load_append(self) -> None:
        item = self.stack.pop()
        self._fill(lambda made: made.append(item))

    def load_setitems(self) -> None:
        items = self.pop_mark()
        pairs = zip(items[::2], items[1::2], strict=True)
        self._fill(lambda made: [made.__setitem__(key, value) for key, value in pairs])

    def load_setitem(self) -> None:
        value = self.stack.pop()
        key = self.stack.pop()
        self._fill(lambda made: made.__setitem__(key, value))

    def load_additems(self) -> None:
        items = self.pop_mark()
        self._fill(lambda made: [made.add(item) for item in items])

    def _fill(self, fill: Callable[[Any], object]) -> None:
        if type(self.stack[-1]) is StandIn:
            return
        try:
            fill(self.stack[-1])
        except Exception as error:  # noqa: BLE001 # hashing and adding run foreign code
            self._give_up(-1, error)

    def _call(self, f: Any, args: tuple[Any, ...]) -> Any:
        if type(f) is StandIn:
            return self._like(f)
        # A state setter is called as f(object, state), and the object lies below on the stack.
        sets_state = len(self.stack) > 1 and bool(args) and args[0] is self.stack[-2]
        if sets_state and type(args[0]) is StandIn:
            return None
        try:
            return f(*args)
        except Exception as error:  # noqa: BLE001 # foreign code
            if sets_state:
                self._give_up(-2, error)
                return None
            made = error.name if isinstance(error, UnreadableValue) else _made_by(f, args)
            return self._stand_in(made, error)

    def _new(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(cls) is StandIn:
            return self._like(cls)
        try:
            return cls.__new__(cls, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 # foreign code
            return self._stand_in(cls.__qualname__, error)

    def _give_up(self, place: int, error: Exception) -> None:
        """Put a stand-in for a half-built object on the stack and wherever the memo has it."""
        broken = self.stack[place]
        made = self._stand_in(type(broken).__qualname__, error)
        self.stack[place] = made
        for key in [key for key, value in self.memo.items() if value is broken]:
            self.memo[key] = made

    def _like(self, cls: StandIn) -> StandIn:
        said = refused_of(cls)
        return self._stand_in(said.variable or said.type_name, said.reason)

    def _stand_in(self, type_name: str, reason: Exception | str) -> StandIn:
        if isinstance(reason, UnreadableValue | UnstorableValue):
            reason = reason.reason
        elif isinstance(reason, Exception):
            reason = f"{type(reason).__name__}: {reason}"
        made = StandIn("", type_name, reason)
        self.home.stand_ins.append(made)
        return made

    for _opcode, _load in (
        (pickle.REDUCE, load_reduce),
        (pickle.NEWOBJ, load_newobj),
        (pickle.NEWOBJ_EX, load_newobj_ex),
        (pickle.BUILD, load_build),
        (pickle.APPENDS, load_appends),
        (pickle.APPEND, load_append),
        (pickle.SETITEMS, load_setitems),
        (pickle.SETITEM, load_setitem),
        (pickle.ADDITEMS, load_additems),
    ):
        dispatch[_opcode[0]] = _load
    del _opcode, _load


def _each(made: Any, items: list[Any]) -> None:
    for item in items:
        made.append(item)


def _made_by(f: Any, args: tuple[Any, ...]) -> str:
    """Return the name of the type that a call would have made, as far as it can be told."""
    first = args[0] if args else None
    if isinstance(first, type):
        return first.__qualname__
    return str(getattr(f, "__qualname__", type(f).__qualname__))
