"""A `%%playbook` cell is a cell like any other: what it shows, and what goes on beside it."""

from __future__ import annotations

from tests.kernel.conftest import value
from tests.support.kernels import Kernel


def test_what_is_printed_lands_in_the_cell_in_order(shared: Kernel) -> None:
    shown = shared.run("%%playbook\nprint('a')\nawait asyncio.sleep(0)\nprint('b')")
    assert shown.stdout == "a\nb\n"


def test_a_display_lands_in_the_cell(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nfrom IPython.display import display, HTML\n"
        "await asyncio.sleep(0)\ndisplay(HTML('<b>x</b>'))"
    )
    assert [data["text/html"] for data in shown.displays] == ["<b>x</b>"]


def test_say_shows_markdown(shared: Kernel) -> None:
    shown = shared.run("%%playbook\nawait Say('*hello*')")
    assert shown.displays[0]["text/markdown"] == "*hello*"


def test_the_value_of_the_last_expression_is_the_cells(shared: Kernel) -> None:
    assert shared.run("%%playbook\nawait asyncio.sleep(0)\n6 * 7").value == "42"


def test_the_value_of_an_awaited_last_expression_is_the_cells(shared: Kernel) -> None:
    assert shared.run("%%playbook\nawait asyncio.sleep(0, 43)").value == "43"


def test_the_value_is_in_underscore_and_out(shared: Kernel) -> None:
    shared.run("%%playbook\nawait asyncio.sleep(0)\n'kept'")
    assert value(shared, "_") == "kept"
    assert "'kept'" in shared.run("list(Out.values())").stdout + str(shared.run("Out").value)


def test_a_last_statement_that_is_no_expression_shows_nothing(shared: Kernel) -> None:
    assert shared.run("%%playbook\n1\nn = await asyncio.sleep(0, 2)").value is None


def test_a_semicolon_hides_the_value(shared: Kernel) -> None:
    assert shared.run("%%playbook\nawait asyncio.sleep(0)\n5;").value is None


def test_a_semicolon_and_a_comment_hide_the_value(shared: Kernel) -> None:
    assert shared.run("%%playbook\nawait asyncio.sleep(0)\n5 ; # quiet").value is None


def test_shell_commands_work_in_the_body(shared: Kernel) -> None:
    shown = shared.run("%%playbook\nawait asyncio.sleep(0)\nsaid = !echo from the shell\nsaid[0]")
    assert shown.value == "'from the shell'"


def test_line_magics_work_in_the_body(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nawait asyncio.sleep(0)\nhere = %pwd\nimport os\nhere == os.getcwd()"
    )
    assert shown.value == "True"


def test_magics_work_inside_a_block_of_the_body(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nfor word in ('a', 'b'):\n    await asyncio.sleep(0)\n    !echo {word}"
    )
    assert shown.stdout.split() == ["a", "b"]


def test_tasks_of_other_cells_go_on_while_a_playbook_waits(shared: Kernel) -> None:
    shared.run(
        "ticks = 0\n"
        "async def tick():\n"
        "    global ticks\n"
        "    while True:\n"
        "        ticks += 1\n"
        "        await asyncio.sleep(0)\n"
        "ticking = asyncio.ensure_future(tick())"
    )
    shown = shared.run("%%playbook\nbefore = ticks\nawait asyncio.sleep(0.05)\nticks - before > 10")
    shared.run("ticking.cancel(); del ticking, tick")
    assert shown.value == "True"


def test_a_task_that_a_playbook_began_goes_on_after_it(shared: Kernel) -> None:
    shared.run(
        "%%playbook\n"
        "done = []\n"
        "async def later():\n"
        "    await asyncio.sleep(0.02)\n"
        "    done.append(1)\n"
        "task = asyncio.ensure_future(later())\n"
        "await asyncio.sleep(0)"
    )
    shared.run("await task; del task")
    assert value(shared, "done") == [1]


def test_comms_of_widgets_answer_while_a_playbook_waits(shared: Kernel) -> None:
    shared.run(
        "from comm import create_comm\n"
        "class OnShell:\n"
        "    def __init__(self):\n"
        "        self.heard = []\n"
        "        self.comm = create_comm(target_name='w')\n"
        "        self.comm.on_msg(lambda m: self.heard.append(m['content']['data']))\n"
        "w = OnShell()"
    )
    shared.run("%%playbook\nawait asyncio.sleep(0)\nw.comm.send({'n': 1})")
    comm_id = value(shared, "w.comm.comm_id")
    message = shared.client.session.msg("comm_msg", {"comm_id": comm_id, "data": {"n": 2}})
    shared.client.shell_channel.send(message)
    heard = value(shared, "w.heard")
    shared.run("w.comm.close(); del w, OnShell")
    assert heard == [{"n": 2}]


def test_variables_are_the_notebooks_own(shared: Kernel) -> None:
    shared.run("outer = [1]")
    shared.run("%%playbook\nawait asyncio.sleep(0)\nouter.append(2)\ninner = outer")
    assert value(shared, "outer is inner and outer") == [1, 2]


def test_functions_of_a_playbook_see_the_notebooks_names(shared: Kernel) -> None:
    shared.run("%%playbook\nasync def seen():\n    return late\nawait asyncio.sleep(0)")
    assert shared.run("late = 'set later'\nawait seen()").value == "'set later'"


def test_a_future_import_holds_to_the_end_of_the_cell_and_not_beyond(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nfrom __future__ import annotations\nawait asyncio.sleep(0)\n"
        "def f(x: no_such_name): ...\nf.__annotations__"
    )
    assert shown.value == "{'x': 'no_such_name'}"
    assert shared.run("def g(x: no_such_name): ...").error is not None


def test_a_default_name_is_printed_first(shared: Kernel) -> None:
    shown = shared.run("%%playbook\nprint('work')\nawait asyncio.sleep(0)")
    assert shown.stderr.startswith("playbook: this run is called cell-")


def test_a_given_name_is_not_printed(shared: Kernel) -> None:
    assert shared.run("%%playbook quiet\nawait asyncio.sleep(0)").stderr == ""


def test_a_cell_without_an_await_says_so_once(shared: Kernel) -> None:
    first = shared.run("%%playbook no-await\nx = 1").stderr
    second = shared.run("%%playbook no-await-2\nx = 1").stderr
    assert "no await here: saved at the end only" in first
    assert second == ""


def test_an_empty_cell_is_no_error(shared: Kernel) -> None:
    assert shared.run("%%playbook empty\n\n# nothing\n").error is None


def test_the_extension_can_be_loaded_twice(shared: Kernel) -> None:
    assert "already loaded" in shared.run("%load_ext playbooks_ipython").stdout
    assert shared.run("%reload_ext playbooks_ipython").error is None
    assert shared.run("%%playbook twice\nawait asyncio.sleep(0, 'once')").value == "'once'"


def test_nothing_of_ours_is_left_after_unloading(shared: Kernel) -> None:
    shared.run("%unload_ext playbooks_ipython")
    left = shared.run(
        "sorted(name for name in ('playbook',) for kind in ('cell', 'line')"
        " if name in get_ipython().magics_manager.magics[kind])"
    )
    matchers = value(shared, "len(get_ipython().Completer.custom_matchers)")
    shared.run("%load_ext playbooks_ipython")
    assert (left.value, matchers) == ("[]", 0)
