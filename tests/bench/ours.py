"""Ours: the program as a cell of top-level statements, run by the executor and kept by its log.

The cell, not a loop: every await is a whole statement. Native is the same text, compiled by Python
and awaited; plain is the executor with `enabled = false`.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
from types import SimpleNamespace
from typing import Any, Literal

import program
from child import Job, Row, main

from playbooks_ipython.checkpoints import CheckpointManager, FilesystemCheckpointProvider
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from playbooks_ipython.settings import Settings

RUN = "bench"


def cell(job: Job, calls: int) -> str:
    """Return the program as text: the start values, then one await and its plain code at a time."""
    lines = ["from program import tool, mix"]
    lines += [f"{name} = {value!r}" for name, value in job.state.items()]
    for i in range(calls):
        lines.append(f"reply = await tool({i})")
        lines.append(f"messages[{i % program.MESSAGES}] = reply")
        lines.append("digest = mix(digest, reply)")
    return "\n".join(lines) + "\n"


def open_manager(job: Job, sync: Literal["process", "power"]) -> CheckpointManager:
    provider = FilesystemCheckpointProvider(job.folder / ".checkpoints", sync=sync)
    return CheckpointManager(execution_id=RUN, provider=provider)


def native(job: Job) -> None:
    text = cell(job, job.kill_at + 1)
    code = compile(text, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        running = eval(code, {"__name__": "__main__"})
        if inspect.isawaitable(running):
            await running

    asyncio.run(run())


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


def row(sync: Literal["process", "power"]) -> Row:
    def plain(job: Job) -> None:
        asyncio.run(execute(cell(job, job.kill_at + 1), settings=Settings(enabled=False)))

    def durable(job: Job) -> None:
        asyncio.run(execute(cell(job, job.calls), manager=open_manager(job, sync)))

    def resumed(job: Job) -> program.State:
        return asyncio.run(resume(open_manager(job, sync)))

    return Row(native, durable, resumed, plain)


if __name__ == "__main__":
    main({"process": row("process"), "power": row("power")}, ("ipython", "dill"))
