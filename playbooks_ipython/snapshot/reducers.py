"""Reducers: how each kind of object that pickle cannot or should not reduce is taken apart."""

from __future__ import annotations

import _thread
import functools
import gc
import io
import itertools
import marshal
import os
import re
import sys
import threading
import types
import typing
import warnings
import weakref
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from typing import TYPE_CHECKING, Any

from playbooks_ipython.snapshot import (
    caches,
    classes,
    definitions,
    exceptions,
    files,
    items,
    steps,
    traces,
)
from playbooks_ipython.snapshot.arrays import place_in_base
from playbooks_ipython.snapshot.context_reducers import CONTEXT_REDUCERS, context_reducer_for
from playbooks_ipython.snapshot.references import is_importable, leads_to, type_name_in_types
from playbooks_ipython.snapshot.seeds import SEED
from playbooks_ipython.snapshot.standin import StandIn, refused_of
from playbooks_ipython.snapshot.thread_locals import leaves_out, reduce_thread_local, reduce_whole

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing

Reducer = Callable[["Writing", Any], Any]
"""Returns NotImplemented (pickle does it) or a reduce value."""


def reduce_function(writing: Writing, f: types.FunctionType) -> Any:
    scope = f.__globals__
    if scope is not writing.namespace and is_importable(f, writing.namespace):
        return NotImplemented
    cells = f.__closure__ or ()
    contents = tuple((c, c.cell_contents) for c in writing.claim_cells(cells))
    state = definitions.function_state(f)
    if "__module__" in state and state["__module__"] == scope.get("__name__"):
        del state["__module__"]
    make, args = _shell(writing, f, _scope_name(scope, writing.namespace), cells)
    set_function = SEED["set_function"]
    return make, args, (state, contents), None, None, set_function


def _shell(writing: Writing, f: types.FunctionType, scope: Any, cells: Any) -> tuple[Any, Any]:
    code = f.__code__
    names = code.co_freevars
    definition = writing.finder.find(code)
    if definition is None:
        data = marshal.dumps(code)
        return SEED["function_of_bytecode"], (scope, f.__name__, MAGIC_NUMBER, data, names, cells)
    writing.sources.setdefault(definition.sha256, writing.finder.text(code))
    d = definition
    fields = (d.sha256, d.qualname, d.line, d.ordinal, d.flags)
    return SEED["function"], (writing.home, scope, f.__name__, fields, names, cells)


def _scope_name(scope: dict[str, Any], namespace: dict[str, Any]) -> Any:
    """Return a module's name for its globals, and other globals as they are."""
    if scope is namespace:
        return scope
    name = scope.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    return name if module is not None and module.__dict__ is scope else scope


def reduce_cell(writing: Writing, cell: types.CellType) -> Any:
    if not writing.claim_cells((cell,)):
        return SEED["cell"], ()  # a function's shell is being written, which fills it later
    return SEED["cell"], (), (cell.cell_contents,), None, None, SEED["set_cell"]


def reduce_class(writing: Writing, cls: type) -> Any:
    if is_importable(cls, writing.namespace):
        return NotImplemented
    name = type_name_in_types(cls)
    if name is not None:
        return SEED["lookup"], ("types", name)
    if not cls.__flags__ & _HEAP:
        return NotImplemented
    if classes.is_enum(cls):
        args, state = classes.enum_shell_of(cls), classes.enum_state_of(cls)
        return SEED["make_enum"], args, state, None, None, SEED["set_enum"]
    if classes.is_named_tuple(cls):
        args, state = classes.named_tuple_shell_of(cls), classes.named_tuple_state_of(cls)
        return SEED["make_named_tuple"], args, state, None, None, SEED["set_class"]
    args, state = classes.shell_of(cls), classes.state_of(cls)
    return SEED["make_class"], args, state, None, None, SEED["set_class"]


_HEAP = 1 << 9


def reduce_module(writing: Writing, module: types.ModuleType) -> Any:
    if module.__dict__ is writing.namespace:
        return SEED["home_module"], (writing.namespace,)
    if sys.modules.get(module.__name__) is not module:
        return writing.refuse(module, "it was not imported, it was made")
    return SEED["module"], (module.__name__,)


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


def reduce_method(_writing: Writing, method: types.MethodType) -> Any:
    return SEED["method"], (method.__func__, method.__self__)


def reduce_property(_writing: Writing, prop: property) -> Any:
    return SEED["wrap"], (property, (prop.fget, prop.fset, prop.fdel, prop.__doc__))


def reduce_wrapper(_writing: Writing, wrapper: Any) -> Any:
    return SEED["wrap"], (type(wrapper), (wrapper.__func__,))


def reduce_cached_property(_writing: Writing, prop: Any) -> Any:
    state = {"attrname": prop.attrname, "__doc__": prop.__doc__}
    return SEED["wrap"], (type(prop), (prop.func,)), state, None, None, SEED["set_attributes"]


def reduce_lru_cache(writing: Writing, f: Any) -> Any:
    if is_importable(f, writing.namespace):
        return NotImplemented
    settings = f.cache_parameters()
    args = (settings["maxsize"], settings["typed"], f.__wrapped__)
    attributes = {k: v for k, v in f.__dict__.items() if k != "__wrapped__"}
    state = attributes, caches.kept_calls(f)
    return SEED["make_cache"], args, state, None, None, SEED["fill_cache"]


def reduce_code(_writing: Writing, code: types.CodeType) -> Any:
    return SEED["code"], (code.co_name, MAGIC_NUMBER, marshal.dumps(code))


def reduce_super(_writing: Writing, bound: Any) -> Any:
    return SEED["wrap"], (super, (bound.__thisclass__, bound.__self__))


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


def reduce_type_parameter(writing: Writing, parameter: Any) -> Any:
    if leads_to(parameter, parameter.__module__, parameter.__name__, writing.namespace):
        return NotImplemented
    args: tuple[Any, ...] = getattr(parameter, "__constraints__", ())
    if isinstance(parameter, typing.NewType):
        args = (parameter.__supertype__,)
    options = {
        option: getattr(parameter, f"__{option}__", None)
        for option in ("bound", "covariant", "contravariant", "infer_variance")
    }
    about = {option: value for option, value in options.items() if value}
    name, module = parameter.__name__, parameter.__module__
    return SEED["type_parameter"], (type(parameter), name, module, args, about)


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


def reduce_stand_in(writing: Writing, stand_in: StandIn) -> Any:
    return writing.keep_stand_in(refused_of(stand_in))


def refuse_running(writing: Writing, obj: object) -> Any:
    return writing.refuse(obj, "it has begun, and its frame cannot be stored")


REDUCERS: dict[type, Reducer] = {
    types.FunctionType: reduce_function,
    types.CellType: reduce_cell,
    types.ModuleType: reduce_module,
    types.MethodType: reduce_method,
    types.MappingProxyType: reduce_proxy,
    types.CodeType: reduce_code,
    types.TracebackType: reduce_traceback,
    super: reduce_super,
    memoryview: reduce_memory_view,
    type({}.keys()): reduce_view,
    type({}.values()): reduce_view,
    type({}.items()): reduce_view,
    property: reduce_property,
    classmethod: reduce_wrapper,
    staticmethod: reduce_wrapper,
    functools.cached_property: reduce_cached_property,
    type(functools.lru_cache(reduce_cell)): reduce_lru_cache,
    _thread.LockType: reduce_lock,
    _thread.RLock: reduce_reentrant_lock,
    weakref.ref: reduce_weak_reference,
    **CONTEXT_REDUCERS,
    io.TextIOWrapper: reduce_file,
    io.BufferedReader: reduce_file,
    io.BufferedWriter: reduce_file,
    io.BufferedRandom: reduce_file,
    io.FileIO: reduce_file,
    typing.TypeVar: reduce_type_parameter,
    typing.ParamSpec: reduce_type_parameter,
    typing.TypeVarTuple: reduce_type_parameter,
    typing.NewType: reduce_type_parameter,
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
    if issubclass(cls, type):
        return reduce_class
    if issubclass(cls, weakref.ref):
        return reduce_weak_reference
    if issubclass(cls, BaseException):
        return reduce_exception
    if issubclass(cls, types.ModuleType):
        return reduce_module
    if issubclass(cls, threading.Thread):
        return reduce_thread
    if (found := context_reducer_for(cls)) is not None:
        return found
    if leaves_out(cls):
        return reduce_whole
    # Named, not imported: whoever has arrays has NumPy.
    if cls.__module__ == "numpy" and cls.__name__ == "ndarray":
        return reduce_array
    return None
