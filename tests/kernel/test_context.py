"""Context variables in a kernel: plain cells set them for good, async ones for themselves."""

from __future__ import annotations

from tests.kernel.conftest import Start

PREPARE = "import contextvars\nv = contextvars.ContextVar('v', default=0)\ntoken = v.set(1)"
CELL = """%%playbook held
print(v.get())
inner = v.set(2)
await asyncio.sleep(0)
await tool("a")
print(v.get())
v.reset(inner)
print(v.get())
"""


def test_values_hold_in_a_new_kernel_and_end_with_the_cell(start: Start) -> None:
    """As in a plain kernel, an async cell sees what plain ones set and keeps its own to itself."""
    first = start()
    first.run(PREPARE)
    first.run("kill_after('issue', 2)")
    assert first.run(CELL).died
    second = start()
    assert second.run("%playbook resume held").stdout.splitlines()[-2:] == ["2", "1"]
    assert second.run("print(v.get())").stdout == "1\n"


def test_what_plain_cells_set_is_there_for_the_cells_after_a_resume(start: Start) -> None:
    """The notebook's variables and libraries', once: what is set from then on stays."""
    first = start()
    first.run(f"{PREPARE}\nshared = [1]\nv.set(shared)")
    first.run("import decimal\ndecimal.getcontext().prec = 5")
    first.run("kill_after('issue', 1)")
    assert first.run("%%playbook set\nawait tool('a')\nv.set(7)").died
    second = start()
    second.run("%playbook resume set")
    shown = "await asyncio.sleep(0)\nprint(v.get(), v.get() is shared, decimal.Decimal(1) / 3)"
    assert second.run(shown).stdout == "[1] True 0.33333\n"
    assert second.run(shown.partition("\n")[2]).stdout == "[1] True 0.33333\n"
    second.run("v.set(2)")
    assert second.run("print(v.get())").stdout == "2\n"
    second.run("kill_after('issue', 1)")
    assert second.run("%%playbook again\nawait tool('b')").died
    third = start()
    third.run("%playbook resume again")
    assert third.run("print(v.get())").stdout == "2\n"


def test_a_playbook_leaves_no_value_behind_as_any_async_cell(start: Start) -> None:
    one = start()
    one.run(PREPARE)
    assert one.run(CELL).stdout.splitlines()[-3:] == ["1", "2", "1"]
    assert one.run("await asyncio.sleep(0)\nprint(v.get())\nv.reset(token)").stdout == "1\n"
    assert one.run("print(v.get())\nv.reset(token)\nprint(v.get())").stdout == "1\n0\n"


def test_a_finished_run_brings_back_what_was_set_around_it(start: Start) -> None:
    one = start()
    one.run(PREPARE)
    one.run("%%playbook done\nawait tool('a')\nv.set(2)")
    two = start()
    two.run("%playbook resume done")
    assert two.run("print(v.get())").stdout == "1\n"
