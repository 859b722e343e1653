"""Given: managers that an await gave (a connection), to be made again in their place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import FrameType, ModuleType
from typing import Any

from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.entering import is_made_again, is_manager, note_made
from playbooks_ipython.continuation.nodes import clone
from playbooks_ipython.continuation.sites import Site


def note_given(
    site: Site, frame: FrameType, given: object, refuses: Callable[[object], bool]
) -> None:
    """Keep how a manager was made that an await of a call has given.

    Not of a call to something that cannot be stored itself: what that gives stands for more than
    the call says (a cursor, the response to a request).

    Args:
        frame: that of the site; its hidden locals hold the operands.
    Cost: nothing for what is no manager.
    """
    if site.call is None or not is_manager(type(given)):
        return
    call = _call_of(site.call, site.line, dict(frame.f_locals))
    owner = getattr(call.function, "__self__", None)
    is_plain = owner is None or isinstance(owner, type | ModuleType)
    if is_plain or not (is_made_again(owner) or refuses(owner)):
        call.is_awaited = True
        note_made(call, given)


def _call_of(node: ast.Call, line: int, values: Mapping[str, Any]) -> Call:
    """The call that a tree makes of operands which hidden names hold."""
    keys: list[ast.expr | None] = [
        ast.Constant(k.arg) if k.arg is not None else None for k in node.keywords
    ]
    operands = ast.Tuple(list(map(clone, node.args)), ast.Load())
    named = ast.Dict(keys, [clone(k.value) for k in node.keywords])
    parts = ast.Expression(ast.Tuple([clone(node.func), operands, named], ast.Load()))
    code = compile(ast.fix_missing_locations(parts), "<call>", "eval")
    return Call(line, *eval(code, {}, values))  # the program's own operands
