"""Parked children are stored apart and once, and what they share with others stays shared.

Every world is decoded at each of its marks and compared with what it is then (`World.compare`).
"""

from __future__ import annotations

import random
import sys
import weakref
from functools import partial

import pytest

from playbooks_ipython.checkpoints import FRAME, abandon
from playbooks_ipython.continuation.frames import read_standing
from playbooks_ipython.continuation.hidden import AWAITED
from tests.checkpoints.worlds import World

ALONE = """
async def work(n):
    own = [n]
    await Pause()
    own.append(n)
    await Pause()
    return own
"""


def apart(world: World) -> dict[str, bool]:
    world.encode()
    return world.units()


def test_what_a_child_alone_has_is_stored_apart() -> None:
    """Children that share nothing are units, and come back with what they have."""
    world = World(ALONE)
    for n in range(3):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()
    assert [one.result for one in world.children] == [[0, 0], [1, 1], [2, 2]]


def test_a_list_that_two_children_share_stays_one() -> None:
    """What one child adds is seen by the other, which was parked meanwhile."""
    world = World("""
shared = []
async def work(n):
    mine = shared
    for k in range(3):
        mine.append((n, k))
        await Pause()
""")
    for n in range(3):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()


def test_a_list_in_no_variable_that_two_children_share_stays_one() -> None:
    """The only names of the list are in frames of children."""
    world = World("""
async def work(mine, n):
    for k in range(3):
        mine.append((n, k))
        await Pause()
""")
    shared: list[object] = []
    for n in range(3):
        world.start("work", shared, n)
    del shared
    world.run()


def test_a_local_that_was_handed_out_before_is_not_frozen() -> None:
    """The namespace holds a child's list, and changes it while the child is parked."""
    world = World("""
out = []
async def work():
    own = [1]
    out.append(own)
    await Pause()
    await Pause()
async def other():
    for k in range(3):
        out[0].append(k)
        await Pause()
""")
    world.step(world.start("work"))
    assert all(apart(world).values())
    world.start("other")
    world.run()


def test_a_cell_that_children_share_keeps_what_was_set_last() -> None:
    """A closure's variable is set by one child while the others, whose frames have it, stand."""
    world = World("""
def make():
    count, last = 0, None
    async def work(n):
        nonlocal count, last
        for k in range(2):
            count += 1
            last = [n, k]
            read = lambda: (count, last, k)
            await Pause()
    return work
work = make()
""")
    for n in range(3):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()


def test_a_cell_of_a_parked_frame_that_is_set_by_another() -> None:
    """The frame that made the cell stands; the child that closes over it goes on."""
    world = World("""
made = []
async def outer():
    value = [0]
    async def inner():
        nonlocal value
        for k in range(3):
            value = [k]
            await Pause()
    made.append(inner)
    await Pause()
    await Pause()
    return value
async def second():
    await made[0]()
""")
    world.step(world.start("outer"))
    assert all(apart(world).values())
    world.start("second")
    world.run()


def test_the_contents_of_a_shared_cell_are_unbound_for_all() -> None:
    """A cell that is emptied while a frame of it is parked is empty for that frame too."""
    world = World("""
made = []
async def outer():
    value = [0]
    def drop():
        nonlocal value
        del value
    made.append(drop)
    await Pause()
    await Pause()
async def second():
    made[0]()
    await Pause()
""")
    world.step(world.start("outer"))
    apart(world)
    world.start("second")
    world.run()


def test_a_child_that_is_held_by_its_own_frame() -> None:
    """What a task knows of itself is the task, whether it is in the unit or beside it."""
    world = World("""
async def work(box):
    me = box
    await Pause()
    await Pause()
""")
    box: list[object] = []
    child = world.start("work", box)
    box.append(child)
    del box
    world.step(child)
    assert all(apart(world).values())
    world.run()


def test_an_object_that_holds_children_is_one_for_all() -> None:
    """A group in a variable holds every child, and every child holds the group."""
    world = World("""
class Group:
    def __init__(self):
        self.members = []
group = Group()
async def work(n):
    team = group
    await Pause()
    team.last = n
    await Pause()
""")
    for n in range(3):
        child = world.start("work", n)
        world.namespace["group"].members.append(child)
        world.step(child)
    del child
    assert all(apart(world).values())
    world.run()


def test_children_that_wait_for_one_another() -> None:
    """A unit refers to a child that is stepped, ended, and parked again meanwhile."""
    world = World("""
async def work(others):
    seen = list(others)
    for _ in range(3):
        await Pause()
    return seen
""")
    first = world.start("work", ())
    second = world.start("work", (first,))
    world.step(second)
    world.step(world.start("work", (first, second)))
    assert apart(world)["work-1"]
    world.step(first, 2)
    world.run()


def test_callbacks_of_a_child_are_shared_with_what_they_change() -> None:
    """What stands in a child's own state can be had by asking it, so no frame owns it."""
    world = World("""
done = []
async def work(box):
    own = box
    await Pause()
    await Pause()
async def other(child):
    for _ in range(2):
        child.notes[0].append(1)
        await Pause()
""")
    box: list[object] = []
    child = world.start("work", box)
    child.notes = [box, world.namespace["done"].append]
    del box
    world.step(child)
    apart(world)
    world.start("other", child)
    world.run()


def test_an_error_that_a_child_handles_and_another_has_too() -> None:
    """A child stands in its handler while others add notes to the error."""
    world = World("""
errors = []
async def work(n):
    try:
        raise ValueError(n)
    except ValueError as error:
        errors.append(error)
        kept = error
        await Pause()
        kept.add_note("seen")
        await Pause()
""")
    for n in range(2):
        world.step(world.start("work", n))
    apart(world)
    world.run()


def test_what_a_weak_reference_leads_to_is_not_frozen() -> None:
    """Nothing but the child's frame holds the object strongly, and another changes it."""
    world = World("""
class Thing:
    pass
refs = []
async def work():
    own = Thing()
    own.value = 0
    refs.append(__import__("weakref").ref(own))
    for _ in range(4):
        await Pause()
async def other():
    for k in range(2):
        refs[0]().value = k
        await Pause()
""")
    world.step(world.start("work"))
    assert all(apart(world).values())
    world.start("other")
    world.run()


def test_a_generator_that_two_children_share_is_one() -> None:
    """Each takes an item in turn, while the other is parked."""
    world = World("""
def items():
    own = []
    for k in range(4):
        own.append(k)
        yield k
async def work(source):
    found = []
    for _ in range(2):
        found.append(next(source))
        await Pause()
""")
    source = world.namespace["items"]()
    for _ in range(2):
        world.step(world.start("work", source))
    del source
    assert all(apart(world).values())
    world.run()


def test_calls_beneath_a_child_belong_to_it() -> None:
    """The frames that a child waits for, their loops and closures, are in its unit."""
    world = World("""
async def leaf(n):
    own = {n: [n]}
    add = lambda: own
    for k in range(2):
        await Pause()
        add()[n].append(k)
    return own
async def middle(n):
    return [await leaf(n) for n in (n, n + 1)]
async def work(n):
    return await middle(n)
""")
    for n in range(2):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()


def test_instances_of_the_notebooks_classes_are_owned() -> None:
    """Instances, their bound methods and cycles among them."""
    world = World("""
class Agent:
    def __init__(self, n):
        self.history, self.self = [n], None
    def add(self, x):
        self.history.append(x)
async def work(n):
    agent = Agent(n)
    add = agent.add
    ring = Agent(n)
    ring.self = ring
    for k in range(2):
        add(k)
        ring.add(k)
        await Pause()
""")
    for n in range(2):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()


def test_a_closure_whose_maker_has_ended_keeps_its_cells() -> None:
    """Nobody but the function has the cell: its contents are in the unit with it."""
    world = World("""
def adder(start):
    total = [start]
    def add(n):
        nonlocal total
        total = [*total, n]
        return total
    return add
async def work(n):
    add = adder(n)
    for k in range(2):
        add(k)
        await Pause()
    return add(9)
""")
    for n in range(2):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    world.run()


def test_what_only_a_reducer_leads_to_is_shared() -> None:
    """What a thing is stored by, and no reference of it shows, is no copy of what others have."""
    world = World("""
registry = []
async def work(n):
    own = __import__("functools").partial(print, n)
    await Pause()
""")
    registry = world.namespace["registry"]

    def reduce(obj: object) -> object:
        return (tuple, ((registry,),)) if type(obj) is partial else NotImplemented

    world.encoder._encoder._reducers += (reduce,)
    world.check = False
    for n in range(2):
        world.step(world.start("work", n))
    assert all(apart(world).values())
    with world.decoded() as decoded:
        frames = [read_standing(one.coroutine) for one in decoded.parked]
        found = [one.variables["own"][0] for one in frames if one is not None]
        assert [one is decoded.variables["registry"] for one in found] == [True, True]


def test_a_child_whose_coroutine_a_variable_has_too() -> None:
    """A frame that somebody else has is one, and apart from the child that steps it."""
    world = World(ALONE + "kept = []\n")
    for n in range(3):
        child = world.start("work", n)
        world.namespace["kept"].append(child.coroutine)
        world.step(child)
    assert all(apart(world).values())
    with world.decoded() as decoded:
        coroutines = {child.coroutine for child in decoded.parked}
        assert coroutines == set(decoded.variables["kept"])
    world.run()


def test_a_closure_whose_coroutine_a_variable_has_too() -> None:
    """A frame that shares variables with others is made after them: it is in the main stream."""
    world = World("""
kept = []
def make():
    count = 0
    async def work():
        nonlocal count
        for _ in range(3):
            count += 1
            await Pause()
    return work
work = make()
""")
    child = world.start("work")
    world.namespace["kept"].append(child.coroutine)
    world.step(child)
    assert not any(apart(world).values())
    world.start("work")
    world.run()


def test_a_coroutine_that_is_in_a_variable_no_more_is_let_go() -> None:
    """What was apart for somebody who had it, too, goes with its child."""
    world = World(ALONE + "kept = []\n")
    child = world.start("work", 1)
    world.namespace["kept"].append(child.coroutine)
    world.step(child)
    world.encode()
    gone = weakref.ref(child.coroutine)
    world.namespace["kept"].clear()
    world.children.clear()
    del child
    world.encode()
    world.encode()
    assert gone() is None


def test_a_child_whose_frame_object_somebody_has() -> None:
    """A frame object shows the variables to who has it, so nothing of it is frozen."""
    world = World(ALONE)
    child = world.start("work", 1)
    world.step(child)
    frame = child.coroutine.cr_frame
    assert not any(apart(world).values())
    frame.f_locals["own"].append(2)
    world.encode()
    del frame
    for _ in range(10):  # it is asked again from time to time
        world.encode()
    assert all(apart(world).values())


def test_a_child_that_holds_what_cannot_be_stored_is_named() -> None:
    """A stand-in is told of by variable, as for any other frame."""
    world = World("async def work(thing):\n    own = thing\n    await Pause()\n", check=False)
    world.step(world.start("work", sys._getframe()))
    refused = world.encode().refused
    assert [(one.variable, one.type_name) for one in refused] == [("thing in work()", "frame")]


def test_a_frame_that_will_enter_anew_is_stored_anew() -> None:
    """A manager turns out to be one that is made again, so what enters it now does so again too."""
    world = World(
        """
pools = []
class Pool:
    async def __aenter__(self):
        await Pause()
        await Pause()
        return self
    async def __aexit__(self, *error):
        pass
async def work():
    pool = Pool()
    pools.append(pool)
    async with pool:
        await Pause()
""",
        check=False,
    )
    child = world.start("work")
    world.step(child)
    assert all(apart(world).values())
    assert awaited(world) is not None
    world.namespace["pools"][0].frame = sys._getframe()
    assert all(apart(world).values())
    assert awaited(world) is None
    child.coroutine.close()


def awaited(world: World) -> object:
    """Return what the first child would wait for when it goes on."""
    with world.decoded() as decoded:
        standing = read_standing(decoded.parked[0].coroutine)
        assert standing is not None
        return standing.variables.get(AWAITED)


def test_children_come_and_go() -> None:
    """Numbers of those that ended are used again, and lead to nobody else."""
    world = World(ALONE)
    for n in range(40):
        world.step(world.start("work", n))
        world.children = world.children[-5:]
    assert all(apart(world).values())
    assert len(world.encode().units) < 20


@pytest.mark.parametrize("seed", range(6))
def test_whatever_children_share_stays_as_it_is(seed: int) -> None:
    """Children that pass what they have to one another at random, compared at every mark."""
    world = World("""
class Box:
    pass
pool = [[0]]
async def work(n, rolls):
    own, box = [n], Box()
    box.items = own
    for kind, roll in rolls:
        if kind == 0:
            pool.append(own)
        elif kind == 1:
            own = pool[roll % len(pool)]
        elif kind == 2:
            own.append(roll)
        elif kind == 3:
            box = Box()
            box.items = [own, roll]
        elif kind == 4:
            pool[roll % len(pool)].append(box)
        elif kind == 5 and len(pool) > 1:
            pool.pop()
        elif kind == 6:
            def read(extra=roll):
                return own, extra
            box.read = read
        elif kind == 7:
            own = [roll]
        await Pause()
    return own
""")
    rolls = random.Random(seed)
    for n in range(6):
        script = [(rolls.randrange(8), rolls.randrange(99)) for _ in range(rolls.randrange(2, 7))]
        world.start("work", n, tuple(script))
    del script
    while waiting := [one for one in world.children if one.coroutine.cr_frame is not None]:
        child = rolls.choice(waiting)
        del waiting
        world.step(child)
        del child


LONG = "a text that nobody changes " * 40
TEXTS = """
async def work(text, n):
    mine = [text, n]
    for k in range(2):
        await Pause()
        mine.append(k)
    return mine
"""


def test_a_text_that_children_share_is_stored_once_and_apart() -> None:
    """Neither the main stream has it, nor each child; and it goes with the last of them."""
    world = World(TEXTS)
    text = LONG + str(world.started)
    for n in range(3):
        world.step(world.start("work", text, n))
    encoding = world.encode()
    assert text.encode() not in encoding.stream
    assert sum(text.encode() in one for one in units_of(world)) == 1
    world.run()
    world.children.clear()
    world.encode()
    assert not any(text.encode() in one for one in units_of(world))


def units_of(world: World) -> list[bytes]:
    return [one for one in world.encode().units if one is not None]


def test_a_child_that_nobody_told_of_is_as_it_was() -> None:
    """That a child moved is believed, and not looked for: so it costs nothing if it did not."""
    world = World(ALONE, check=False)
    child = world.start("work", 1)
    world.step(child)
    before = units_of(world)
    child.notes = ["told"]
    child.steps = 100  # without a word
    assert units_of(world) == before
    world.note_moved(child)
    assert units_of(world) != before
    world.run()


def test_children_that_are_taken_out_are_looked_at_whole() -> None:
    """One that left is in the graph only where something leads to it."""
    world = World(ALONE, check=False)
    for n in range(3):
        world.step(world.start("work", n))
    assert len(units_of(world)) == 3
    world.namespace["kept"] = world.children.pop()
    assert len(units_of(world)) == 2
    with world.decoded() as decoded:
        kept = decoded.variables["kept"]
        assert kept.name == "work-2"
        abandon({FRAME: kept.coroutine})
    world.children.append(world.namespace["kept"])
    world.run()
