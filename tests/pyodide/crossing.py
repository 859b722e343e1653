"""What is run on both sides of a change of interpreter, natively and inside Pyodide.

`python -m tests.pyodide.crossing corpus` | `save FILE` | `go_on FILE`
prints, as the last line, JSON: how many programs and restores there were, and what differed.
Frames are handed over as the bytes of a pickle that names code by source and place only.
"""

from __future__ import annotations

import gc
import json
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.continuation import harness
from tests.continuation.corpus import PROGRAMS

# Programs that the pickler of the harness cannot hand over, or whose ends are each version's own.
STAYS = {
    "with_contextlib": "a function that a library made is known by its address",
    "asynccontextmanager": "the same",
    "exit_stack_with_awaits_between": "the same",
    "for_every_iterator": "which lambda of a line it is, is told by columns of the bytecode",
    "comprehensions": "code of a comprehension has another qualified name from 3.12 on",
    "comprehensions_and_cells_of_the_same_name": "the same",
    "comprehension_scopes": "the same",
    "module_names": "annotations are code of their own from 3.14 on",
    "lambda_defaults": "the same",
    "annotations_everywhere": "the same",
    "for_iterators_of_itertools": "3.14 cannot pickle iterators of itertools",
    "nested_functions_and_qualnames": "the same",
    "augmented_targets": "the same",
    "fails_at_the_end": "3.14 words the error of a division otherwise",
    "comprehension_that_fails": "the same",
}


def found(counts: dict[str, int], differ: dict[str, str]) -> dict[str, Any]:
    python = "{}.{}.{}".format(*sys.version_info[:3])
    return {"python": python, "platform": sys.platform, **counts, "differ": differ}


def check_corpus() -> dict[str, Any]:
    """Crash every program at every mark, in this interpreter."""
    restores = 0
    differ = {}
    gc.disable()  # it would close what a crash left behind, in the midst of the next run
    for name, text in PROGRAMS.items():
        gc.collect()
        try:
            restores += harness.check(text)
        except Exception as error:  # noqa: BLE001  # whatever a difference looks like
            differ[name] = f"{type(error).__name__}: {error}"
    return found({"programs": len(PROGRAMS), "restores": restores}, differ)


def save(file: str) -> dict[str, Any]:
    """Run the corpus and keep its frames at every mark for another interpreter."""
    kept, differ = {}, {}
    for name in PROGRAMS.keys() - STAYS.keys():
        text = PROGRAMS[name]
        end, shots = harness.run_twins(harness.Program(text))
        if end != harness.run_plain(text):
            differ[name] = "undisturbed, it ends otherwise"
            continue
        kept[name] = [
            (shot.what, shot.data, [harness.canonical(entry) for entry in shot.log])
            for shot in shots
        ]
    whole = kept, harness.SOURCES, harness.TEXTS
    Path(file).write_bytes(pickle.dumps(whole))
    marks = sum(map(len, kept.values()))
    return found({"programs": len(kept), "marks": marks}, differ)


def go_on(file: str) -> dict[str, Any]:
    """Go on from the frames of another interpreter, to the end that this one gives the program."""
    kept, sources, texts = pickle.loads(Path(file).read_bytes())  # noqa: S301  # the test's own
    harness.SOURCES.update(sources)
    harness.TEXTS.update(texts)
    restores, differ = 0, {}
    for name, shots in kept.items():
        plain = harness.run_plain(PROGRAMS[name])
        program = harness.Program(PROGRAMS[name])
        for what, data, log in shots:
            try:
                end, _ = harness.resume(program, harness.Shot(data, [], what), takes=False)
            except Exception as error:  # noqa: BLE001  # whatever the harness cannot bring over
                differ[name] = f"{what}: {type(error).__name__}: {error}"
                continue
            restores += 1
            end.log[:0] = log
            if end != plain:
                differ[name] = harness.difference(what, end, plain)
    return found({"programs": len(kept), "restores": restores}, differ)


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "corpus": check_corpus,
    "save": save,
    "go_on": go_on,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore", SyntaxWarning)  # 3.14 warns of what leaves a `finally`
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))  # noqa: T201  # what it is for
