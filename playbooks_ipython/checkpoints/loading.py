"""Loading: the bytes of a verified checkpoint made into objects again."""

from __future__ import annotations

import builtins
from typing import Any

from playbooks_ipython.checkpoints.frames import FRAME, abandon, settle
from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.continuation import restoring
from playbooks_ipython.records import Record
from playbooks_ipython.snapshot import Decoded, decode, user_variables


def decode_checkpoint(graph: Graph, namespace: dict[str, Any]) -> Decoded:
    """Build the objects of a graph; its functions and frames will run in `namespace`.

    Only for graphs whose seals were checked: this unpickles. One value that cannot be built is a
    stand-in in the result, never an error. Nothing is put into the namespace.
    """
    sources = graph.sources.__getitem__
    with restoring(namespace, sources):
        return decode(graph.stream, graph.buffers, namespace=namespace, sources=sources)


def load_values(graph: Graph, record: Record) -> Decoded:
    """Build a checkpoint's objects in a namespace of their own, the last outcome bound."""
    home: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    decoded = decode_checkpoint(graph, home)
    if not record.fields.get("settles"):
        abandon(decoded.extra.get(FRAME))
        return decoded
    home |= decoded.variables
    settle(decoded.extra[FRAME])
    return Decoded(user_variables(home, frozenset()), decoded.extra, decoded.stand_ins)
