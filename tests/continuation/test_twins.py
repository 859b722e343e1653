"""Twins as normal Python, and the seam that a recorder sees."""

from __future__ import annotations

import ast
import asyncio
import sys
import traceback
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from playbooks_ipython.continuation import (
    NotAtSite,
    Site,
    Source,
    compile_plain,
    compile_statement,
    current_outcome,
    instrument,
    recording,
    reduce_frame,
    restoring,
    stack_of,
)
from tests.continuation import harness
from tests.continuation.harness import Program, Run, drive, fresh_namespace, resume, run_twins
from tests.support import tools
from tests.support.tools import LOG, leaf


class Marks:
    """A recorder that keeps what it is told."""

    def __init__(self, look: Callable[[], Any] = lambda: None) -> None:
        self.seen: list[tuple[str, Site]] = []
        self.looked: list[Any] = []
        self.look = look

    def issued(self, site: Site) -> None:
        self.seen.append(("issued", site))
        self.looked.append(self.look())

    def completed(self, site: Site) -> None:
        self.seen.append(("completed", site))
        self.looked.append(self.look())

    @property
    def places(self) -> list[tuple[str, str, int]]:
        return [(what, site.function, site.line) for what, site in self.seen]


def define(text: str) -> dict[str, Any]:
    namespace = fresh_namespace()
    source = Source(text, harness.CELL)
    source.show_lines()
    exec(compile_plain(ast.parse(text).body, source), namespace)  # noqa: S102  # a test's own text
    return namespace


def run(text: str, namespace: dict[str, Any], recorder: Any = None) -> Any:
    statement = compile_statement(ast.parse(text).body[0], Source(text, harness.CELL), 0)
    with recording(recorder):
        return drive(statement.start(namespace))


def test_every_await_is_marked_whether_it_suspends_or_not() -> None:
    """A leaf is marked at issue and completion, an await of the program's own at completion."""
    space = define("async def f():\n    await quick(1)\n    return await leaf(2)\n")
    marks = Marks()
    run("await f()", space, marks)
    assert marks.places == [
        ("issued", "f", 2),
        ("completed", "f", 2),
        ("issued", "f", 3),
        ("completed", "f", 3),
        ("completed", "<module>", 1),
    ]
    assert [site.is_leaf for _, site in marks.seen] == [True] * 4 + [False]
    assert [site.role for _, site in marks.seen] == ["statement"] * 2 + ["value"] * 2 + [
        "statement"
    ]


def test_steps_entries_and_exits_are_points() -> None:
    marks = Marks()
    text = "async with Manager('m'):\n    async for x in Ticks(1):\n        pass\n"
    run(text, fresh_namespace(), marks)
    actions = [site.action for what, site in marks.seen if what == "completed"]
    assert actions == ["enter", "step", "step", "exit"]


def test_function_without_awaits_is_one_operation() -> None:
    """Nothing inside could be continued, so the caller's await is the point, at issue as well."""
    space = define("async def f():\n    return eff(1)\n")
    marks = Marks()
    run("x = await f()", space, marks)
    assert marks.places == [("issued", "<module>", 1), ("completed", "<module>", 1)]


def test_outcome_is_known_at_completion() -> None:
    marks = Marks(
        look=lambda: current_outcome() and (current_outcome().value, current_outcome().error)
    )
    error = KeyError("k")
    space = {**fresh_namespace(), "error": error}
    text = "try:\n    y = await leaf(5) + await leaf(1, error)\nexcept KeyError:\n    pass\n"
    run(text, space, marks)
    assert marks.looked == [None, (5, None), None, (None, error)]


def test_whole_right_hand_side_is_bound_when_it_is_marked() -> None:
    space = fresh_namespace()
    marks = Marks(look=lambda: space.get("x"))
    run("x = await leaf(5)", space, marks)
    assert marks.looked == [None, 5]
    assert marks.seen[0][1].targets == ("x",)


def test_nothing_is_marked_outside_a_recording() -> None:
    marks = Marks()
    space = define("async def f():\n    await leaf(2)\n")
    run("await f()", space)
    assert marks.seen == []


def test_other_tasks_are_not_marked() -> None:
    """A task that the statement started has its own stack, and is nobody's child here."""
    space = {**define("async def f(x):\n    await leaf(x)\n"), "asyncio": asyncio}
    marks = Marks()
    text = "await asyncio.create_task(f(1))"
    statement = compile_statement(ast.parse(text).body[0], Source(text, "<c>"), 0)

    async def cell() -> None:
        with recording(marks):
            await statement.start(space)

    asyncio.run(cell())
    assert marks.places == [("issued", "<module>", 1), ("completed", "<module>", 1)]


def test_recorder_that_raises_stops_the_run_before_the_operation() -> None:
    class Refuses(Marks):
        def issued(self, site: Site) -> None:
            raise RuntimeError("lost", site.line)

    LOG.clear()
    with pytest.raises(RuntimeError, match="lost"):
        run("await leaf(1)", fresh_namespace(), Refuses())
    assert LOG == []


def test_frames_are_read_while_they_run() -> None:
    space = define("async def f(a):\n    b = [a]\n    await leaf(b)\n    return b\n")
    text = "out = await f(1)"
    statement = compile_statement(ast.parse(text).body[0], Source(text, harness.CELL), 0)
    coroutine = statement.start(space)
    marks = Marks(look=lambda: stack_of(coroutine))
    with recording(marks):
        drive(coroutine)
    outer, inner = marks.looked[0]
    assert (outer.function, inner.function) == ("<module>", "f")
    assert (inner.line, dict(inner.variables)) == (3, {"a": 1, "b": [1]})
    assert len(marks.looked[2]) == 1


def test_running_elsewhere_makes_no_point() -> None:
    """A frame that runs other awaits from plain code cannot be entered there."""
    space = {**fresh_namespace(), "drive": drive}
    space.update(define("async def inner():\n    await leaf(1)\n"), drive=drive)
    text = "if await leaf(0) == 0:\n    drive(inner())\n    await leaf(2)\n"
    statement = compile_statement(ast.parse(text).body[0], Source(text, harness.CELL), 0)
    coroutine = statement.start(space)
    seen: list[str] = []

    def look() -> None:
        try:
            reduce_frame(coroutine)
            seen.append("point")
        except NotAtSite as error:
            seen.append(f"line {error.line}")

    with recording(Marks(look)):
        drive(coroutine)
    assert seen == ["point", "point", "line 2", "line 2", "point", "point"]


def test_values_end_with_their_statement() -> None:
    """Neither operands nor an exhausted iterator outlive the statement in a hidden local."""
    text = """
async def f(make):
    await leaf(make())
    for x in make():
        await leaf(0)
        break
    for x in make():
        try:
            kept = await leaf(make())
            raise ValueError
        except ValueError:
            await leaf(make())
        finally:
            await leaf(make())
    del x
    return alive()
"""

    class Thing(list[int]):
        count = 0

        def __init__(self) -> None:
            super().__init__([1])
            Thing.count += 1

        def __del__(self) -> None:
            Thing.count -= 1

    async def drop(value: Any) -> None:
        del value

    space = define(text)
    space.update(leaf=drop, alive=lambda: Thing.count)
    assert drive(space["f"](Thing)) == 0


def test_traceback_shows_the_users_frames_alone() -> None:
    text = """
async def inner(x):
    return [await leaf(1),
            1 // x]

async def outer():
    for x in (1, 0):
        try:
            await inner(x)
        finally:
            await leaf("f")
"""
    space = define(text)
    with pytest.raises(ZeroDivisionError) as caught:
        run("await outer()", space)
    frames = traceback.extract_tb(caught.value.__traceback__)[-3:]
    assert [(f.name, f.lineno) for f in frames] == [("<module>", 1), ("outer", 9), ("inner", 4)]
    assert frames[-1].line == "1 // x]"


def test_recorded_error_shows_what_it_showed_before_the_restart() -> None:
    """An error that is delivered after a restart comes from where it came, not from ours."""
    program = Program("async def f():\n    await leaf(1, KeyError('k'))\nawait f()\n")
    _, shots = run_twins(program)
    shot = next(s for s in shots if s.what.startswith("completed f"))
    LOG[:] = shot.log
    namespace = fresh_namespace()
    with restoring(namespace, harness.SOURCES.__getitem__):
        _, _, coroutine = harness.loads(shot.data, program, namespace)
    with pytest.raises(KeyError) as caught, recording(Marks()):
        drive(coroutine)
    names = [f.name for f in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-3:] == ["<module>", "f", "leaf"]


def test_recursion_goes_as_deep_as_without_twins() -> None:
    text = "async def deep(n):\n    return n and 1 + await deep(n - 1)\n"
    plain: dict[str, Any] = {}
    exec(text, plain)  # noqa: S102  # a test's own text
    twins = define(text)
    limit = sys.getrecursionlimit() - 200
    assert drive(plain["deep"](limit)) == drive(twins["deep"](limit)) == limit


def test_instrumented_function_stays_the_same_object() -> None:
    text = "async def f(a, b=2):\n    c = await leaf(a)\n    return (lambda: (b, c))()\n"
    namespace = fresh_namespace()
    code = compile(text, harness.CELL, "exec", dont_inherit=True)
    exec(code, namespace)  # noqa: S102  # a test's own text
    function = namespace["f"]
    before = function.__code__
    assert instrument(function, text)
    assert function.__code__ is not before
    assert function.__code__.co_qualname == before.co_qualname
    assert drive(function(1)) == (2, 1)
    assert not instrument(drive, "")


def test_source_that_does_not_fit_the_function_changes_nothing() -> None:
    namespace = fresh_namespace()
    exec("async def f():\n    await leaf(1)\n", namespace)  # noqa: S102  # a test's own text
    assert not instrument(namespace["f"], "\n\nasync def f():\n    await leaf(1)\n")


@pytest.mark.parametrize(
    "text", ["return 1", "yield 1", "[await x for x in y] = 1", "await x\nawait"]
)
def test_syntax_errors_are_pythons_own(text: str) -> None:
    with pytest.raises(SyntaxError) as expected:
        compile(text, "<c>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with pytest.raises(SyntaxError) as found:
        compile_statement(ast.parse(text).body[0], Source(text, "<c>"), 0)
    assert found.value.msg == expected.value.msg


def test_deeply_nested_blocks_still_compile() -> None:
    """CPython takes twenty nested blocks; hidden ones are left out where they would not fit."""
    text = "async def f():\n"
    for depth in range(12):
        text += "    " * (depth + 1) + f"for x{depth} in [{depth}]:\n"
    text += "    " * 13 + "out = await leaf(1)\n    return out\n"
    assert drive(define(text)["f"]()) == 1


def test_no_line_before_the_point_runs_at_resume() -> None:
    """Traced, a resumed run executes no call of the program's before it reaches its await."""
    text = """
async def f(n):
    eff("start")
    for i in range(n):
        eff(("before", i))
        with Manager(i):
            try:
                if i == 1:
                    await leaf("here")
            finally:
                eff("finally")
    return n
out = await f(3)
"""
    program = Program(text)
    _, shots = run_twins(program)
    shot = next(s for s in shots if s.what.startswith("issued"))
    calls: list[str] = []

    def trace(frame: Any, event: str, _: Any) -> None:
        code: CodeType = frame.f_code
        if event == "call" and code.co_filename == tools.__file__:
            calls.append(code.co_name)

    LOG[:] = shot.log
    namespace = fresh_namespace()
    with restoring(namespace, harness.SOURCES.__getitem__):
        names, index, coroutine = harness.loads(shot.data, program, namespace)
    namespace.update(names)
    run_ = Run(program, namespace, index, coroutine, takes=False)
    sys.settrace(trace)
    try:
        run_.go_on()
    finally:
        sys.settrace(None)
    used = [name for name in calls if name in {"eff", "leaf", "__enter__", "__exit__"}]
    assert used[:2] == ["leaf", "leaf"]  # begun, and gone on with after its suspension
    assert used[2:4] == ["eff", "__exit__"]


def test_resume_is_the_same_after_many_awaits() -> None:
    """What a restore does depends on the frame, not on the number of awaits before."""
    text = "total = 0\nfor i in range(N):\n    total += await leaf(i)\n"
    sizes = []
    for count in (10, 1000):
        program = Program(text.replace("N", str(count)))
        run_ = Run(program, fresh_namespace(), takes=False)
        shots: list[harness.Shot] = []
        taken = run_._shoot

        def last(what: str, run_: Run = run_, count: int = count) -> None:
            run_.takes = len(run_.shots) == 2 * count - 1
            taken(what)  # noqa: B023  # called within this turn of the loop

        run_._shoot = last
        LOG.clear()
        run_.go_on()
        shots = [s for s in run_.shots if s.data]
        end, later = resume(program, shots[-1])
        assert later == []
        assert ("total", sum(range(count))) in end.namespace[1]
        sizes.append(len(shots[-1].data))
    assert abs(sizes[0] - sizes[1]) < 32


def test_hidden_names_cannot_be_taken() -> None:
    """User code has no way to write a hidden name, and sees none."""
    text = (
        "async def f():\n    x = await leaf(1)\n    return sorted(locals()), dir(), len(vars())\n"
    )
    assert drive(define(text)["f"]()) == (["x"], ["x"], 1)
    assert leaf.__name__ == "leaf"


def test_what_other_tools_hang_on_syntax_trees_is_not_followed() -> None:
    """IPython's tracebacks set a `parent` on every node, also on the ones that all trees share."""
    shared = ast.parse("x").body[0].value.ctx
    tree = ast.parse("await f(x)")
    shared.parent = tree.body[0]
    try:
        source = Source("await f(x)", "<test>")
        assert compile_statement(tree.body[0], source, 0).source is source
    finally:
        del shared.parent
