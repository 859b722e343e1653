"""The predecessor's documents show an API; programs written for it run with the new package name.

Its algorithm (finding its place by searching text) is not honoured: see the last tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    CheckpointProvider,
    FilesystemCheckpointProvider,
    RecoveryCoordinator,
)
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a coroutine in a folder and with a key of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return asyncio.run


def agent(name: str = "1000") -> SimpleNamespace:
    return SimpleNamespace(id=name, state={})


PROGRAM = "x = 10\nawait Say('user', 'hi')\ny = 20\n"


async def stopped_half_way(who: SimpleNamespace) -> StreamingPythonExecutor:
    executor = StreamingPythonExecutor(who)
    executor.set_llm_response(PROGRAM)
    await executor.add_chunk("x = 10\n")
    await executor.add_chunk("await Say('user', 'hi')\n")
    return executor


def test_a_newest_checkpoint_can_be_inspected(run: Run) -> None:
    async def inspect() -> dict[str, Any]:
        await stopped_half_way(agent())
        provider = FilesystemCheckpointProvider()
        ids = await provider.list_checkpoints("1000")
        whole = await provider.load_checkpoint(ids[-1])
        assert whole is not None
        return whole

    data = run(inspect())
    assert data["checkpoint_id"] == "1000_ckpt_1"
    assert data["metadata"]["statement"] == "await Say('user', 'hi')"
    assert data["metadata"]["llm_response"] == PROGRAM
    assert data["metadata"]["llm_response"].startswith(data["metadata"]["executed_code"])
    assert data["metadata"]["executed_code"].rstrip().endswith("await Say('user', 'hi')")
    assert data["metadata"]["counter"] == 1
    assert data["metadata"]["execution_id"] == "1000"
    assert data["namespace"] == {"x": 10}
    assert data["execution_state"]["variables"] == {"$x": 10}


def test_a_recovered_agent_continues_from_the_exact_await(run: Run) -> None:
    async def recover() -> tuple[bool, SimpleNamespace, StreamingPythonExecutor]:
        await stopped_half_way(agent())
        who = agent()
        provider = FilesystemCheckpointProvider()
        manager = CheckpointManager(execution_id=who.id, provider=provider)
        coordinator = RecoveryCoordinator(manager)
        can = await coordinator.can_recover()
        checkpoint = await manager.get_latest_checkpoint()
        assert checkpoint is not None
        await coordinator.recover_execution_state(who)
        return can, who, await StreamingPythonExecutor.resume_from_checkpoint(who, checkpoint)

    can, who, executor = run(recover())
    assert can
    assert who.state == {"x": 10}
    assert (executor.namespace["x"], executor.namespace["y"]) == (10, 20)


def test_keywords_work_as_well_as_positions(run: Run) -> None:
    async def resume() -> StreamingPythonExecutor:
        await stopped_half_way(agent())
        manager = CheckpointManager("1000", FilesystemCheckpointProvider())
        data = await manager.get_latest_checkpoint()
        assert data is not None
        return await StreamingPythonExecutor.resume_from_checkpoint(
            agent=agent(), checkpoint_data=data
        )

    assert run(resume()).namespace["y"] == 20


def test_the_call_stack_is_the_last_step(run: Run) -> None:
    async def stepped() -> dict[str, Any]:
        executor = StreamingPythonExecutor(agent())
        await executor.run("await Step('Main:03:ACT')\ndata = [1]\nawait Say('user', 'x')\n")
        manager = CheckpointManager("1000", FilesystemCheckpointProvider())
        newest = await manager.get_latest_checkpoint()
        assert newest is not None
        return newest

    state = run(stepped())["execution_state"]
    assert state["call_stack"] == ["Main:03"]
    assert state["variables"] == {"$data": [1]}


def test_the_provider_is_registered_without_importing_anything_first(tmp_path: Path) -> None:
    code = (
        "from playbooks_ipython.extensions.registry import ExtensionRegistry as R\n"
        "print(R.has_checkpoint_provider(), R._checkpoint_provider_class.__name__)\n"
        "from playbooks_ipython.config import config\n"
        "print(config.durability.enabled)\n"
    )
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "FilesystemCheckpointProvider", "True"]


def test_numbers_go_on_over_several_responses_of_one_agent(run: Run) -> None:
    """B6: the predecessor began at 1 again and overwrote the checkpoints of the call before."""

    async def two_calls() -> list[str]:
        who = agent()
        await StreamingPythonExecutor(who).run("a = 1\nawait Say('one')\n")
        await StreamingPythonExecutor(who).run("b = 2\nawait Say('two')\n")
        return await FilesystemCheckpointProvider().list_checkpoints("1000")

    assert run(two_calls()) == ["1000_ckpt_1", "1000_ckpt_2"]


class DictProvider(CheckpointProvider):
    """A store with nothing but the abstract methods, as somebody else would write it."""

    kept: dict[str, dict[str, Any]]

    def __init__(self) -> None:
        self.kept = {}

    async def save_checkpoint(
        self,
        checkpoint_id: str,
        execution_state: dict[str, Any],
        namespace: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        self.kept[checkpoint_id] = {
            "checkpoint_id": checkpoint_id,
            "execution_state": execution_state,
            "namespace": namespace,
            "metadata": metadata,
        }

    async def load_checkpoint(self, checkpoint_id: str) -> dict[str, Any] | None:
        return self.kept.get(checkpoint_id)

    async def list_checkpoints(self, execution_id: str) -> list[str]:
        mine = [one for one in self.kept if one.startswith(f"{execution_id}_ckpt_")]
        return sorted(mine, key=lambda one: int(one.rpartition("_")[2]))

    async def delete_checkpoint(self, checkpoint_id: str) -> None:
        self.kept.pop(checkpoint_id, None)


def test_a_provider_with_only_the_abstract_methods_is_a_store(run: Run) -> None:
    provider = DictProvider()
    said: list[int] = []

    async def half_and_rest() -> StreamingPythonExecutor:
        first = StreamingPythonExecutor(agent(), manager=CheckpointManager("1000", provider))
        first.namespace["say"] = said.append
        first.set_llm_response("x = [1]\ny = x\nawait Say('a')\nx.append(2)\nawait Say('b')\nz = 3")
        await first.add_chunk("x = [1]\ny = x\nawait Say('a')\n")
        data = await CheckpointManager("1000", provider).get_latest_checkpoint()
        assert data is not None
        return await StreamingPythonExecutor.resume_from_checkpoint(
            agent(), data, manager=CheckpointManager("1000", provider)
        )

    executor = run(half_and_rest())
    assert executor.namespace["x"] is executor.namespace["y"]
    assert executor.namespace["x"] == [1, 2]
    assert executor.namespace["z"] == 3
    assert list(provider.kept) == ["1000_ckpt_1", "1000_ckpt_2"]


def test_what_a_provider_was_given_does_not_change_with_the_program(run: Run) -> None:
    provider = DictProvider()

    async def go() -> None:
        executor = StreamingPythonExecutor(agent(), manager=CheckpointManager("1000", provider))
        await executor.run("x = [1]\nawait Say('a')\nx.append(2)\nawait Say('b')\n")

    run(go())
    assert [whole["namespace"]["x"] for whole in provider.kept.values()] == [[1], [1, 2]]


@pytest.mark.parametrize(
    "program",
    [
        "a = 1\n\n\nawait Say('one')\n\nb = 2\nawait Say('two')\n",  # B4: blank lines
        "# await Say('one')\nawait Say('one')\nawait Say('one')\nb = 2\n",  # B5: equal statements
        "await Say('one'); await Say('one'); b = 2\n",  # B3: several in one chunk
    ],
)
def test_the_place_is_structural_so_nothing_runs_twice(
    run: Run, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def undisturbed() -> None:
        await StreamingPythonExecutor(agent("plain")).run(program)

    run(undisturbed())
    whole = capsys.readouterr().out.splitlines()
    for stop in range(1, len(whole) + 1):
        name = f"killed-{stop}"
        run(_stop_and_resume(name, program, stop))
        assert capsys.readouterr().out.splitlines() == whole


class Stopped(BaseException):
    """The process ends here."""


class StoppingHost(PlainHost):
    """A host in which the program's message number `after + 1` never gets out."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def show(self, markdown: str) -> None:
        if self.left == 0:
            raise Stopped
        self.left -= 1
        super().show(markdown)


async def _stop_and_resume(name: str, program: str, after: int) -> None:
    executor = StreamingPythonExecutor(agent(name), host=StoppingHost(after))
    executor.set_llm_response(program)
    with contextlib.suppress(Stopped):
        await executor.run(program)
    data = await CheckpointManager(name, FilesystemCheckpointProvider()).get_latest_checkpoint()
    assert data is not None
    await StreamingPythonExecutor.resume_from_checkpoint(agent(name), data)
