"""`restore` brings the namespace of a checkpoint back and nothing else; `undo` takes it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.conftest import SET_UP, Start, effect_lines, value
from tests.support.kernels import Kernel
from tests.support.pool import Pool


def test_restore_brings_values_back_and_runs_nothing(shared: Kernel) -> None:
    shared.run("%%playbook r1\nr = [1]\nawait tool('r1')\nr.append(2)\nawait tool('r1b')")
    shared.run("r = None")
    shared.run("%playbook restore r1")
    assert value(shared, "r") == [1, 2]
    assert effect_lines(shared).count("tool r1 ()") == 1


def test_restore_of_a_checkpoint_brings_the_values_of_that_moment(shared: Kernel) -> None:
    shared.run("%%playbook r2\nr = [1]\nawait tool('a')\nr.append(2)\nawait tool('b')\nr.append(3)")
    for at, then in (("@1", [1]), ("@2", [1, 2]), ("@end", [1, 2, 3]), ("", [1, 2, 3])):
        shared.run(f"%playbook restore r2{at}")
        assert value(shared, "r") == then


def test_restore_of_the_last_checkpoint_leaves_out_what_ran_after_it(start: Start) -> None:
    victim = start()
    victim.run("kill_after('issue', 2)")
    text = "%%playbook r2b\nr = [1]\nawait tool('a')\nr.append(2)\nawait tool('b')"
    assert victim.run(text).died
    other = start()
    other.run("%playbook restore r2b@1")
    assert value(other, "r") == [1]


def test_the_outcome_of_an_await_is_bound_in_its_checkpoint(shared: Kernel) -> None:
    shared.run("%%playbook r3\nx = await tool('a')\nx = await tool('bb')\nx = 'later'")
    shared.run("%playbook restore r3@2")
    assert value(shared, "x") == 2


def test_two_names_for_one_list_are_still_one_list(shared: Kernel) -> None:
    shared.run("%%playbook r4\none = [1]\ntwo = one\nawait tool('a')")
    shared.run("one = two = None")
    shared.run("%playbook restore r4")
    shared.run("one.append(2)")
    assert value(shared, "two") == [1, 2]


def test_names_that_did_not_exist_then_are_gone(shared: Kernel) -> None:
    shared.run("%%playbook r5\nawait tool('a')")
    shared.run("newer = 1")
    said = shared.run("%playbook restore r5").stderr
    assert "removed newer" in said
    assert value(shared, "'newer' in globals()") is False


def test_names_that_the_run_deleted_stay_deleted(shared: Kernel) -> None:
    """B19: the predecessor brought them back."""
    shared.run("%%playbook r6\ngone = 1\nawait tool('a')\ndel gone\nawait tool('b')")
    shared.run("gone = 'again'")
    shared.run("%playbook restore r6")
    assert value(shared, "'gone' in globals()") is False


def test_keep_leaves_names_alone(shared: Kernel) -> None:
    shared.run("%%playbook r7\nk1 = k2 = k3 = 'then'\nawait tool('a')")
    shared.run("k1 = k2 = k3 = 'now'")
    shared.run("%playbook restore r7 --keep k1,k2")
    assert value(shared, "[k1, k2, k3]") == ["now", "now", "then"]


def test_keep_also_leaves_names_that_did_not_exist_then(shared: Kernel) -> None:
    shared.run("%%playbook r8\nawait tool('a')")
    shared.run("since = 1")
    shared.run("%playbook restore r8 --keep since")
    assert value(shared, "since") == 1


def test_python_has_restore_too(shared: Kernel) -> None:
    shared.run("%%playbook r9\np1 = p2 = 'then'\nawait tool('a')")
    shown = shared.run(
        "import playbooks_ipython as pb\np1 = p2 = 'now'\npb.restore('r9', keep=('p1',))"
    )
    assert shown.error is None
    assert value(shared, "[p1, p2]") == ["now", "then"]


def test_undo_brings_back_what_a_restore_replaced(shared: Kernel) -> None:
    shared.run("%%playbook u1\nu = 'then'\nawait tool('a')")
    shared.run("u = 'now'; extra = [1]; alias = extra")
    shared.run("%playbook restore u1")
    said = str(shared.run("%playbook undo").value)
    assert "back as before" in said
    assert value(shared, "[u, extra is alias]") == ["now", True]


def test_undo_takes_each_restore_back_in_turn(shared: Kernel) -> None:
    shared.run("%%playbook u2\nu = 1\nawait tool('a')\nu = 2\nawait tool('b')")
    shared.run("u = 'now'")
    shared.run("%playbook restore u2@1")
    shared.run("%playbook restore u2@2")
    seen = []
    for _ in range(2):
        shared.run("%playbook undo")
        seen.append(value(shared, "u"))
    assert seen == [1, "now"]


def test_undo_after_a_resume_brings_back_what_was_there(shared: Kernel) -> None:
    shared.run("%%playbook u3\nu = 'run'\nawait tool('a')\n1 / 0")
    shared.run("u = 'mine'")
    shared.run("%playbook resume u3")
    shared.run("%playbook undo")
    assert value(shared, "u") == "mine"


def test_undo_with_nothing_to_undo_says_so(start: Start) -> None:
    assert "nothing to bring back" in str(start().run("%playbook undo").value)


def test_restore_says_what_it_replaced(shared: Kernel) -> None:
    shared.run("%%playbook s1\nsaid = 1\nawait tool('a')")
    shared.run("said = 2")
    assert "replaced said" in shared.run("%playbook restore s1").stderr


def test_restore_does_not_call_equal_values_replaced(shared: Kernel) -> None:
    shared.run("%%playbook s2\nsame = {'a': [1, 2]}\nawait tool('a')")
    assert "replaced" not in shared.run("%playbook restore s2").stderr


def test_ipythons_own_names_are_left_alone(shared: Kernel) -> None:
    shared.run("%%playbook i1\nawait tool('a')")
    before = value(shared, "len(In)")
    shared.run("%playbook restore i1")
    assert value(shared, "len(In)") == before + 2
    assert value(shared, "callable(get_ipython) and callable(Say)") is True


# -- what cannot be stored

DB = "import sqlite3\ndb = sqlite3.connect(':memory:')\n"


def test_what_cannot_be_stored_is_named_once(shared: Kernel) -> None:
    shared.run(DB)  # in a plain cell: nobody knows how it was made
    shown = shared.run("%%playbook n1\nawait tool('a')\nawait tool('b')\nawait tool('c')")
    assert shown.stderr.count("db (Connection) is not stored") == 1
    shared.run("db.close(); del db")


@pytest.fixture(scope="module")
def restored(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Another kernel than the one that made the connection, after a restore."""
    folder = tmp_path_factory.mktemp("restored")
    maker, other = pool.take(folder), pool.take(folder)
    for one in (maker, other):
        assert one.run(SET_UP).error is None
    maker.run(f"%%playbook n2\n{DB}inside = [1, db, 2]\nkept = 'kept'\nawait tool('a')")
    said = other.run("%playbook restore n2").stderr
    other.run(f"said = {said!r}")
    yield other
    maker.close()
    other.close()


def test_what_cannot_be_stored_costs_no_other_value(restored: Kernel) -> None:
    assert value(restored, "[kept, inside[0], inside[2]]") == ["kept", 1, 2]


def test_what_comes_back_as_a_stand_in_is_said(restored: Kernel) -> None:
    assert "db (Connection) is a stand-in" in value(restored, "said")


@pytest.mark.parametrize(
    "use", ["db.execute('select 1')", "db()", "with db: pass", "db.total_changes", "inside[1] + 1"]
)
def test_a_stand_in_raises_when_it_is_used(restored: Kernel, use: str) -> None:
    error = restored.run(use).error
    assert error is not None
    assert "db" in error[1]


def test_a_stand_in_never_replaces_a_live_object_of_its_type(shared: Kernel) -> None:
    shared.run(f"%%playbook n4\n{DB}await tool('a')")
    shared.run("%playbook restore n4")
    assert shared.run("db.execute('select 1').fetchall()").value == "[(1,)]"
    shared.run("db.close(); del db")


def test_the_list_of_what_is_not_stored_is_shown(shared: Kernel) -> None:
    shared.run(f"%%playbook n5\n{DB}await tool('a')")
    shown = str(shared.run("%playbook show n5").value)
    assert "not stored: db (Connection): connect() in line 3 makes it again" in shown
    shared.run("db.close(); del db")


# -- what the user did since


def test_a_function_that_is_newer_in_the_kernel_wins(shared: Kernel) -> None:
    shared.run("def made(): return 'old'")
    shared.run("%%playbook d1\nawait tool('a')")
    shared.run("def made(): return 'new'")
    shared.run("%playbook restore d1")
    assert shared.run("made()").value == "'new'"


def test_a_redefined_class_is_the_one_of_its_checkpoint_in_another_kernel(start: Start) -> None:
    """H24: by name, a class that was defined twice is "not the same object"."""
    one = start()
    one.run("class C:\n    kind = 'first'")
    one.run("old = C()")
    one.run("class C:\n    kind = 'second'")
    one.run("%%playbook d2\nnew = C()\nawait tool('a')")
    other = start()
    other.run("%playbook restore d2")
    assert value(other, "[old.kind, new.kind, type(new) is C]") == ["first", "second", True]


def test_a_decorated_function_of_its_own_name_comes_back(start: Start) -> None:
    """H24: `f = deco(f)`."""
    one = start()
    one.run("def deco(f):\n    def wrapped(): return f() + 1\n    return wrapped")
    one.run("def f(): return 1")
    one.run("f = deco(f)")
    one.run("%%playbook d3\nawait tool('a')")
    other = start()
    other.run("%playbook restore d3")
    assert other.run("f()").value == "2"
