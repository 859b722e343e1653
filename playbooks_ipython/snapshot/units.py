"""Units: what a parked thing owns, stored once, apart from the graph that it refers to.

A unit is written when its thing is parked, and stays as it is while the thing is. The main stream
refers to the thing by its number, a unit refers to what is shared by the number under which the
main stream exports it. So identity holds across streams, and neither is written for the other.
"""

from __future__ import annotations

import pickle
import re
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from gc import get_referents
from types import BuiltinFunctionType, FunctionType
from typing import Any, Protocol, runtime_checkable

from playbooks_ipython.snapshot.exclusive import Reach
from playbooks_ipython.snapshot.seeds import PREFIX

EXPORTS = 1 << 16
"""Numbers from here on are exports; those below zero are parked things; between them are seeds."""

_HIGH = 1 << 16
# How the C pickler refers to a memo entry with a number as high as that.
_REFERENCE = re.compile(rb"j(?=(..)\x01\x00)", re.DOTALL)
_TRIES = 4
_PLAIN = frozenset({str, bytes, int, float, complex, bool, type(None)})


@runtime_checkable
class Parked(Protocol):
    """Something that waits, and will not change before it is stepped; a task, for one.

    Its reduce value must be `(make, args, state, None, None, fill)` with functions of a module and
    plain `args`: what it refers to is in its state.
    """

    @property
    def steps(self) -> int | None:
        """Grows whenever it is stepped, and whenever anything in its own state changes; None while
        it is being stepped, and so not parked."""
        ...

    def holders(self) -> Iterable[object]:
        """What else refers to its frames, and gives them to nobody who could change them."""
        ...


@dataclass(frozen=True, slots=True)
class Unit:
    """A parked thing as it is stored, and the numbers of what its bytes refer to."""

    data: bytes
    needs: tuple[int, ...]
    sources: Mapping[str, str]


Memo = dict[int, tuple[int, Any]]
"""What a pickler only refers to: by id, the number of the entry, and the object."""
Write = Callable[[Any, Memo], tuple[bytes, Memo]]
"""Writes a state that begins with these entries. Returns the stream without the prefix of the
seeds, and all entries that there are then."""


@dataclass(slots=True)
class UnitWriter:
    """Writes units: each twice, for the first time tells which of the shared objects that frames
    hold are stored at all. Most are not.

    `usual`: functions and types that units were found to refer to. `base`: the seeds.
    """

    base: Memo
    usual: dict[int, Any] = field(default_factory=dict)

    def write(
        self, state: Any, reach: Reach, write: Write, number_of: Callable[[Any], int]
    ) -> tuple[bytes, tuple[int, ...]] | None:
        """Return the stream of a state, and the numbers of what it refers to.

        None where something belongs to nobody that can be told: it is not stored apart then.
        Raises what reducing raises.
        """
        used = self._find_used(state, reach, write)
        if used is None:
            return None
        first = len(self.base)
        memo = {id(one): (first + n, one) for n, one in enumerate(used)}
        stream, _ = write(state, self.base | memo)
        numbers = tuple(map(number_of, used))
        return PREFIX + b"".join(map(_entry, numbers)) + stream, numbers

    def _find_used(self, state: Any, reach: Reach, write: Write) -> list[Any] | None:
        also: dict[int, Any] = {}
        for _ in range(_TRIES):
            known = self.usual | reach.foreign | also
            shared = [one for key, one in known.items() if key not in self.base]
            high = {id(one): (_HIGH + n, one) for n, one in enumerate(shared)}
            stream, memo = write(state, self.base | high)
            if len(memo) >= _HIGH:
                return None
            strange = _strange(memo, reach.own, len(self.base))
            strange.pop(id(state), None)  # who has it is the caller
            if not strange:
                found = (int.from_bytes(m[1], "little") for m in _REFERENCE.finditer(stream))
                return [shared[n] for n in dict.fromkeys(found) if n < len(shared)]
            if any(id(one) in reach.own for each in strange.values() for one in _inside(each)):
                return None
            self.usual.update((key, one) for key, one in strange.items() if _is_usual(one))
            also |= strange
        return None


def _strange(memo: Memo, own: Mapping[int, Any], first: int) -> dict[int, Any]:
    """Return what was written that is neither owned nor was made only for the writing.

    What was made for it is referred to by nothing but the memo and its like.
    """
    memo[0] = first, object()
    made = {
        key: one
        for key, (n, one) in memo.items()
        if first <= n < _HIGH and key not in own and type(one) not in _PLAIN
    }
    counts: dict[int, int] = {}
    for key in made:
        for inner in map(id, get_referents(made[key])):
            counts[inner] = counts.get(inner, 0) + 1
    references = dict(zip(made, map(sys.getrefcount, made.values()), strict=True))
    ours = references[0]
    return {key: made[key] for key, n in references.items() if n - ours != counts.get(key, 0)}


def _inside(one: Any) -> list[Any]:
    """Return what an object refers to, also in a dictionary that does not show it."""
    return [*get_referents(one), *(one.values() if isinstance(one, dict) else ())]


def _is_usual(one: Any) -> bool:
    """Tell whether something is there as long as the process is."""
    if isinstance(one, type):
        return not one.__flags__ & _HEAP
    return type(one) in _FUNCTIONS and str(one.__module__).startswith("playbooks_ipython.")


_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_HEAP = 1 << 9


# A unit: length of the shell (4) | what makes the thing without state | the stream of its state.
def join_unit(shell: tuple[Any, ...], stream: bytes) -> bytes:
    """Put a unit together. `shell`: function, plain arguments, and the setter of the state."""
    head = pickle.dumps(shell, 5)
    return b"".join([struct.pack("<I", len(head)), head, stream])


def split_unit(data: bytes) -> tuple[bytes, bytes]:
    """Return the pickled shell of a unit, and the stream of its state."""
    end = 4 + struct.unpack_from("<I", data)[0]
    return data[4:end], data[end:]


def number_prefix(count: int) -> bytes:
    """Return what a main stream is read with after the seeds: an entry for each of its things."""
    return b"".join(_entry(-1 - n) for n in range(count))


def _entry(number: int) -> bytes:
    """Return the pickle opcodes for one memo entry: BININT, BINPERSID, MEMOIZE, POP."""
    return b"J%bQ\x940" % struct.pack("<i", number)
