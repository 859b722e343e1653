"""Cuts: what comes out of the stream depends on the text, never on where it was cut."""

from __future__ import annotations

import ast
from itertools import pairwise

import pytest
from cell_programs import REFUSED, WHOLE
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks_ipython.source import StatementStream, parse_cell

TEXTS = {**WHOLE, **{name: text for name, (text, _, _) in REFUSED.items()}}


def outcome(chunks):
    """Everything that a stream says about a text, in a form that can be compared."""
    stream = StatementStream()
    found = [statement for chunk in chunks for statement in stream.feed(chunk)]
    refusal = None
    try:
        # One by one, so that what precedes an error is kept.
        for statement in stream.finish():
            found.append(statement)
    except SyntaxError as error:
        refusal = (type(error), error.msg, error.lineno, error.offset, error.text)
    assert stream.text == "".join(chunks)
    facts = [
        (each.index, each.text, each.start, each.end, each.line, each.end_line, each.has_await)
        for each in found
    ]
    return facts, [ast.dump(each.node, include_attributes=True) for each in found], refusal


def pieces(text, cuts):
    return [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]


@pytest.mark.parametrize("name", TEXTS)
def test_one_cut_anywhere_changes_nothing(name):
    """Every position of every program."""
    text = TEXTS[name]
    whole = outcome([text])
    for cut in range(len(text) + 1):
        assert outcome(pieces(text, [cut])) == whole, f"cut at {cut}"


@pytest.mark.parametrize("name", TEXTS)
def test_chunks_of_any_size_change_nothing(name):
    """From one character to half of the text."""
    text = TEXTS[name]
    whole = outcome([text])
    for size in range(1, len(text) // 2 + 2):
        assert outcome([text[at : at + size] for at in range(0, len(text), size)]) == whole


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_many_cuts_in_several_programs_change_nothing(data):
    """Programs one after another, cut anywhere and often."""
    text = "\n".join(data.draw(st.lists(st.sampled_from(list(TEXTS.values())), max_size=4)))
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=30))
    assert outcome(pieces(text, cuts)) == outcome([text])


FENCES = ("```", "```python")
FRAGMENTS = (
    *("'", '"', "'''", '"""', "f'", "rf'''", "{", "}", "{{", "}}", ":", "!r", "(", ")", "[", "]"),
    *("\n", "\n", "\n", "\r\n", "\r", "\\", "\\\n", "#", "\f", "\t", "    ", "  ", ";", ",", "="),
    *("if a:", "else:", "elif b:", "try:", "except C:", "finally:", "for d in e:", "@f", "g", "1"),
    *("def h():", "match i:", "case _:", "return", "await j", "async ", "\\N{", "é", "pass", "k()"),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_cuts_change_nothing_in_text_that_is_hardly_python(data):
    """Fragments that open and close everything, in any order."""
    text = "".join(data.draw(st.lists(st.sampled_from(FRAGMENTS + FENCES), max_size=25)))
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    assert outcome(pieces(text, cuts)) == outcome([text])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_the_stream_takes_what_python_takes(text):
    """The same trees where Python takes the whole text, an error where it takes none."""
    _, trees, refusal = outcome([text])
    try:
        compile(text, "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError:
        assert refusal
    else:
        whole = ast.parse(text).body
        assert (trees, refusal) == ([ast.dump(n, include_attributes=True) for n in whole], None)


@pytest.mark.parametrize("name", WHOLE)
def test_a_cell_at_once_is_the_same_as_a_stream(name):
    """`parse_cell` is the stream with one chunk, so executors of whole cells see no difference."""
    facts, _, _ = outcome(WHOLE[name])
    assert [(each.start, each.end) for each in parse_cell(WHOLE[name])] == [
        (start, end) for _, _, start, end, *_ in facts
    ]
