"""Ours: the program as a cell of top-level statements, run by the executor and kept by its log.

The cell, not a loop: every await is a whole statement. Native is the same text, compiled by Python
and awaited. `sync` says what a checkpoint survives, and is set as a user sets it.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
from types import SimpleNamespace

import program
from child import Job, Row, main

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    FilesystemCheckpointProvider,
    RecoveryCoordinator,
)
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor

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


def set_up(job: Job, **settings: str) -> SimpleNamespace:
    """Set the durability of what follows, and return the agent that runs it."""
    os.chdir(job.folder)
    for key, value in settings.items():
        os.environ[f"PLAYBOOKS_DURABILITY__{key.upper()}"] = value
    return SimpleNamespace(id=RUN, state={})


def native(job: Job) -> None:
    text = cell(job, job.kill_at + 1)
    code = compile(text, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        running = eval(code, {"__name__": "__main__"})
        if inspect.isawaitable(running):
            await running

    asyncio.run(run())


async def execute(agent: SimpleNamespace, text: str) -> None:
    executor = StreamingPythonExecutor(agent)
    await executor.add_chunk(text)
    await executor.finalize()


async def resume(agent: SimpleNamespace) -> program.State:
    manager = CheckpointManager(execution_id=agent.id, provider=FilesystemCheckpointProvider())
    coordinator = RecoveryCoordinator(manager)
    if not await coordinator.can_recover():
        raise SystemExit("nothing to recover")
    checkpoint = await manager.get_latest_checkpoint()
    await coordinator.recover_execution_state(agent)
    executor = await StreamingPythonExecutor.resume_from_checkpoint(agent, checkpoint)
    return {name: executor.namespace[name] for name in program.start_state(0)}


def row(sync: str) -> Row:
    def plain(job: Job) -> None:
        agent = set_up(job, enabled="false")
        asyncio.run(execute(agent, cell(job, job.kill_at + 1)))

    def durable(job: Job) -> None:
        agent = set_up(job, enabled="true", sync=sync)
        asyncio.run(execute(agent, cell(job, job.calls)))

    def resumed(job: Job) -> program.State:
        return asyncio.run(resume(set_up(job, enabled="true", sync=sync)))

    return Row(native, durable, resumed, plain)


if __name__ == "__main__":
    main({"process": row("process"), "power": row("power")}, ("ipython", "dill"))
