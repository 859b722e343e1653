"""Programs that ask a server through httpx, many requests at once, killed with SIGKILL.

The server outlives them and remembers what it was asked. `make test` takes a seeded sample of the
kill points, `make faults` takes all of them.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks_ipython.execution.twins import give_twins
from tests.execution.chains import (
    ALL,
    SEED,
    Kill,
    Process,
    fork,
    kill_points,
    operations_completed,
    prepare,
    some_kills,
)
from tests.execution.programs_httpx import PROGRAMS, STREAMS
from tests.execution.task_chains import Undisturbed
from tests.support.web import Request, Web, serving

pytest.importorskip("httpx")
SAMPLE, REACH = 3, 12
HARD = {
    "errors": [("done", 3)],
    "anyio_group_of_own_functions": [("issue", 5), ("done", 5)],
    "deadlines": [("done", 2)],
    "lines": [("done", 13)],
    "lines_of_an_iterator_with_a_name": [("issue", 13)],
}
"""Always tried: an await of the library was in a cancel scope of anyio just then; or a stream had
ended, and what it gave still has a name."""


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """So that no process has to compile what waits."""
    give_twins({}, with_anyio=True)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serving() as running:
        yield running


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_ends_as_cpython_ends_it_and_repeats_no_request_that_completed(
    name: str, web: Web, tmp_path: Path
) -> None:
    """One that was in flight may be sent again, as another attempt with the same key."""
    text = PROGRAMS[name].replace("SERVER", repr(web.url))
    web.forget()
    program = Undisturbed(tmp_path / "plain", text)
    paths = Counter(request.path for request in web.requests)
    web.forget()
    assert program.run_through(tmp_path / "whole", []) == 0
    assert Counter(request.path for request in web.requests) == paths
    assert not (wrong := wrong_requests(web.requests)), wrong
    for number, kills in enumerate(chosen(kill_points(tmp_path / "whole"), name)):
        web.forget()
        repeated = list[Request]()
        program.run_through(tmp_path / str(number), kills, dying(web, repeated))
        assert {request.path for request in web.requests} == set(paths), kills
        assert not repeated, kills
        assert not (wrong := wrong_requests(web.requests)), wrong


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_was_killed_goes_on_at_its_line(name: str, web: Web, tmp_path: Path) -> None:
    """Each process that goes on within asks for it once more; no line is dealt with twice."""
    text = STREAMS[name].replace("SERVER", repr(web.url))
    web.forget()
    program = Undisturbed(tmp_path / "plain", text)
    asked = Counter(request.path for request in web.requests)
    for number, kills in enumerate([[], *chosen(stream_points(web, tmp_path, text), name)]):
        web.forget()
        deaths = program.run_through(tmp_path / str(number), kills)
        more = Counter(request.path for request in web.requests) - asked
        assert not asked - Counter(request.path for request in web.requests), kills
        assert all(count <= deaths for count in more.values()), kills


def stream_points(web: Web, folder: Path, text: str) -> list[Kill]:
    """Every record of a whole run, each of which is one await of the program."""
    whole = prepare(folder / "whole", text)
    assert fork(whole, "run") == 0
    web.forget()
    return kill_points(whole)


def chosen(points: list[Kill], name: str) -> list[list[Kill]]:
    random_ = random.Random(f"{SEED}{name}")
    if not ALL:
        points = [*HARD.get(name, ()), *random_.sample(points, SAMPLE)]
    return [[point, *some_kills(random_, 1, REACH)] for point in points]


def dying(web: Web, repeated: list[Request]) -> Process:
    """Processes that fill `repeated` with what was asked though it had completed before."""

    def start(folder: Path, verb: str, *kill: object) -> int:
        completed = operations_completed(folder) if verb == "resume" else set()
        before = len(web.requests)
        status = fork(folder, verb, *kill)
        repeated.extend(one for one in web.requests[before:] if one.operation in completed)
        return status

    return start


def wrong_requests(requests: list[Request]) -> list[list[Request]]:
    """Return what was asked by more than one key, or twice as one attempt; and what shares a key.

    In the order of no time: what a process sent before its death may be read after it.
    """
    by_path, by_key = defaultdict[str, list[Request]](list), defaultdict[str, list[Request]](list)
    for request in requests:
        by_path[request.path].append(request)
        by_key[request.key].append(request)
    wrong = [one for one in by_path.values() if len({request.key for request in one}) > 1]
    wrong += [one for one in by_path.values() if len({r.attempt for r in one}) < len(one)]
    return wrong + [one for one in by_key.values() if len({r.path for r in one}) > 1]
