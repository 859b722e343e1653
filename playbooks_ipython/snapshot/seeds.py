"""Seeds: what every stream refers to by number instead of by import path.

A stream begins with one reference to each seed, so modules may move and checkpoints stay readable,
and the notebook's dictionary, a seed too, never enters a stream. The order is the format of
streams: append only.
"""

from __future__ import annotations

import asyncio
import builtins
import contextvars
import dataclasses
import types
from typing import Any

from playbooks_ipython.snapshot import (
    arrays,
    caches,
    capsules,
    classes,
    context,
    decimals,
    definitions,
    exceptions,
    files,
    hashes,
    home,
    items,
    leaves,
    markers,
    references,
    steps,
    traces,
    wrappers,
)

_TABLE: tuple[tuple[str, Any], ...] = (
    ("namespace", None),
    ("home", None),
    ("builtins", builtins.__dict__),
    ("stand_in", home.stand_in),
    ("lookup", references.lookup),
    ("module", references.module),
    ("home_module", references.home_module),
    ("function", definitions.function),
    ("function_of_bytecode", definitions.function_of_bytecode),
    ("set_function", definitions.set_function),
    ("cell", definitions.cell),
    ("set_cell", definitions.set_cell),
    ("make_class", classes.make_class),
    ("make_enum", classes.make_enum),
    ("make_named_tuple", classes.make_named_tuple),
    ("set_class", classes.set_class),
    ("set_enum", classes.set_enum),
    ("exception", exceptions.exception),
    ("set_exception", exceptions.set_exception),
    ("open_file", files.open_file),
    ("load_leaf", leaves.load_leaf),
    ("wrap", wrappers.wrap),
    ("set_attributes", wrappers.set_attributes),
    ("weak_reference", wrappers.weak_reference),
    ("context_variable", context.make_variable),
    ("call_quietly", wrappers.call_quietly),
    ("method", types.MethodType),
    ("proxy", types.MappingProxyType),
    ("lru_cache", wrappers.lru_cache),
    ("type_parameter", wrappers.type_parameter),
    ("code", definitions.bytecode),
    ("lock", wrappers.lock),
    ("reentrant_lock", wrappers.reentrant_lock),
    # What the standard library compares by identity.
    ("missing", dataclasses.MISSING),
    ("kw_only", dataclasses.KW_ONLY),
    ("field", dataclasses._FIELD),  # type: ignore[attr-defined] # in no stub
    ("field_class_variable", dataclasses._FIELD_CLASSVAR),  # type: ignore[attr-defined] # as above
    ("field_init_variable", dataclasses._FIELD_INITVAR),  # type: ignore[attr-defined] # as above
    ("make_view", arrays.make_view),
    ("find_match", items.find_match),
    ("find_entry", items.find_entry),
    ("library_variable", context.variable_at),
    ("set_variable", context.set_variable),
    ("token", context.make_token),
    ("context", contextvars.Context),
    ("fill_context", context.fill_context),
    ("scope_of_task", context.scope_of_task),
    ("local_context", decimals.local_context),
    ("error_state", capsules.error_state),
    ("traceback", traces.make_trace),
    ("running_loop", asyncio.get_running_loop),
    ("memory_view", wrappers.memory_view),
    ("iterator_over", steps.iterator_over),
    ("make_cache", caches.make_cache),
    ("fill_cache", caches.fill_cache),
    ("marker", markers.marker),
    ("set_hashed", hashes.set_hashed),
)
NAMES = tuple(name for name, _ in _TABLE)
SEED: dict[str, Any] = dict(_TABLE)


def seed_objects(namespace: dict[str, Any], made: home.Home) -> list[Any]:
    """Return the seeds in the order of the format."""
    return [namespace, made, *(value for _, value in _TABLE[2:])]


def seed_prefix(n: int) -> bytes:
    """Return the pickle opcodes for one seed: BININT1 n, BINPERSID, MEMOIZE, POP."""
    return b"K%cQ\x940" % n


HEAD = 2
"""How many bytes stand before the first seed: which protocol it is."""
PREFIX = b"\x80\x05" + b"".join(map(seed_prefix, range(len(_TABLE))))
