"""The program that every peer runs: one short message an await, kept in a namespace of about 1 kB.

The tool also is the clock, the witness and the killer: it notes when it was entered, appends its
number to a file that outlives the process, and ends the process at one call. So the run that was
timed is the very run that is killed and restored. Knows no peer.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

State = dict[str, Any]
MESSAGES = 20
SUBJECTS = ("licence", "wheel", "metadata", "import", "size", "author", "hash", "entry point")


def message(seed: int, i: int) -> str:
    """Return the tool's answer to call `i`: its number in five digits, then a few words."""
    subject, count = SUBJECTS[(seed + i) % len(SUBJECTS)], (seed ^ i) % 997
    return f"{i % 100000:05d} {subject} checked, {count} files found"


def start_state(seed: int) -> State:
    """Return the 26 values that a run begins with: 20 short messages and six single values."""
    return {
        "topic": "audit of the installed distributions",
        "model": "small-local-model",
        "budget": 250_000,
        "temperature": 0.2,
        "digest": seed % 1_000_003,
        "reply": "",
        "messages": [message(seed, -1) for _ in range(MESSAGES)],
    }


def mix(digest: int, reply: str) -> int:
    """Fold one reply into the digest, which so depends on every reply and on their order."""
    return (digest * 31 + int(reply[:5])) % 1_000_003


def take_reply(state: State, i: int, reply: str) -> None:
    """Do what the plain code between two awaits does with a reply."""
    state["reply"] = reply
    state["messages"][i % MESSAGES] = reply
    state["digest"] = mix(state["digest"], reply)


def expected_state(seed: int, calls: int) -> State:
    """Return what an undisturbed run of `calls` awaits ends with."""
    state = start_state(seed)
    for i in range(calls):
        take_reply(state, i, message(seed, i))
    return state


@dataclass
class Witness:
    """What happens at each call. One a process: the tool is found by name after a restore."""

    seed: int = 0
    log: int = -1
    kill_at: int | None = None
    last_words: Callable[[], None] | None = None
    entered_ns: list[int] = field(default_factory=list)

    def watch(
        self,
        seed: int,
        effects: Path,
        kill_at: int | None = None,
        last_words: Callable[[], None] | None = None,
    ) -> None:
        """Begin a new run: calls go to `effects`; at call `kill_at` the process is ended."""
        if self.log >= 0:
            os.close(self.log)
        self.log = os.open(effects, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.seed, self.kill_at, self.last_words = seed, kill_at, last_words
        self.entered_ns.clear()

    def call(self, i: int) -> str:
        """Answer call `i`, after the outside world has seen it."""
        self.entered_ns.append(time.perf_counter_ns())
        os.write(self.log, b"%d\n" % i)
        if i == self.kill_at:
            if self.last_words is not None:
                self.last_words()
            os.kill(os.getpid(), signal.SIGKILL)
        return message(self.seed, i)


witness = Witness()


def call_tool(i: int) -> str:
    """The tool for programs without a loop of their own."""
    return witness.call(i)


async def tool(i: int) -> str:
    """The tool to be awaited. It suspends once, as a call over a network does."""
    await asyncio.sleep(0)
    return witness.call(i)


def run_native(state: State, calls: int) -> None:
    """The same program with nothing kept, blocking."""
    for i in range(calls):
        take_reply(state, i, call_tool(i))


async def run_native_async(state: State, calls: int) -> None:
    """The same program with nothing kept, awaiting."""
    for i in range(calls):
        take_reply(state, i, await tool(i))
