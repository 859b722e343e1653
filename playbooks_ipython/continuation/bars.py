"""Bars: progress bars stand at their place after a restart, and draw nothing before it.

tqdm and rich are named, not imported: whoever has bars has them. Their generators are adopted as
any library's are. tqdm's bar, which holds locks and a stream, is taken apart here. Rich's are
managers, made and entered again, to which only what they count is carried over.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from playbooks_ipython.continuation.again import later

_OPTIONS = [
    "desc",
    "total",
    "leave",
    "ncols",
    "mininterval",
    "maxinterval",
    "ascii",
    "disable",
    "unit",
    "unit_scale",
    "dynamic_ncols",
    "smoothing",
    "bar_format",
    "unit_divisor",
    "colour",
    "delay",
]
_WAITS = ".waits"  # no name that tqdm or a user could give an attribute


def is_bar(kind: type) -> bool:
    module = sys.modules.get("tqdm.std")
    return module is not None and issubclass(kind, module.tqdm)


def reduce_bar(obj: Any) -> Any:
    """Reduce a progress bar of tqdm."""
    here = vars(obj)
    waiting: Waiting | None = here.get(_WAITS)
    state = waiting.state if waiting else _state_of(here)
    return make_bar, (type(obj),), (here.get("iterable"), state), None, None, fill_bar


def _state_of(here: dict[str, Any]) -> dict[str, Any]:
    options = {name: here[name] for name in _OPTIONS if name in here}
    stream = getattr(here.get("fp"), "_wrapped", None)
    usual = {id(sys.stdout): "stdout", id(sys.stderr): "stderr", id(None): "stderr"}
    options["file"] = usual.get(id(stream), stream)
    passed = time.time() - here["start_t"] if "start_t" in here else 0.0
    about = {"initial": here.get("initial", 0), "postfix": here.get("postfix")}
    return {"options": options, "n": here["n"], "passed": passed, "about": about}


class Waiting:
    """What a restored bar still lacks. The bar holds it."""

    def __init__(self, bar: Any, state: dict[str, Any]) -> None:
        self.bar, self.state = bar, state

    async def remake(self) -> None:
        """Draw the bar where it stood."""
        bar, state = self.bar, self.state
        del vars(bar)[_WAITS]
        options = dict(state["options"])
        if isinstance(options["file"], str):
            options["file"] = getattr(sys, options["file"])
        with bar.get_lock():  # as its class does when it makes one
            bar._instances.add(bar)
        bar.__init__(bar.iterable, initial=state["n"], **options)
        vars(bar).update(state["about"])
        if not bar.disable:
            bar.start_t = time.time() - state["passed"]
            bar.refresh()


def make_bar(kind: type) -> Any:
    """A bar that draws nothing yet."""
    bar: Any = object.__new__(kind)
    vars(bar)["disable"] = True  # so that a bar that is dropped does not draw itself either
    return bar


def fill_bar(bar: Any, state: tuple[Any, dict[str, Any]]) -> None:
    iterable, rest = state
    vars(bar).update(iterable=iterable, n=rest["n"])
    vars(bar)[_WAITS] = later(Waiting(bar, rest))


_COUNTED = {"Progress": ("_tasks", "_task_index"), "_TrackThread": ("completed",)}


def counted_by(manager: Any) -> dict[str, Any]:
    """What one of rich's managers has counted; nothing for any other."""
    kind = type(manager)
    names = _COUNTED.get(kind.__name__, ()) if kind.__module__ == "rich.progress" else ()
    return {name: vars(manager)[name] for name in names}


def carry_over(manager: Any, counted: dict[str, Any]) -> None:
    """Give a new manager what the old one had counted."""
    if "completed" in counted:
        manager.progress.update(manager.task_id, completed=0)  # it will advance by all of them
    if counted:
        vars(manager).update(counted)
