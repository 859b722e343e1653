"""Which names are the user's, and how a restore exchanges exactly those."""

from __future__ import annotations

from playbooks_ipython.snapshot import StandIn, replace, user_variables


class Client:
    pass


def test_ipythons_own_names_are_not_the_users() -> None:
    """History, results and module attributes are left out; a user's own `_tmp` is not."""
    own = ["In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_i1", "_i22", "_3", "exit", "quit"]
    own += ["_dh", "_oh", "_ih", "get_ipython"]
    own += ["__builtins__", "__name__", "__doc__", "__spec__"]
    users = ["x", "_tmp", "_i_mine", "_1a", "__private", "input_1", "é"]
    namespace: dict[str, object] = dict.fromkeys([*own, *users, "hidden"], 1)
    assert list(user_variables(namespace, {"hidden"})) == users


def test_names_that_did_not_exist_are_gone() -> None:
    """After a restore there are the restored names, the hidden ones, and no other."""
    namespace: dict[str, object] = {"a": 1, "new": 2, "hidden": 3, "_i1": "code"}
    replace(namespace, {"a": 1, "old": 4}, {"hidden"})
    assert namespace == {"a": 1, "hidden": 3, "_i1": "code", "old": 4}


def test_hidden_name_is_left_alone() -> None:
    """A stored variable never takes the place of a name that is not the user's."""
    namespace: dict[str, object] = {"hidden": 1}
    replace(namespace, {"hidden": 2}, {"hidden"})
    assert namespace == {"hidden": 1}


def test_report_names_what_is_other() -> None:
    """An equal copy of plain data is not news; another value, and another object, are."""
    one, other = Client(), Client()
    namespace: dict[str, object] = {"same": [1, {"k": (2, None)}], "list": [1], "obj": one, "x": 1}
    namespace |= {"kept": one, "true": True, "nan": float("nan"), "sets": {1, 2}}
    stored = {"same": [1, {"k": (2, None)}], "list": [2], "obj": other, "new": 1}
    stored |= {"kept": one, "true": 1, "nan": float("nan"), "sets": {2, 1}}
    report = replace(namespace, stored, ())
    assert sorted(report.replaced) == ["list", "obj", "true"]
    assert report.added == ("new",)
    assert report.removed == ("x",)


def test_cyclic_data_is_compared_without_end() -> None:
    """Comparing two cycles ends, and says that they may be other."""
    one: list[object] = []
    one.append(one)
    other: list[object] = []
    other.append(other)
    assert replace({"x": one}, {"x": other}, ()).replaced == ("x",)


def test_undo_brings_back_every_object() -> None:
    """Undo gives the very objects of before, also those whose copies were equal."""
    same, gone = [1], Client()
    namespace: dict[str, object] = {"same": same, "gone": gone, "hidden": 1}
    report = replace(namespace, {"same": [1], "new": 2}, {"hidden"})
    assert namespace["same"] is not same
    report.undo(namespace)
    assert namespace == {"same": same, "gone": gone, "hidden": 1}
    assert namespace["same"] is same


def test_stand_in_never_replaces_a_live_object_of_its_type() -> None:
    """A client that is alive is worth more than the word that it could not be stored."""
    live = Client()
    namespace: dict[str, object] = {"client": live, "other": 1}
    stands = StandIn("client", "Client", "it holds a connection")
    report = replace(namespace, {"client": stands, "other": stands}, ())
    assert namespace["client"] is live
    assert type(namespace["other"]) is StandIn
    assert report.replaced == ("other",)
