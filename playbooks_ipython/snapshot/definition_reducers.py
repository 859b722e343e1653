"""Definition reducers: what a program defines: functions and their cells, classes, modules, and
what wraps functions in them."""

from __future__ import annotations

import functools
import marshal
import sys
import types
import typing
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from typing import TYPE_CHECKING, Any

from playbooks_ipython.snapshot import caches, classes, definitions
from playbooks_ipython.snapshot.references import is_importable, leads_to, type_name_in_types
from playbooks_ipython.snapshot.seeds import SEED

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing


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


DEFINITION_REDUCERS: dict[type, Callable[[Writing, Any], Any]] = {
    types.FunctionType: reduce_function,
    types.CellType: reduce_cell,
    types.ModuleType: reduce_module,
    types.MethodType: reduce_method,
    types.CodeType: reduce_code,
    super: reduce_super,
    property: reduce_property,
    classmethod: reduce_wrapper,
    staticmethod: reduce_wrapper,
    functools.cached_property: reduce_cached_property,
    type(functools.lru_cache(reduce_cell)): reduce_lru_cache,
    typing.TypeVar: reduce_type_parameter,
    typing.ParamSpec: reduce_type_parameter,
    typing.TypeVarTuple: reduce_type_parameter,
    typing.NewType: reduce_type_parameter,
}


def definition_reducer_for(cls: type) -> Callable[[Writing, Any], Any] | None:
    """Return the reducer for instances of a class that is known by its bases."""
    if issubclass(cls, type):
        return reduce_class
    return reduce_module if issubclass(cls, types.ModuleType) else None
