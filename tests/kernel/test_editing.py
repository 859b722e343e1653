"""A cell is edited after its kernel died, in real kernels: the fix is used where it went on."""

from __future__ import annotations

from collections.abc import Callable

from tests.kernel.conftest import Start, plain, value

Happened = Callable[[], list[str]]

CELL = """%%playbook items {options}
def label(n):
    return f'old {{n}}'

async def score(n):
    got = await tool('score', n)
    return n, label(got)

results = []
for n in range(6):
    found = await score(n)
    results.append(found{fix})
len(results)"""


def test_the_fix_is_used_from_the_item_on_at_which_the_kernel_died(
    start: Start, happened: Happened
) -> None:
    """In the loop, in the function that it calls, and in one that this calls."""
    victim = start()
    victim.run("kill_after('done', 7)")
    assert victim.run(CELL.format(options="", fix="")).died
    one = start()
    edited = CELL.format(options="--resume", fix=" + ('fixed',)").replace("old", "new")
    shown = one.run(edited.replace("    return n, label", "    # why\n    return -n, label"))
    assert (shown.error, shown.value) == (None, "6")
    assert value(one, "results") == [
        *((n, f"old {len(repr(n)) + 5}") for n in range(3)),
        *((-n, f"new {len(repr(n)) + 5}", "fixed") for n in range(3, 6)),
    ]
    assert happened() == [f"tool score ({n},)" for n in range(6)]


def test_a_traceback_shows_the_lines_of_the_edited_cell(start: Start) -> None:
    victim = start()
    victim.run("kill_after('done', 3)")
    assert victim.run(CELL.format(options="", fix="")).died
    shown = start().run("\n" + CELL.format(options="--resume", fix="[1 / 0]").lstrip("\n"))
    said = plain(shown.traceback)
    assert "results.append(found[1 / 0])" in said
    assert "ZeroDivisionError" in said


def test_what_had_run_is_refused_with_the_difference(start: Start, happened: Happened) -> None:
    victim = start()
    victim.run("kill_after('done', 7)")
    assert victim.run(CELL.format(options="", fix="")).died
    one = start()
    said = one.run(CELL.format(options="--resume", fix="").replace("'score'", "'other'")).stderr
    assert "items: line 6 had already run and is different now" in said
    assert "+    got = await tool('other', n)" in said
    assert "the newest checkpoint that still fits is items@6" in said
    assert happened() == [f"tool score ({n},)" for n in range(4)]
    assert one.run("%playbook resume items@6").value == "6"
    assert happened()[4:] == [f"tool other ({n},)" for n in range(3, 6)]


def test_a_function_redefined_in_another_cell_is_used_at_once(
    start: Start, happened: Happened
) -> None:
    """Also by the frame of it that waits."""
    work = "async def work(n):\n    got = await tool('w', n)\n    return f'{} {{got}}'"
    cell = "%%playbook other\nfound = [await work(n) for n in range(3)]\nfound"
    victim = start()
    victim.run(work.format("old"))
    victim.run("kill_after('done', 3)")
    assert victim.run(cell).died
    one = start()
    one.run("# as it should be\n" + work.format("new"))
    assert one.run("%playbook resume other").value == "['old 2', 'new 2', 'new 2']"
    assert happened() == [f"tool w ({n},)" for n in range(3)]


def test_what_the_cell_was_given_and_is_different_now_is_named(start: Start) -> None:
    one = start()
    one.run("model, scale = 'small', 1")
    one.run("%%playbook given\nx = await tool(model)\nscale = 2\n1 / 0")
    one.run("model, scale = 'large', 3")
    said = one.run("%playbook resume given").stderr
    assert "different now from what the cell was given: model; it goes on" in said
    assert value(one, "[model, scale]") == ["small", 2]
