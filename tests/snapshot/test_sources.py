"""Definitions are found again in the texts that they came from."""

from __future__ import annotations

import hashlib
import linecache
import sys
import types
from pathlib import Path

import pytest

from playbooks_ipython.snapshot import Encoder, Encoding, decode
from tests.snapshot.notebook import Notebook, check_in_new_process


def _restored(encoding: Encoding) -> dict[str, object]:
    namespace: dict[str, object] = {}
    find = encoding.sources.__getitem__
    namespace |= decode(encoding.stream, [], namespace=namespace, sources=find).variables
    return namespace


@pytest.mark.parametrize(
    "last",
    ["def broken(:\n", "x = = 1\n", "'''never closed\n", "if True:\n", "f(\n", "  stray\n"],
)
def test_text_with_a_broken_last_part(last: str) -> None:
    """Statements before a syntax error ran, and their definitions are stored and rebuilt."""
    whole = "def f():\n    return 1\n\nclass A:\n    def m(self):\n        return f()\n"
    text, filename = whole + last, f"<broken {last!r}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(compile(whole, filename, "exec"), namespace)  # noqa: S102 # what ran before the error
    encoding = Encoder(namespace).encode({"f": namespace["f"], "A": namespace["A"]}, {})
    assert encoding.sources == {hashlib.sha256(text.encode()).hexdigest(): text}
    back = _restored(encoding)
    assert back["A"]().m() == 1  # type: ignore[operator] # a class
    del linecache.cache[filename]


def test_text_that_grows_while_it_runs(notebook: Notebook) -> None:
    """A definition of a streamed text is found in what has come since."""
    lines = ["def f():\n", "    return 1\n"]
    filename = "<growing>"
    linecache.cache[filename] = (1, None, lines, filename)
    exec(compile("".join(lines), filename, "exec"), notebook.namespace)  # noqa: S102 # as above
    first = notebook.encode()
    lines += ["def g():\n", "    return 2\n"]
    exec(compile("".join(lines), filename, "exec"), notebook.namespace)  # noqa: S102 # as above
    assert next(iter(notebook.encode().sources.values())) == "".join(lines)
    assert first.sources.keys() != notebook.encode().sources.keys()
    assert _restored(notebook.encode())["g"]() == 2  # type: ignore[operator] # a function
    del linecache.cache[filename]


def test_twin_is_stored_as_its_original(notebook: Notebook) -> None:
    """Code swapped in place for another of the same file, name and line comes back as the text."""
    notebook.run("def outer():\n    n = 1\n    def f(): return n\n    return f\nf = outer()")
    f = notebook.namespace["f"]
    twin = f.__code__.replace(co_consts=(*f.__code__.co_consts, "a mark"))
    f.__code__ = twin
    encoding = notebook.encode()
    back = _restored(encoding)["f"]
    assert isinstance(back, types.FunctionType)
    assert "a mark" not in back.__code__.co_consts
    assert back() == 1


def test_twin_among_several_on_one_line(notebook: Notebook) -> None:
    """Instrumented lambdas of one line are told apart by their columns."""
    notebook.run("one, two = (lambda: 1), (lambda: 2)")
    for name in ("one", "two"):
        f = notebook.namespace[name]
        f.__code__ = f.__code__.replace(co_consts=(*f.__code__.co_consts, "a mark"))
    back = _restored(notebook.encode())
    assert (back["one"](), back["two"]()) == (1, 2)  # type: ignore[operator] # functions


def test_traceback_of_a_restored_function_shows_its_line(notebook: Notebook) -> None:
    """The text is where Python looks for it, under a name that says what it is."""
    notebook.run("def f():\n    raise ValueError('here')  # the line")
    f = notebook.bring_back(notebook.encode()).variables["f"]
    filename = f.__code__.co_filename
    assert filename.startswith("<playbook source ")
    assert "the line" in linecache.getline(filename, 2)


def test_one_text_is_one_source_for_all_its_definitions(notebook: Notebook) -> None:
    """The stream refers to texts by hash; nothing of a definition but its place is in it."""
    notebook.run("def f(): return 'a constant of f'\ndef g(): return 'a constant of g'")
    encoding = notebook.encode()
    assert len(encoding.sources) == 1
    assert b"a constant" not in encoding.stream


def test_bytecode_of_another_python_is_a_stand_in(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What exec made from a string is not loaded where its bytecode means something else."""
    notebook.run("exec('def made(): return 1')\nx = [1]")
    monkeypatch.setattr("playbooks_ipython.snapshot.definition_reducers.MAGIC_NUMBER", b"other")
    encoding = notebook.encode()
    decoded = notebook.bring_back(encoding)
    assert decoded.variables["x"] == [1]
    assert [one.variable for one in decoded.stand_ins] == ["made"]


def test_library_function_that_no_name_leads_to(notebook: Notebook) -> None:
    """A decorator's wrapper out of an importable module keeps that module's globals."""
    notebook.run("import contextlib\n@contextlib.contextmanager\ndef f(): yield 1")
    f = notebook.bring_back(notebook.encode()).variables["f"]
    assert f.__globals__ is sys.modules["contextlib"].__dict__
    with f() as value:
        assert value == 1


def test_local_module_is_stored_by_name(notebook: Notebook, tmp_path: Path) -> None:
    """Functions and classes of importable modules are references."""
    notebook.run("import json, collections\nf, c = json.dumps, collections.OrderedDict")
    encoding = notebook.encode()
    assert not encoding.sources
    check_in_new_process(
        tmp_path,
        encoding,
        "import json as j, collections as k\nassert f is j.dumps and c is k.OrderedDict",
    )
