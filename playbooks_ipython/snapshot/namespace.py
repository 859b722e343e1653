"""Namespace: which names of a notebook's dictionary are the user's, and their exact exchange."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace

from playbooks_ipython.snapshot.standin import StandIn, refused_of

_OWN_TEXT = """
    In Out exit quit get_ipython _ __ ___ _i _ii _iii _dh _oh _ih _exit_code __builtins__
    __builtin__ __name__ __doc__ __package__ __loader__ __spec__ __file__ __cached__
    __annotate__ __conditional_annotations__ __path__ __session__
    __vsc_ipynb_file__
"""
_OWN = frozenset(_OWN_TEXT.split())
_NUMBERED = re.compile(r"_i?[0-9]+")
_COMPARED = 1000
_ATOMS = frozenset([int, float, complex, bool, str, bytes, type(None)])


def user_variables(namespace: Mapping[str, object], hidden: Container[str]) -> dict[str, object]:
    """Return the user's variables, without IPython's own names and without `hidden`.

    Cost: one look at each name; values are not touched.
    """
    return {
        name: value
        for name, value in dict(namespace).items()  # a copy: threads of the user's may add names
        if name not in hidden and not _is_own(name)
    }


def _is_own(name: str) -> bool:
    if type(name) is not str or name in _OWN:
        return True
    return name[:1] == "_" and _NUMBERED.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a restore changed among the names, and how to bring it back."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    removed: tuple[str, ...]
    _before: Mapping[str, object] = field(default_factory=dict, repr=False)
    _new: tuple[str, ...] = field(default=(), repr=False)

    def including(self, before: Mapping[str, object], namespace: Mapping[str, object]) -> Replaced:
        """Return the same with the names that were bound since, which were so in `before`."""
        bound = [n for n in namespace if n not in before or namespace[n] is not before[n]]
        more = {n: before[n] for n in bound if n in before and n not in self._before}
        new = (n for n in bound if n not in before and n not in self._new)
        return dataclass_replace(self, _before={**self._before, **more}, _new=(*self._new, *new))

    def undo(self, namespace: dict[str, object]) -> None:
        """Put every name back to the object that it had."""
        for name in self._new:
            namespace.pop(name, None)
        namespace.update(self._before)


def replace(
    namespace: dict[str, object],
    variables: Mapping[str, object],
    hidden: Container[str],
    *,
    exact: bool = False,
) -> Replaced:
    """Make the user's names be exactly `variables`; hidden names and IPython's own stay.

    A stand-in never replaces a live object of its type, unless it is to be `exact`. `replaced`
    lists names whose content is another; a name that got an equal copy of plain data is not
    listed, though `undo` knows it.
    """
    live, variables = user_variables(namespace, hidden), user_variables(variables, hidden)
    removed = tuple(name for name in live if name not in variables)
    added, replaced, before = [], [], {name: live[name] for name in removed}
    for name, value in variables.items():
        if name not in live:
            added.append(name)
        elif value is live[name] or (not exact and _stands_for(value, live[name])):
            continue
        else:
            before[name] = live[name]
            if not equal_data(value, live[name]):
                replaced.append(name)
        namespace[name] = value
    for name in removed:
        del namespace[name]
    return Replaced(tuple(added), tuple(replaced), removed, before, tuple(added))


def _stands_for(value: object, live: object) -> bool:
    if type(value) is not StandIn or type(live) is StandIn:
        return False
    return refused_of(value).type_name == type(live).__qualname__


def equal_data(one: object, other: object) -> bool:
    """True if both are the same plain data; False also where that is too long to tell."""
    pairs, seen = [(one, other)], 0
    while pairs:
        a, b = pairs.pop()
        seen += 1
        if a is b:
            continue
        if type(a) is not type(b) or seen > _COMPARED:
            return False
        if not _pair_up(a, b, pairs):
            return False
    return True


def _pair_up(a: object, b: object, pairs: list[tuple[object, object]]) -> bool:
    """Compare one level and leave the level below in `pairs`. Runs no code of the user's."""
    if type(a) in _ATOMS:
        return a == b or a != a
    if isinstance(a, list | tuple) and isinstance(b, list | tuple) and type(a) in (list, tuple):
        pairs.extend(zip(a, b, strict=False))
        return len(a) == len(b)
    if type(a) is dict and type(b) is dict:
        if not all(type(key) in _ATOMS for key in a) or list(a) != list(b):
            return False
        pairs.extend(zip(a.values(), b.values(), strict=True))
        return True
    if isinstance(a, set | frozenset) and type(a) in (set, frozenset):
        return all(type(key) in _ATOMS for key in a) and a == b
    return False
