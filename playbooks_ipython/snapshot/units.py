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
from typing import Any, Protocol

from playbooks_ipython.snapshot.constants import is_whole
from playbooks_ipython.snapshot.exclusive import Reach
from playbooks_ipython.snapshot.seeds import PREFIX

EXPORTS = 1 << 16
"""Numbers from here on are exports; those below zero are parked things; between them are seeds."""

_HIGH = 1 << 14
# How the C pickler refers to a memo entry with a number as high as that.
_REFERENCE = re.compile(rb"j(?=(.[\x40-\xff])\x00\x00)", re.DOTALL)
_TRIES = 4
_PLAIN = frozenset({str, bytes, int, float, complex, bool, type(None)})


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

    @property
    def listening(self) -> int:
        """How many calls at its end may have it still, and ask nothing before their own list's."""
        ...

    def frames(self) -> Iterable[Any]:
        """Its coroutines and generators: nothing but it steps them."""
        ...

    def done(self) -> bool:
        """Tell whether it has ended, and will not be stepped again."""
        ...

    def holders(self) -> Iterable[object]:
        """What refers to objects of its frames, and gives them to nobody who could change them."""
        ...


def is_parked(thing: object) -> bool:
    return hasattr(type(thing), "holders")


@dataclass(frozen=True, slots=True)
class Unit:
    """A parked thing as it is stored, and the numbers of what its bytes refer to."""

    data: bytes
    needs: tuple[int, ...]
    sources: Mapping[str, str]


class Units(list["bytes | None"]):
    """The units of a graph by their numbers, as they are now, and the numbers of those that were
    changed. Whoever has stored them clears these."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = set[int]()

    def put(self, number: int, data: bytes | None) -> None:
        self[number] = data
        self.changed.add(number)


Memo = dict[int, tuple[int, Any]]
"""What a pickler only refers to: by id, the number of the entry, and the object."""
Write = Callable[[Any, Memo], tuple[bytes, Memo]]
"""Writes a state that begins with these entries. Returns the stream without the prefix of the
seeds, and all entries that there are then."""


@dataclass(slots=True)
class UnitWriter:
    """Writes units. All of the shared objects that frames hold have entries while that is done;
    most are not stored at all, and in the unit nothing stands for these.

    `base`: the seeds. `always`: what is there as long as the process; functions and types that are
    come to it as units are found to refer to them.
    """

    base: Memo
    always: Iterable[Any] = ()
    usual: dict[int, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.usual = {id(one): one for one in self.always}

    def write(
        self, state: Any, reach: Reach, write: Write, number_of: Callable[[Any], int]
    ) -> tuple[bytes, tuple[int, ...]] | None:
        """Return the stream of a state, and the numbers of what it refers to.

        None where something belongs to nobody that can be told: it is not stored apart then.
        Raises what reducing raises.
        """
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
                return _with_entries(stream, shared, number_of)
            if any(id(one) in reach.own for each in strange.values() for one in _inside(each)):
                return None
            self.usual.update((key, one) for key, one in strange.items() if _is_usual(one))
            also |= strange
        return None


def _with_entries(
    stream: bytes, shared: list[Any], number_of: Callable[[Any], int]
) -> tuple[bytes, tuple[int, ...]]:
    """Put before a stream what enters those of the shared objects that it refers to, at the numbers
    that they had. New entries are numbered by how many there are: nothing stands for the others."""
    found = (int.from_bytes(m[1], "little") - _HIGH for m in _REFERENCE.finditer(stream))
    used = [n for n in dict.fromkeys(found) if n < len(shared)]
    numbers = tuple(number_of(shared[n]) for n in used)
    entries = [_entry(number, _HIGH + n) for n, number in zip(used, numbers, strict=True)]
    nothing = b"N" + b"\x94" * (len(shared) - len(used)) + b"0"
    return b"".join([PREFIX, nothing, *entries, stream]), numbers


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
    module = str(one.__module__) if type(one) in _FUNCTIONS else ""
    return module == "builtins" or module.startswith("playbooks_ipython.")


_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_HEAP = 1 << 9


# A unit: length of the shell (4) | what makes the thing without state | the stream of its state.
def join_unit(shell: tuple[Any, ...], stream: bytes) -> bytes:
    """Put a unit together. `shell`: function, plain arguments, and the setter of the state."""
    head = pickle.dumps(shell, 5)
    return b"".join([struct.pack("<I", len(head)), head, stream])


def text_unit(text: str | bytes) -> Unit:
    """Return the unit of a text."""
    return Unit(join_unit((type(text), (text,), is_whole), pickle.dumps(None, 5)), (), {})


def split_unit(data: bytes) -> tuple[bytes, bytes]:
    """Return the pickled shell of a unit, and the stream of its state."""
    end = 4 + struct.unpack_from("<I", data)[0]
    return data[4:end], data[end:]


def number_prefix(count: int) -> bytes:
    """Return what a main stream is read with after the seeds: an entry for each of its things."""
    return b"".join(b"J%bQ\x940" % struct.pack("<i", -1 - n) for n in range(count))


def _entry(number: int, at: int) -> bytes:
    """Return the pickle opcodes for one memo entry: BININT, BINPERSID, LONG_BINPUT, POP."""
    return b"J%bQr%b0" % (struct.pack("<i", number), struct.pack("<I", at))
