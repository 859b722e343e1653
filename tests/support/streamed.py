"""A process that streams `program.py` into an executor in chunks, and may die while it does.

`python -m tests.support.streamed SIZE [KIND COUNT]`, in the folder of the run: SIZE characters at a
time, killed by SIGKILL right after its COUNT-th record of KIND. The response is never announced:
what the executor knows is what was streamed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from tests.support.killing import kill_after

ROOT = Path(__file__).parents[2]


def chunks(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


async def stream(text: str, size: int, name: str = "1000") -> StreamingPythonExecutor:
    """Stream a program to its end and return the executor that ran it."""
    executor = StreamingPythonExecutor(SimpleNamespace(id=name, state={}))
    for chunk in chunks(text, size):
        await executor.add_chunk(chunk)
    await executor.finalize()
    return executor


def in_a_process(folder: Path, program: str, size: int, *kill: object) -> int:
    """Stream a program in a process of its own; return its exit status, negative for a signal."""
    (folder / "program.py").write_text(program)
    words = [sys.executable, "-m", "tests.support.streamed", str(size), *map(str, kill)]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, check=False)
    (folder / "said.txt").write_bytes(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    if len(sys.argv) > 2:
        kill_after(sys.argv[2], int(sys.argv[3]))
    asyncio.run(stream(Path("program.py").read_text(), int(sys.argv[1])))
