"""Ours: the program as a cell, run by the executor and kept by its log.

Native is the same text, compiled by Python and awaited; plain is the executor with
`enabled = false`.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal

import program
from child import Job, Row, main

from playbooks_ipython.checkpoints import CheckpointManager, FilesystemCheckpointProvider
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from playbooks_ipython.settings import Settings

RUN = "bench"


def cell(job: Job, calls: int, loop: bool) -> str:
    """Return the program as text: the start values, then the awaits and their plain code.

    Without `loop` every await is a top-level statement of its own, which is compiled when it is
    reached; with it the awaits are one statement, as in the peers' programs.
    """
    head = [f"{name} = {value!r}" for name, value in job.state.items()]
    if loop:
        step = one_await("i", f"i % {program.MESSAGES}")
        body = [f"for i in range({calls}):", *("    " + line for line in step)]
    else:
        body = [line for i in range(calls) for line in one_await(i, i % program.MESSAGES)]
    return "\n".join(["from program import tool, mix", *head, *body]) + "\n"


def deep_cell(job: Job, calls: int, depth: int) -> str:
    """Return the program with its loop in the innermost of `depth` calls of one async function.

    Each call holds a list of its own, and looks at it again when the calls return.
    """
    head = [f"{name} = {value!r}" for name, value in job.state.items()]
    step = "\n".join("        " + line for line in one_await("i", f"i % {program.MESSAGES}"))
    return "\n".join(["from program import tool, mix", *head, _DESCENT.format(calls=calls)]) + (
        f"{step}\n    return level\n\nassert await descend(1, {depth}) == {depth}\n"
    )


_DESCENT = """
async def descend(level, depth):
    global reply, digest
    own = [level, f"level {{level}}"]
    if level < depth:
        reached = await descend(level + 1, depth)
        assert own == [level, f"level {{level}}"]
        return reached
    for i in range({calls}):
"""


def beside_cell(job: Job, calls: int, tasks: int) -> str:
    """Return the program with its loop beside so many tasks that wait until it has ended.

    Each holds a list of its own, and gives it back.
    """
    head = [f"{name} = {value!r}" for name, value in job.state.items()]
    step = "\n".join("    " + line for line in one_await("i", f"i % {program.MESSAGES}"))
    return "\n".join(["from program import tool, mix", *head, _WAITING.format(tasks=tasks)]) + (
        f"for i in range({calls}):\n{step}\nended.set()\n"
        f"assert await asyncio.gather(*waiting) == [[n, n + 1] for n in range({tasks})]\n"
    )


_WAITING = """
import asyncio
ended = asyncio.Event()
async def wait(n):
    own = [n]
    await ended.wait()
    return [*own, n + 1]
waiting = [asyncio.create_task(wait(n)) for n in range({tasks})]
await asyncio.sleep(0)
"""


def turns_cell(job: Job, calls: int, tasks: int) -> str:
    """Return the program with its awaits done in turn by so many tasks of one `gather`."""
    head = [f"{name} = {value!r}" for name, value in job.state.items()]
    step = "\n".join("        " + line for line in one_await("i", f"i % {program.MESSAGES}"))
    return "\n".join(["from program import tool, mix", *head, _TURNS.format(calls=calls)]) + (
        f"{step}\n        await asyncio.sleep(0)\n"
        f"await asyncio.gather(*[take() for _ in range({tasks})])\n"
    )


_TURNS = """
import asyncio
numbers = iter(range({calls}))
async def take():
    global reply, digest
    for i in numbers:
"""


def fan_cell(job: Job, calls: int, tasks: int) -> str:
    """Return the program with its awaits behind a semaphore: in so many tasks at once, or with one
    in calls one after another."""
    head = [f"{name} = {value!r}" for name, value in job.state.items()]
    step = "\n".join("        " + line for line in one_await("i", f"i % {program.MESSAGES}"))
    at_once = f"await asyncio.gather(*[take(i) for i in range({tasks})])\n"
    one_by_one = f"for n in range({calls}):\n    await take(n)\n"
    return "\n".join(["from program import tool, mix", *head, _FAN.format(calls=calls)]) + (
        f"{step}\n        await asyncio.sleep(0)\n{at_once if tasks > 1 else one_by_one}"
    )


_FAN = """
import asyncio
few = asyncio.Semaphore(8)
async def take(i):
    global reply, digest
    async with few:
        if i >= {calls}:
            return
"""


def one_await(i: int | str, place: int | str) -> list[str]:
    return [
        f"reply = await tool({i})",
        f"messages[{place}] = reply",
        "digest = mix(digest, reply)",
    ]


def open_manager(job: Job, sync: Literal["process", "power"]) -> CheckpointManager:
    provider = FilesystemCheckpointProvider(job.folder / ".checkpoints", sync=sync)
    return CheckpointManager(execution_id=RUN, provider=provider)


async def run_natively(text: str) -> None:
    code = compile(text, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {"__name__": "__main__"})


async def execute(text: str, **how: Any) -> None:
    executor = StreamingPythonExecutor(SimpleNamespace(id=RUN, state={}), **how)
    await executor.add_chunk(text)
    await executor.finalize()


async def resume(manager: CheckpointManager) -> program.State:
    agent = SimpleNamespace(id=RUN, state={})
    checkpoint = await manager.get_latest_checkpoint()
    executor = await StreamingPythonExecutor.resume_from_checkpoint(
        agent, checkpoint, manager=manager
    )
    return {name: executor.namespace[name] for name in program.start_state(0)}


Write = Callable[[Job, int], str]


def row(write: Write, sync: Literal["process", "power"] = "process") -> Row:
    """Return the row of the program that `write` gives for so many calls."""

    def native(job: Job) -> None:
        asyncio.run(run_natively(write(job, job.kill_at + 1)))

    def plain(job: Job) -> None:
        text = write(job, job.kill_at + 1)
        asyncio.run(execute(text, settings=Settings(enabled=False)))

    def durable(job: Job) -> None:
        text = write(job, job.calls)
        asyncio.run(execute(text, manager=open_manager(job, sync)))

    def resumed(job: Job) -> program.State:
        return asyncio.run(resume(open_manager(job, sync)))

    return Row(native, durable, resumed, plain)


statements = partial(cell, loop=False)
loop = partial(cell, loop=True)

if __name__ == "__main__":
    main(
        {
            "process": row(statements),
            "power": row(statements, "power"),
            "loop": row(loop),
            "loop-power": row(loop, "power"),
            "depth-1": row(partial(deep_cell, depth=1)),
            "depth-10": row(partial(deep_cell, depth=10)),
            "depth-100": row(partial(deep_cell, depth=100)),
            "beside-0": row(partial(beside_cell, tasks=0)),
            "beside-10": row(partial(beside_cell, tasks=10)),
            "beside-100": row(partial(beside_cell, tasks=100)),
            "beside-1000": row(partial(beside_cell, tasks=1000)),
            "turns-1": row(partial(turns_cell, tasks=1)),
            "turns-1000": row(partial(turns_cell, tasks=1000)),
            "fan-1": row(partial(fan_cell, tasks=1)),
            "fan-1000": row(partial(fan_cell, tasks=1000)),
            "past-10": row(loop),
            "past-10000": row(loop),
        },
        ("ipython", "dill"),
    )
