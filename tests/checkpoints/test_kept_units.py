"""Units in a run's log: only what changed is written, and every checkpoint has what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from playbooks_ipython.checkpoints import Roots
from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.checkpoints.past import ALONE_EVERY
from playbooks_ipython.checkpoints.whole import read_file, write_file
from playbooks_ipython.errors import CorruptLog
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.store.pages import PAGE, read_pages, write_page
from playbooks_ipython.testing.samples import SEALER
from tests.checkpoints.journals import KeptWorld, bytes_of, restored, then

WORK = """
shared = []
class Box:
    pass
async def leaf(n):
    own = [n]
    await Pause()
    own.append(len(shared))
    return own
async def work(n):
    box = Box()
    while len(shared) < 10_000:
        box.items = await leaf(n)
        shared.append(n)
        del shared[:-2]
"""

Make = Callable[[int], KeptWorld]


@pytest.fixture
def make(tmp_path: Path):
    """Return what makes a world of so many children, each of which waits."""
    worlds: list[KeptWorld] = []

    def start(count: int, *, check: bool = True) -> KeptWorld:
        world = KeptWorld(WORK, check=check, folder=tmp_path / str(len(worlds)))
        worlds.append(world)
        world.is_kept = check
        for n in range(count):
            world.step(world.start("work", n))
        world.is_kept = True
        return world

    yield start
    for world in worlds:
        world.journal.close()
        for child in world.children:
            child.coroutine.close()


def turns(world: KeptWorld, count: int) -> None:
    for k in range(count):
        world.step(world.children[k % len(world.children)])


def test_every_checkpoint_of_a_run_has_what_it_needs(make: Make) -> None:
    """Each is as the world was then, however much of it was written for earlier ones."""
    world = make(20)
    turns(world, 30)
    assert len(world.check_all()) > 30


def test_what_an_await_writes_does_not_grow_with_the_children(make: Make) -> None:
    """An await among a thousand that wait writes what one among ten does, and a page or two."""
    sizes = {}
    for count in (10, 1000):
        world = make(count, check=False)
        turns(world, 20)
        sizes[count] = max(bytes_of(world.view().marks[-30:]))
    assert sizes[1000] < 1.5 * sizes[10]


def test_what_an_await_encodes_does_not_grow_with_the_children(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that did not move are not looked into: as many objects are reduced as among ten."""
    reduced: list[object] = []
    reduce = ProgramEncoder._reduce

    def counting(encoder: ProgramEncoder, obj: object) -> object:
        reduced.append(None)
        return reduce(encoder, obj)

    monkeypatch.setattr(ProgramEncoder, "_reduce", counting)
    counts = {}
    for count in (10, 1000):
        world = make(count, check=False)
        turns(world, 10)
        reduced.clear()
        turns(world, 20)
        counts[count] = len(reduced)
    assert counts[1000] == counts[10]


def test_a_checkpoint_that_stands_alone_has_all_units(make: Make) -> None:
    """The newest part of a log is enough to go on with, whatever was written before it."""
    world = make(12, check=False)
    for k in range(ALONE_EVERY + 20):
        world.check = k >= ALONE_EVERY
        world.step(world.children[k % 2])
    view = world.manager.newest()
    assert view.first > 0
    alone = next(view.reader.newest())
    assert set(view.blobs_of(alone)) <= {*alone.blobs}
    last = {n: record for n, record in view.done.items() if n in world.told}
    assert len(last) > 20
    for n, record in last.items():
        with restored(view.graph_of(record)) as decoded:
            assert then(decoded) == world.told[n]


def test_checkpoints_that_are_kept_keep_their_units(make: Make) -> None:
    """When older ones are dropped, what the others share with them stays, and the run goes on."""
    world = make(20)
    turns(world, 10)
    before = world.view().reader.size_bytes()
    world.journal.keep_last(3)
    assert len(world.check_all()) == 3
    assert world.view().reader.size_bytes() < before
    turns(world, 10)
    world.journal.keep_last(5)
    assert len(world.check_all()) == 5


def test_a_checkpoint_that_is_dropped_takes_nothing_of_the_others(make: Make) -> None:
    """What only it needed goes, and no more."""
    world = make(4)
    turns(world, 6)
    kept = world.check_all()
    world.journal.drop(kept[3], frozenset(kept) - {kept[3]})
    assert world.check_all() == [n for n in kept if n != kept[3]]


def test_a_fork_begins_with_all_units_of_its_checkpoint(make: Make) -> None:
    """A new line has its own copy of what an old checkpoint needs."""
    world, other = make(6), make(0)
    turns(world, 8)
    view = world.view()
    record = view.done[5]
    other.journal.begin_with(record, view.types_at(record), view.blobs_of(record))
    found = other.view()
    with restored(found.graph_of(found.done[5])) as decoded:
        assert then(decoded) == world.told[5]
    listed = set(needed_blobs(record, view.reader.blob))
    assert set(view.blobs_of(record)) <= listed


def test_a_checkpoints_file_holds_its_units(make: Make) -> None:
    """What is written beside the log is read without it."""
    world = make(3)
    turns(world, 4)
    view = world.view()
    n, record = max(view.done.items())
    data = write_file("research", "1", record, view.graph_of(record), world.text, SEALER)
    _, graph, _ = read_file(data, "file", SEALER)
    assert graph == view.graph_of(record)
    with restored(graph) as decoded:
        assert then(decoded) == world.told[n]


def test_a_checkpoint_is_looked_at_without_a_warning(make: Make) -> None:
    """Nobody goes on with the children of a checkpoint that is only shown."""
    world = make(3)
    turns(world, 3)
    whole = asyncio.run(world.provider.load_checkpoint("research_ckpt_2"))
    assert whole is not None
    assert whole["namespace"]["shared"] == []


def test_equal_digests_mean_an_equal_world(make: Make) -> None:
    """Whether a child is stored apart does not show; what it has does."""
    world = make(3)
    roots = Roots({}, {}, world.children)
    before = world.journal.digest(roots)
    world.encode()
    assert world.journal.digest(roots) == before
    world.step(world.children[0])
    assert world.journal.digest(roots) != before


def test_after_a_full_disk_all_units_are_handed_over_again(make: Make) -> None:
    """Nobody knows what the store has: a checkpoint made then is whole."""
    world = make(3)
    world.journal._packer.forget()
    world.encode()
    record = world.view().marks[-1]
    assert set(world.view().blobs_of(record)) - {record.fields["source"]} <= {*record.blobs}


def test_pages_list_what_they_were_given() -> None:
    """A tree of pages gives the names in their order, and none where there is none."""
    names: list[str | None] = [f"{n:064x}" if n % 3 else None for n in range(PAGE + 5)]
    blobs = {"a" * 64: write_page(names[:PAGE]), "b" * 64: write_page(names[PAGE:])}
    blobs["c" * 64] = write_page(["a" * 64, "b" * 64])
    assert read_pages("c" * 64, 2, blobs.__getitem__) == (["c" * 64, "a" * 64, "b" * 64], names)


@pytest.mark.parametrize("page", [b"", b"x" * 31, b"x" * 32 * (PAGE + 1)])
def test_a_page_that_is_none_is_refused(page: bytes) -> None:
    """What was altered, or is something else, is said to be damaged."""
    with pytest.raises(CorruptLog):
        read_pages("a" * 64, 1, {"a" * 64: page}.__getitem__)
