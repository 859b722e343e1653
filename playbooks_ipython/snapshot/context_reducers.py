"""Context reducers: what belongs to the task that goes on: its loop, its context variables with
their tokens, and what C keeps in them."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playbooks_ipython.snapshot import capsules, context, decimals
from playbooks_ipython.snapshot.seeds import SEED

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing


def reduce_context_variable(writing: Writing, variable: contextvars.ContextVar[Any]) -> Any:
    place = context.place_of(variable)
    own = (variable.name, context.default_of(variable))
    make = (SEED["context_variable"], own) if place is None else (SEED["library_variable"], place)
    values = context.value_here(variable)
    if not values or not context.is_kept(variable):
        return make
    return *make, (writing.home, values[0]), None, None, SEED["set_variable"]


def reduce_token(writing: Writing, token: contextvars.Token[Any]) -> Any:
    return SEED["token"], (writing.home, *context.token_args(token))


def reduce_context(_writing: Writing, kept: contextvars.Context) -> Any:
    task = context.owner_of(kept)
    if task is not None:
        return SEED["scope_of_task"], (task,)
    return SEED["context"], (), context.items_of(kept), None, None, SEED["fill_context"]


def reduce_local_context(_writing: Writing, manager: Any) -> Any:
    return SEED["local_context"], decimals.contexts_of(manager)


def reduce_capsule(writing: Writing, capsule: Any) -> Any:
    if capsules.is_error_state(capsule):
        return SEED["error_state"], capsules.error_state_args(capsule)
    return writing.refuse(capsule, "it is a pointer into this process")


def reduce_loop(writing: Writing, loop: asyncio.AbstractEventLoop) -> Any:
    if loop.is_running():
        return SEED["running_loop"], ()
    return writing.refuse(loop, "only the loop that runs the cell is found again")


CONTEXT_REDUCERS: dict[type, Callable[[Writing, Any], Any]] = {
    contextvars.ContextVar: reduce_context_variable,
    contextvars.Token: reduce_token,
    contextvars.Context: reduce_context,
    capsules.Capsule: reduce_capsule,
}


def context_reducer_for(cls: type) -> Callable[[Writing, Any], Any] | None:
    """Return the reducer for instances of a class that is known by its bases or its name."""
    if issubclass(cls, asyncio.AbstractEventLoop):
        return reduce_loop
    return reduce_local_context if decimals.is_local_context(cls) else None
