"""Loading: the bytes of a verified checkpoint made into objects again."""

from __future__ import annotations

import builtins
from typing import Any

from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.snapshot import Decoded, decode


def decode_checkpoint(graph: Graph, namespace: dict[str, Any] | None = None) -> Decoded:
    """Build the objects of a graph; its functions will run in `namespace` (None: a new one).

    Only for graphs whose seals were checked: this unpickles. One value that cannot be built is a
    stand-in in the result, never an error.
    """
    home = namespace if namespace is not None else _fresh_namespace()
    return decode(graph.stream, graph.buffers, namespace=home, sources=graph.sources.__getitem__)


def _fresh_namespace() -> dict[str, Any]:
    return {"__name__": "__main__", "__builtins__": builtins}
