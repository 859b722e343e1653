"""What a notebook's commands keep: pins, forks, saved namespaces; and what differs between them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playbooks_ipython.server.timeline import read_timeline
from playbooks_ipython.store import FilesystemStore
from tests.kernel.conftest import effect_lines, names, value
from tests.support.kernels import Kernel


def test_a_pinned_checkpoint_is_marked_and_stays(shared: Kernel) -> None:
    shared.run("%%playbook pinned\na = 1\nawait tool('p1')\na = 2\nawait tool('p2')\na = 3")
    assert "pinned@1 is pinned" in str(shared.run("%playbook pin pinned@1").value)
    assert "pinned@1 (pinned)" in str(shared.run("%playbook show pinned@1").value)
    assert "2 (pinned: 1)" in str(shared.run("%playbook").value)
    assert "pinned@1 is pinned; `%playbook pin" in shared.run("%playbook delete pinned@1").stderr
    shared.run("%playbook restore pinned@1")
    assert value(shared, "a") == 1


def test_off_takes_the_pin_out_and_repeating_does_not(shared: Kernel) -> None:
    shared.run("%%playbook loose\nawait tool('p1')\nawait tool('p2')")
    for _ in range(2):
        shared.run("%playbook pin loose@1")
    assert "2 (pinned: 1)" in str(shared.run("%playbook").value)
    assert "loose@1 is not pinned" in str(shared.run("%playbook pin loose@1 --off").value)
    assert "deleted loose@1" in str(shared.run("%playbook delete loose@1").value)


def test_a_fork_waits_until_it_is_resumed(shared: Kernel) -> None:
    shared.run("%%playbook root\na = [await tool('f1')]\na.append(await tool('f2'))\na")
    said = str(shared.run("%playbook fork root@1 branch").value)
    assert "branch stands after 1 await of root, and nothing was run" in said
    assert effect_lines(shared).count("tool f2 ()") == 1
    assert {"root", "branch"} <= set(names(shared))
    assert shared.run("%playbook resume branch").value == "[2, 2]"
    assert effect_lines(shared).count("tool f1 ()") == 1
    assert effect_lines(shared).count("tool f2 ()") == 2


def test_going_back_lists_both_lines_for_the_panel(shared: Kernel) -> None:
    shared.run("%%playbook line\nx = await tool('l1')\ny = await tool('l2')\nz = await tool('l3')")
    shared.run("%playbook resume line@1")
    folder = Path(value(shared, "__import__('os').getcwd()"))
    store = FilesystemStore(folder / ".checkpoints")
    for name in ("line", "line~1"):
        timeline = read_timeline(store.read(name))
        assert sorted(timeline.checkpoints) == [1, 2, 3]
        assert timeline.problems == []
        assert timeline.lines_done(finished=True) == 4
    assert {"line", "line~1"} <= set(names(shared))
    shared.run("%playbook restore line~1@2")
    assert value(shared, "(x, y, 'z' in globals())") == (2, 2, False)


def test_what_differs_is_a_table(shared: Kernel) -> None:
    shared.run("%%playbook two\nq = 1\nawait tool('d1')\nq = 'one'\nextra = [1]\nawait tool('d2')")
    rows = str(shared.run("%playbook diff two@1 two@2").value).splitlines()
    assert rows[0] == "two@1 -> two@2"
    assert [row.split() for row in rows[2:]] == [
        ["added", "extra", "list", "[1]"],
        ["changed", "q", "int", "->", "str", "1", "->", "'one'"],
    ]


def test_a_saved_namespace_comes_back(shared: Kernel) -> None:
    shared.run("kept = [1]\nsame = kept")
    assert "kept, " in str(shared.run("%playbook save by-hand").value)
    assert "by-hand  saved" in re.sub(" +", "  ", str(shared.run("%playbook").value))
    shared.run("kept = same = None")
    assert shared.run("%playbook restore by-hand").error is None
    assert value(shared, "kept is same and kept") == [1]


EXACT = "def f():\n    return 'old'\nimport socket\npair = socket.socketpair()\nawait tool('e')"


def test_exact_leaves_nothing_newer(shared: Kernel) -> None:
    shared.run(f"%%playbook exact\n{EXACT}")
    for option, said in (("", "'new'"), ("--exact", "'old'")):
        shared.run("def f():\n    return 'new'")
        shared.run("since = 1")
        shown = shared.run(f"%playbook restore exact@1 {option}")
        assert ("kept as it is here, which is newer: f" in shown.stderr) is (not option)
        assert shared.run("f()").value == said
        assert value(shared, "'since' in globals()") is False


def test_exact_puts_a_stand_in_over_a_live_object(shared: Kernel) -> None:
    shared.run(
        "%%playbook standing\nimport socket\none, two = socket.socketpair()\nawait tool('s')"
    )
    for option, kind in (("", "socket"), ("--exact", "StandIn")):
        shared.run(f"%playbook restore standing@1 {option}")
        assert value(shared, "type(one).__name__") == kind


def test_the_variables_of_a_function_are_put_into_the_namespace(shared: Kernel) -> None:
    shared.run(
        "%%playbook inside\nasync def score(item):\n    half = item / 2\n"
        "    await tool('i')\n    return half\nitem = 'mine'\nawait score(7)"
    )
    shown = shared.run("%playbook restore inside@1 --frame score")
    assert "inside as it was after 1 await, in score: " in str(shown.value)
    assert value(shared, "(item, half)") == (7, 3.5)
    shared.run("%playbook restore inside@1 --frame main")
    assert value(shared, "(item, 'half' in globals())") == ("mine", False)


MISTAKES = {
    "fork mistakes@1": "is used as: %playbook fork NAME@N NEW",
    "fork mistakes@1 a b": "is used as: %playbook fork NAME@N NEW",
    "fork mistakes@1 mistakes": "'mistakes' is the name of a run already: choose another",
    "fork mistakes@1 a+b": "'a+b' is not a run's name",
    "fork mistakes@9 new": "no checkpoint mistakes@9; kept: mistakes@1",
    "fork mistakes@end new": "nothing left to run; give a number up to 1",
    "fork nobody@1 new": "no run 'nobody'",
    "diff mistakes@1": "is used as: %playbook diff NAME@A NAME@B",
    "diff mistakes@1 mistakes@x": "'mistakes@x' is not NAME, NAME@N",
    "diff mistakes@1 mistakes@9": "no checkpoint mistakes@9",
    "diff nobody@1 mistakes@1": "no run 'nobody'",
    "pin": "is used as: %playbook pin NAME[@N] [--off]",
    "pin mistakes@9": "no checkpoint mistakes@9",
    "pin mistakes@end": "give a number up to 1",
    "pin nobody@1": "no run 'nobody'",
    "save": "is used as: %playbook save NAME",
    "save a+b": "'a+b' is not a run's name",
    "save mistakes": "'mistakes' is the name of a run already",
    "restore mistakes --exact --keep a": "--exact and --keep exclude each other",
    "restore mistakes --keep": "--keep needs names",
    "restore mistakes --frame": "--frame needs a function of the stack",
    "restore mistakes@1 --frame score": "does not stand in 'score'; its stack: main",
    "restore mistakes --sideways": "is used as: %playbook restore NAME[@N]",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_in_one_line(shared: Kernel, mistake: str) -> None:
    shared.run("%%playbook mistakes --resume\nawait tool('m')")
    shown = shared.run(f"%playbook {mistake}")
    assert MISTAKES[mistake] in shown.stderr
    assert "Traceback" not in shown.stderr
    assert "new" not in names(shared)


def test_a_fork_may_be_run_again(shared: Kernel) -> None:
    """A cell that forks repeats nothing under Run All, also once the fork was gone back in."""
    shared.run("%%playbook trunk\nx = await tool('t1')\ny = await tool('t2')\nz = await tool('t3')")
    shared.run("import playbooks_ipython as pb")
    again = "pb.fork('trunk@2', 'twig')"
    assert "twig stands after 2 awaits of trunk" in shared.run(again).stdout
    said = "twig is there already, forked after 2 awaits: nothing was done"
    assert said in shared.run(again).stdout
    for reference in ("twig", "twig@2"):
        assert shared.run(f"await pb.resume('{reference}')").error is None
        assert said in shared.run(again).stdout
    other = shared.run("pb.fork('trunk@1', 'twig')").stderr
    assert "'twig' is the name of a run already" in other
    assert "'trunk' is the name of a run already" in shared.run("pb.fork('twig', 'trunk')").stderr


def test_a_pin_in_a_cell_is_that_of_the_magic(shared: Kernel) -> None:
    """`pb.pin` pins as `%playbook pin` does, and takes the pin out with `off`."""
    shared.run("%%playbook held\nawait tool('p1')\nawait tool('p2')")
    shared.run("import playbooks_ipython as pb")
    assert "held@1 is pinned" in shared.run("pb.pin('held@1')").stdout
    assert "held@1 (pinned)" in str(shared.run("%playbook show held@1").value)
    assert "held@1 is not pinned" in shared.run("pb.pin('held@1', off=True)").stdout
    assert "(pinned)" not in str(shared.run("%playbook show held@1").value)


def test_a_deletion_takes_only_the_run_that_was_meant(shared: Kernel) -> None:
    """A cell that deletes does so once: under Run All the run that begins anew stays."""
    cell = "%%playbook brief --fresh\nawait tool('b1')\nawait tool('b2')"
    folder = Path(value(shared, "__import__('os').getcwd()"))
    shared.run(cell)
    shared.run("import playbooks_ipython as pb")
    run_id = FilesystemStore(folder / ".checkpoints").read("brief").header.run_id
    one = f"pb.delete('brief@1', run_id='{run_id}')"
    assert "deleted brief@1" in shared.run(one).stdout
    assert "nothing was deleted: no checkpoint brief@1" in shared.run(one).stdout
    whole = f"pb.delete('brief', run_id='{run_id}')"
    assert "deleted brief" in shared.run(whole).stdout
    assert "nothing was deleted: no run 'brief'" in shared.run(whole).stdout
    shared.run(cell)
    said = "nothing was deleted: 'brief' is another run by now, which stays"
    assert said in shared.run(whole).stdout
    assert said in shared.run(one).stdout
    assert "brief" in names(shared)
    assert "no run 'nobody'" in shared.run("pb.delete('nobody')").stderr


def test_show_names_the_task_of_an_await(shared: Kernel) -> None:
    """The call stack is that of the task, not of the cell that made it."""
    shared.run(
        "%%playbook tasked\nimport asyncio\nasync def work(n):\n    return await tool('w')\n"
        "task = asyncio.create_task(work(1), name='worker-1')\nfound = await task"
    )
    shown = str(shared.run("%playbook show tasked@1").value)
    assert "call stack of task worker-1:\n  work, line 4\n    n: int" in shown
