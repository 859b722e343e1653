"""Where a run goes on: after errors, interrupts and deletions, and from older checkpoints."""

from __future__ import annotations

import asyncio

import pytest

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    abandon,
    parse_reference,
)
from playbooks_ipython.errors import NotResumable
from playbooks_ipython.execution.restoring import load_checkpoint
from playbooks_ipython.execution.runs import Cell
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from tests.execution.place import Place, failing
from tests.support import outside

FAILING = """
async def call(name):
    effect(f"{name} attempt {attempt()}")
    if not go:
        raise ValueError(name)
    return name

go = effect.__name__ == "fixed"
"""


UNWINDING = FAILING + (
    "try:\n    await call('paid')\nfinally:\n    await tool('one')\n    await tool('two')\n"
)


def test_the_await_whose_error_ended_the_run_is_issued_again_as_attempt_2(place: Place) -> None:
    program = FAILING + "x = await tool('before')\ny = await call('paid')\n"
    failing(lambda: place.run(program))
    failing(place.resume)
    assert place.effects == ["tool before ()", "paid attempt 1", "paid attempt 2"]


def test_an_error_raised_from_another_goes_back_to_the_await_of_the_first(place: Place) -> None:
    program = FAILING + (
        "try:\n    await call('paid')\nexcept ValueError as e:\n"
        "    await tool('rollback')\n    raise RuntimeError('no') from e\n"
    )
    failing(lambda: place.run(program))
    failing(place.resume)
    assert place.effects.count("paid attempt 2") == 1


def test_awaits_in_finally_are_no_place_to_go_on_from(place: Place) -> None:
    failing(lambda: place.run(UNWINDING))
    failing(place.resume)
    assert place.effects.count("paid attempt 2") == 1


def test_a_fork_from_within_an_unwinding_can_be_gone_on_with(place: Place) -> None:
    """Nothing lies before the fork, so its unwinding begins there each time."""
    failing(lambda: place.run(UNWINDING))
    failing(lambda: place.resume("program@2"))
    failing(place.resume)
    assert place.effects.count("paid attempt 1") == 1
    assert place.effects.count("tool one ()") == 1
    assert place.effects.count("tool two ()") == 3


def test_what_a_resume_needs_is_kept_whatever_keep_last_n_says(place: Place) -> None:
    program = FAILING + (
        "await tool('before')\ntry:\n    await call('paid')\nfinally:\n"
        "    await tool('one')\n    await tool('two')\n    await tool('three')\n"
    )
    failing(lambda: place.run(program, keep_last_n=1))
    failing(lambda: place.resume(keep_last_n=1))
    assert place.effects.count("paid attempt 2") == 1
    assert place.effects.count("tool before ()") == 1


BENEATH = FAILING + (
    "from tests.support.opaque import Loop\n"
    "async def first(question):\n    return await tool('1') + await tool('2') + await tool('3')\n"
    "async def last(found):\n    return await call('paid')\n"
    "await tool('before')\nawait Loop(first, last).run('why')\n"
)


def test_what_a_region_needs_is_kept_whatever_keep_last_n_says(place: Place) -> None:
    """The library's call is issued again, and what completed beneath it is answered."""
    failing(lambda: place.run(BENEATH, keep_last_n=1))
    failing(lambda: place.resume(keep_last_n=1))
    failing(lambda: place.resume(keep_last_n=1))
    tools = [f"tool {n} ()" for n in ("before", 1, 2, 3)]
    assert place.effects == [*tools, *(f"paid attempt {n}" for n in (1, 2, 3))]


def test_an_older_checkpoint_within_a_region_is_said_to_begin_with_it(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Awaits after the region's beginning are issued again in a fork, and that is said."""
    failing(lambda: place.run(BENEATH))
    capsys.readouterr()
    failing(lambda: place.resume("program@3"))
    assert place.effects.count("tool 1 ()") == 2
    said = "program@3 stands in what a library's call, or an await that gave what cannot be stored"
    assert said in capsys.readouterr().err


def test_an_error_that_was_caught_and_raised_later_stays_caught(place: Place) -> None:
    program = FAILING + (
        "try:\n    await call('paid')\nexcept ValueError as e:\n    kept = e\n"
        "    await tool('logged')\nraise kept\n"
    )
    failing(lambda: place.run(program))
    failing(place.resume)
    assert place.effects == ["paid attempt 1", "tool logged ()"]


def test_a_plain_error_runs_again_from_the_last_await(place: Place) -> None:
    failing(lambda: place.run("await tool('one')\neffect('plain')\nraise ValueError\n"))
    failing(place.resume)
    assert place.effects == ["tool one ()", "plain", "plain"]


def test_an_error_before_the_first_await_leaves_nothing_to_go_on_from(place: Place) -> None:
    program = (
        "async def f():\n    effect('plain')\n    raise ValueError\n    await tool('x')\n\n"
        "await f()\n"
    )
    failing(lambda: place.run(program))
    cell = Cell(program, "program", "resume")
    failing(lambda: asyncio.run(place.runs().run_cell(cell)))
    assert place.effects == ["plain", "plain"]


def test_a_key_is_the_same_for_every_attempt_and_another_for_another_request(place: Place) -> None:
    program = (
        "async def pay(sum):\n    effect(f'{sum} {idempotency_key()}')\n"
        "    if sum == 3: raise ValueError\n\n"
        "for sum in (1, 1, 2, 3):\n    await pay(sum)\n"
    )
    failing(lambda: place.run(program))
    failing(place.resume)
    first, again, other, failed, once_more = (line.split()[1] for line in place.effects)
    assert failed == once_more
    assert len({first, again, other, failed}) == 4


def test_a_fork_can_be_gone_on_from_before_its_first_await(place: Place) -> None:
    """A kernel that dies right after it has begun a new line leaves one that is whole."""
    failing(lambda: place.run("await tool('1')\nawait tool('2')\nraise ValueError\n"))
    manager = CheckpointManager("program", place.provider)
    restored = load_checkpoint(manager, 1, {})
    journal = restored.open_journal({})
    assert journal is not None
    journal.close()
    abandon(restored.extra)
    failing(place.resume)
    assert place.effects == ["tool 1 ()", "tool 2 ()", "tool 2 ()"]


def test_the_checkpoint_that_a_resume_needs_cannot_be_deleted(place: Place) -> None:
    failing(lambda: place.run("await tool('1')\nawait tool('2')\nraise ValueError\n"))
    with pytest.raises(NotResumable):
        place.runs().delete(parse_reference("program@2"))
    place.runs().delete(parse_reference("program@1"))
    failing(place.resume)
    assert place.effects == ["tool 1 ()", "tool 2 ()"]


def test_a_deleted_checkpoint_leaves_no_byte_of_its_values(place: Place) -> None:
    failing(
        lambda: place.run(
            "secret = 'hunter' + str(2)\nawait tool('1')\ndel secret\nawait tool('2')\n"
            "await tool('3')\nraise ValueError\n"
        ),
    )
    place.runs().delete(parse_reference("program@1"))
    left = b"".join(
        p.read_bytes() for p in (place.folder / ".checkpoints").rglob("*") if p.is_file()
    )
    assert b"hunter2" not in left


def test_keeping_order_leaves_no_claim_behind(place: Place) -> None:
    failing(lambda: place.run("await tool('1')\nawait tool('2')\nraise ValueError\n"))
    place.runs().delete(parse_reference("program@1"))
    assert [one.state for one in place.runs().catalogue.summaries()] == ["failed"]


def test_a_checkpoint_saved_by_hand_goes_on_after_what_it_says_has_run(place: Place) -> None:
    class Agent:
        id, state = "hand", None

    program = "a = 1\nb = 2\nawait tool('one')\nawait tool('two')\n"

    async def save_and_resume() -> None:
        metadata = {"llm_response": program, "executed_code": "a = 1\nb = 2\nawait tool('one')"}
        namespace = {"a": 1, "b": 2, "tool": outside.tool}
        await place.provider.save_checkpoint("hand_ckpt_1", {}, namespace, metadata)
        manager = CheckpointManager("hand", place.provider)
        newest = await manager.get_latest_checkpoint()
        assert newest is not None
        await StreamingPythonExecutor.resume_from_checkpoint(Agent(), newest, manager=manager)

    asyncio.run(save_and_resume())
    assert place.effects == ["tool two ()"]


def test_a_thread_that_writes_meanwhile_spoils_no_checkpoint(place: Place) -> None:
    """H17: what is written is a copy, and its name is the copy's own."""
    pytest.importorskip("numpy")
    place.run(
        "import threading, numpy\n"
        "big, stop = numpy.zeros(2_000_000), threading.Event()\n"
        "def scribble():\n"
        "    while not stop.is_set(): big[:] += 1\n\n"
        "writer = threading.Thread(target=scribble)\n"
        "writer.start()\n"
        "for i in range(5):\n    await tool(str(i))\n"
        "stop.set(); writer.join()\n"
    )
    (verdict,) = place.runs().verify()
    assert verdict.sound, verdict.sentence


def test_what_other_tasks_completed_is_not_issued_again_after_one_failed(place: Place) -> None:
    """An error reaches who awaits its task before others go on, so nothing of theirs is lost."""
    program = (
        "import asyncio\n"
        "async def one(n):\n"
        "    for k in range(1 if n == 1 else 6):\n"
        "        effect(f'{n} at {k}')\n"
        "        await asyncio.sleep(0)\n"
        "    if n == 1:\n"
        "        raise ValueError(n)\n"
        "results = await asyncio.gather(*(one(n) for n in range(4)))\n"
    )
    failing(lambda: place.run(program))
    failing(place.resume)
    assert len(place.effects) == len(set(place.effects)) > 4
