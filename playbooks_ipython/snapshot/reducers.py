"""Reducers: how each kind of object that pickle cannot or should not reduce is taken apart."""

from __future__ import annotations

import _thread
import concurrent.futures
import gc
import io
import itertools
import os
import re
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playbooks_ipython.snapshot import (
    exceptions,
    files,
    items,
    steps,
    traces,
)
from playbooks_ipython.snapshot.arrays import place_in_base
from playbooks_ipython.snapshot.context_reducers import CONTEXT_REDUCERS, context_reducer_for
from playbooks_ipython.snapshot.definition_reducers import (
    DEFINITION_REDUCERS,
    definition_reducer_for,
)
from playbooks_ipython.snapshot.identity_reducers import IDENTITY_REDUCERS, identity_reducer_for
from playbooks_ipython.snapshot.mappings import reduce_mapping, sets_items_itself
from playbooks_ipython.snapshot.seeds import SEED
from playbooks_ipython.snapshot.standin import StandIn, refused_of
from playbooks_ipython.snapshot.thread_locals import leaves_out, reduce_thread_local, reduce_whole

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing

Reducer = Callable[["Writing", Any], Any]
"""Returns NotImplemented (pickle does it) or a reduce value."""


def reduce_exception(_writing: Writing, error: BaseException) -> Any:
    args, state = exceptions.exception_args(error), exceptions.exception_state(error)
    return SEED["exception"], args, state, None, None, SEED["set_exception"]


def reduce_traceback(writing: Writing, trace: types.TracebackType) -> Any:
    steps = traces.steps_of(trace, writing.sources.setdefault)
    return SEED["traceback"], (writing.home, steps)


def reduce_memory_view(writing: Writing, view: memoryview) -> Any:
    """A view of a whole object; which part of one a slice shows, nobody tells."""
    if view.obj is None or not _shows_all(view):
        return writing.refuse(view, "it shows a part of an object only")
    about = (view.obj, view.format, view.shape, view.readonly)
    return SEED["memory_view"], about


def _shows_all(view: memoryview) -> bool:
    try:
        return view.c_contiguous and view.nbytes == memoryview(view.obj).nbytes
    except TypeError:
        return False


def reduce_step(_writing: Writing, iterator: Any) -> Any:
    args = steps.iterator_args(iterator)
    return NotImplemented if args is None else (SEED["iterator_over"], args)


def reduce_file(writing: Writing, file: Any) -> Any:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is file:
            return SEED["lookup"], ("sys", name)
    try:
        return SEED["open_file"], files.file_args(file)
    except Exception as error:  # noqa: BLE001 # whatever the file says
        return writing.refuse(file, error)


def reduce_view(_writing: Writing, view: Any) -> Any:
    """The live views of a dictionary: `keys()`, `values()`, `items()`."""
    (mapping,) = gc.get_referents(view)
    return SEED["wrap"], (getattr(dict, type(view).__name__.removeprefix("dict_")), (mapping,))


def reduce_lock(_writing: Writing, lock: _thread.LockType) -> Any:
    return SEED["lock"], (lock.locked(),)


def reduce_reentrant_lock(_writing: Writing, lock: Any) -> Any:
    count = re.search(r"count=(\d+)", repr(lock))
    return SEED["reentrant_lock"], (int(count[1]) if count else 0,)


def reduce_weak_reference(_writing: Writing, ref: weakref.ref[Any]) -> Any:
    key = (ref.key,) if isinstance(ref, weakref.KeyedRef) else ()
    return SEED["weak_reference"], (type(ref), ref(), ref.__callback__, key)


def reduce_proxy(_writing: Writing, proxy: types.MappingProxyType[Any, Any]) -> Any:
    return SEED["proxy"], tuple(gc.get_referents(proxy))


def reduce_iterator(writing: Writing, iterator: Any) -> Any:
    """Iterators of itertools: their own reduce value, until Python 3.14 took it away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            reduced = iterator.__reduce_ex__(4)
        except TypeError as error:
            return writing.refuse(iterator, error)
    f, args, state = (*reduced, None)[:3]
    return SEED["call_quietly"], (f, args, state)


def reduce_array(_writing: Writing, array: Any) -> Any:
    place = place_in_base(array)
    return NotImplemented if place is None else (SEED["make_view"], place)


def reduce_match(_writing: Writing, match: re.Match[Any]) -> Any:
    return SEED["find_match"], items.match_args(match)


def reduce_entry(_writing: Writing, entry: os.DirEntry[Any]) -> Any:
    return SEED["find_entry"], (entry.path,)


def reduce_thread(writing: Writing, thread: threading.Thread) -> Any:
    """One that runs would come back as an object that says it runs, and whoever joins it hangs."""
    return writing.refuse(thread, "it is running") if thread.is_alive() else NotImplemented


def reduce_future(writing: Writing, future: concurrent.futures.Future[Any]) -> Any:
    """One whose thread is gone would never be done, and whoever waits for it hangs."""
    return NotImplemented if future.done() else writing.refuse(future, "it is not done")


def reduce_stand_in(writing: Writing, stand_in: StandIn) -> Any:
    return writing.keep_stand_in(refused_of(stand_in))


def refuse_running(writing: Writing, obj: object) -> Any:
    return writing.refuse(obj, "it has begun, and its frame cannot be stored")


REDUCERS: dict[type, Reducer] = {
    types.MappingProxyType: reduce_proxy,
    types.TracebackType: reduce_traceback,
    memoryview: reduce_memory_view,
    type({}.keys()): reduce_view,
    type({}.values()): reduce_view,
    type({}.items()): reduce_view,
    _thread.LockType: reduce_lock,
    _thread.RLock: reduce_reentrant_lock,
    weakref.ref: reduce_weak_reference,
    **CONTEXT_REDUCERS,
    **DEFINITION_REDUCERS,
    **IDENTITY_REDUCERS,
    io.TextIOWrapper: reduce_file,
    io.BufferedReader: reduce_file,
    io.BufferedWriter: reduce_file,
    io.BufferedRandom: reduce_file,
    io.FileIO: reduce_file,
    re.Match: reduce_match,
    os.DirEntry: reduce_entry,
    StandIn: reduce_stand_in,
    threading.local: reduce_thread_local,
    types.GeneratorType: refuse_running,
    types.CoroutineType: refuse_running,
    types.AsyncGeneratorType: refuse_running,
}
for _iterator in steps.KINDS:
    REDUCERS[_iterator] = reduce_step
for _iterator in vars(itertools).values():
    if isinstance(_iterator, type):
        REDUCERS[_iterator] = reduce_iterator


def reducer_for(cls: type) -> Reducer | None:
    """Return the reducer for instances of a class that is not in the table."""
    if issubclass(cls, weakref.ref):
        return reduce_weak_reference
    if issubclass(cls, BaseException):
        return reduce_exception
    if issubclass(cls, threading.Thread):
        return reduce_thread
    if issubclass(cls, concurrent.futures.Future):
        return reduce_future
    if (found := definition_reducer_for(cls) or context_reducer_for(cls)) is not None:
        return found
    if leaves_out(cls):
        return reduce_whole
    if sets_items_itself(cls):
        return reduce_mapping
    # Named, not imported: whoever has arrays has NumPy.
    if cls.__module__ == "numpy" and cls.__name__ == "ndarray":
        return reduce_array
    return identity_reducer_for(cls)
