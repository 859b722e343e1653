"""Managers that cannot be stored are entered again, and take the old one's place."""

from __future__ import annotations

import pytest

from tests.continuation import harness
from tests.continuation.harness import Program, resume, run_plain, run_twins

CLIENT = """
import threading
class Client:
    opened = 0
    def __init__(self, name):
        self.name, self.socket = name, None
    async def __aenter__(self):
        await quick(("open", self.name))
        self.socket = threading.local()
        return self
    async def __aexit__(self, *error):
        await quick("close")
        del self.socket
    def __enter__(self):
        self.socket = threading.local()
        return self
    def __exit__(self, *error):
        del self.socket
    async def get(self, what):
        assert self.socket is not None
        return await leaf((self.name, what))
class Agent:
    pass
agent = Agent()
"""
PROGRAMS = {
    "async": """
async with Client("a") as client:
    agent.client = client
    kept = (client, client.get)
    first = await client.get(1)
    second = await agent.client.get(2)
    same = agent.client is client is kept[0] is kept[1].__self__
del client, agent, kept
""",
    "sync": """
with Client("a") as client:
    agent.client = client
    first = await client.get(1)
    second = await agent.client.get(2)
    same = agent.client is client
del client, agent
""",
    "two": """
results = []
async with Client("a") as a, Client(await leaf("b")) as b:
    agent.both = [a, b]
    for client in agent.both:
        results.append(await client.get(len(results)))
    same = agent.both[0] is a
del client, a, b, agent
""",
    "in a function": """
async def work():
    with Client("f") as client:
        one = await client.get(1)
        async with Client("g") as other:
            agent.client = other
            return one, await agent.client.get(2), await client.get(3)
result = await work()
del agent
""",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_block_goes_on_with_a_new_manager(text: str) -> None:
    """Killed at every mark and again at every later one: leaves once, same values, same aliases."""
    check_blocks(CLIENT + text)


def check_blocks(whole: str) -> None:
    """Kill a program at every mark and again; what it did apart from entering is as undisturbed."""
    plain = run_plain(whole)
    assert plain.error is None
    program = Program(whole)
    end, shots = run_twins(program)
    assert end == plain, harness.difference("undisturbed", end, plain)
    assert len(shots) >= 4
    for shot in shots:
        again, later = resume(program, shot)
        assert leaves(again) == leaves(plain), harness.difference(shot.what, again, plain)
        for second in later:
            last, _ = resume(program, second, takes=False)
            what = f"{shot.what}, then {second.what}"
            assert leaves(last) == leaves(plain), harness.difference(what, last, plain)


def leaves(end: harness.End) -> tuple[object, ...]:
    """How a run ended, without the effects of entering and leaving, which happen again."""
    operations = [entry for entry in end.log if "quick" not in str(entry)]
    return operations, end.namespace, end.error
