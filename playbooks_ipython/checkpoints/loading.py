"""Loading: the bytes of a verified checkpoint made into objects again."""

from __future__ import annotations

import builtins
import contextvars
import gc
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from playbooks_ipython.checkpoints.frames import CHILDREN, FRAME, PARKED, abandon, settle
from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.continuation import Again, Lost, restoring
from playbooks_ipython.continuation.places import put_in_place
from playbooks_ipython.continuation.rebuild import Follow
from playbooks_ipython.continuation.tasks import RunTask
from playbooks_ipython.continuation.waking import Waiting
from playbooks_ipython.errors import UnstorableValue
from playbooks_ipython.records import Record, Refused
from playbooks_ipython.snapshot import Decoded, StandIn, decode, user_variables
from playbooks_ipython.snapshot.home import FollowDefinition
from playbooks_ipython.snapshot.paths import find_paths
from playbooks_ipython.snapshot.standin import refused_of, rename

_UNENDED = "it had not ended; only a run that goes on takes it up again"

AGAIN = "again"
"""The key under which a decoded graph holds what must be made again before it is gone on from."""


class Following(Protocol):
    """Leads from what is stored to what it was edited to since."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts of the definitions that it leads to, by their SHA-256."""
        ...

    @property
    def frame(self) -> Follow: ...

    @property
    def definition(self) -> FollowDefinition: ...


def decode_checkpoint(
    graph: Graph, namespace: dict[str, Any], edits: Following | None = None
) -> Decoded:
    """Build the objects of a graph; its functions and frames will run in `namespace`.

    Only for graphs whose seals were checked: this unpickles. One value that cannot be built is a
    stand-in in the result, never an error. Nothing is put into the namespace; context variables get
    their values in the current context, to which their tokens belong. `edits`: what was edited
    since is used in its new form.
    """
    texts = graph.sources if edits is None else {**graph.sources, **edits.texts}
    sources = texts.__getitem__
    frame, definition = (edits.frame, edits.definition) if edits else (None, None)
    with Again() as again, restoring(namespace, sources, frame):
        decoded = decode(
            graph.stream,
            graph.buffers,
            namespace=namespace,
            sources=sources,
            follow=definition,
            units=graph.units,
        )
    if decoded.stand_ins:
        gc.collect()  # what a first load in vain left behind must not be made again
    decoded.extra[AGAIN] = again
    if decoded.parked:
        decoded.extra[PARKED] = list(decoded.parked)
        _enlist(decoded.parked, decoded.extra.get(CHILDREN))
    return decoded


def _enlist(parked: Iterable[Any], children: dict[str, Any] | None) -> None:
    """Add the tasks that were stored apart to those of the run, in the order of their making."""
    if children is not None:
        tasks = [one for one in parked if isinstance(one, RunTask)]
        alive = [*children["alive"], *(one for one in tasks if not one.done())]
        children["alive"] = sorted(alive, key=lambda task: task.strand.number)
        children["ended"] += [one for one in tasks if one.done()]


def let_be(decoded: Decoded) -> Decoded:
    """Put stand-ins for all that waits to be made again: nobody goes on with this graph."""
    again = decoded.extra[AGAIN]
    unended = _end_futures(again.waiting, decoded.variables)
    made = [stand for lost in again.give_up() for stand in _stand_ins_for(lost)]
    paths = find_paths({**decoded.extra, **decoded.variables}, made)
    for one in made:
        rename(one, str(paths.get(id(one), refused_of(one).type_name)))
    stand_ins = dict.fromkeys((*decoded.stand_ins, *map(refused_of, made), *unended))
    return Decoded(decoded.variables, decoded.extra, tuple(stand_ins))


def _end_futures(waiting: Iterable[Any], variables: Mapping[str, object]) -> list[Refused]:
    """End every task and future that nobody will: to ask for its outcome raises, and says why.

    Returns those that variables lead to.
    """
    ends = [one for one in waiting if isinstance(one, Waiting) and one.future is not None]
    paths = find_paths(dict(variables), [one.future for one in ends]) if ends else {}
    found = []
    for one in ends:
        path, name = paths.get(id(one.future)), type(one.future).__name__
        refused = Refused(str(path or name), name, _UNENDED)
        one.give_up(UnstorableValue(refused.variable, name, _UNENDED))
        found += [refused] if path else []
    return found


def _stand_ins_for(lost: Lost) -> list[StandIn]:
    reason = f"{lost.made_by} made it; only a run that goes on makes it again"
    made = []
    for place in lost.places:
        made.append(StandIn("", lost.type_name, reason))
        put_in_place(place, made[-1])
    return made


def load_values(graph: Graph, record: Record, home: dict[str, Any] | None = None) -> Decoded:
    """Build a checkpoint's objects in a namespace of their own, the last outcome bound.

    `home`: that namespace, for who wants to know it; empty but for what every module has.
    """
    if home is None:
        home = {"__name__": "__main__", "__builtins__": builtins}
    # Aside: what is only looked at gives no context variable of this process another value.
    decoded = let_be(contextvars.copy_context().run(decode_checkpoint, graph, home))
    if not record.fields.get("settles"):
        abandon(decoded.extra)
        return decoded
    home |= decoded.variables
    settle(decoded.extra.pop(FRAME))
    abandon(decoded.extra)
    return Decoded(user_variables(home, frozenset()), decoded.extra, decoded.stand_ins)
