"""Statements: what the stream hands out is what Python would run, as early as that is certain."""

from __future__ import annotations

import ast
import warnings

import pytest
from cell_programs import REFUSED, WHOLE

from playbooks_ipython.source import StatementStream, parse_cell, parsing

PLAIN = {name: text for name, text in WHOLE.items() if "fence" not in name}
# Python reads on after an error and may find a worse one; a fence is ours.
OWN_WORDS = {"an earlier error than an open bracket", "a null byte", "half a character"}
SAME_WORDS = {
    name: text
    for name, (text, _, _) in REFUSED.items()
    if name not in OWN_WORDS and "fence" not in name
}


def feed(text):
    """Feed a text that may not be whole, one character at a time."""
    stream = StatementStream()
    return [each.text for character in text for each in stream.feed(character)]


def refusal_of(text):
    with pytest.raises(SyntaxError) as caught:
        parse_cell(text)
    return caught.value


@pytest.mark.parametrize("name", PLAIN)
def test_the_trees_are_those_of_the_whole_cell(name):
    """Positions included: tracebacks show the cell's own lines and columns."""
    whole = ast.parse(PLAIN[name]).body
    assert [ast.dump(each.node, include_attributes=True) for each in parse_cell(PLAIN[name])] == [
        ast.dump(node, include_attributes=True) for node in whole
    ]


@pytest.mark.parametrize("name", WHOLE)
def test_the_text_is_the_exact_segment(name):
    """text[:end] is what has run, line and end_line are those of the segment."""
    text, end = WHOLE[name], 0
    for index, each in enumerate(parse_cell(text)):
        assert each.index == index
        assert text[each.start : each.end] == each.text == each.text.strip()
        assert each.start >= end
        end = each.end
        assert each.line == 1 + parsing.count_newlines(text[: each.start])
        assert each.end_line == 1 + parsing.count_newlines(text[: each.end])
        assert ast.dump(ast.parse(each.text).body[0]) == ast.dump(each.node)


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_but_blanks_comments_and_fences_stands_between(name):
    """No text is dropped: B4, E1 and E2 of the predecessor."""
    text = WHOLE[name]
    rest, at = "", 0
    for each in parse_cell(text):
        rest, at = rest + text[at : each.start] + "\n", each.end
    for line in (rest + text[at:]).splitlines():
        assert line.strip(" \t\f;\\").partition("#")[0].rstrip() in (
            "",
            "```",
            "```python",
            "```py",
        )


@pytest.mark.parametrize("name", ["fences", "fences with blanks around", "fence at the start"])
def test_lines_are_counted_with_the_fence(name):
    """Line numbers remain those of the cell."""
    first = parse_cell(WHOLE[name])[0]
    assert WHOLE[name].splitlines()[first.node.lineno - 1].startswith(first.text.splitlines()[0])


@pytest.mark.parametrize(
    ("before", "decides", "complete"),
    [
        ("a = 1", "\n", ["a = 1"]),
        ("a = (1,\n2)", "\n", ["a = (1,\n2)"]),
        ("a = '''b\n'''", "\n", ["a = '''b\n'''"]),
        ("a; b", "\n", ["a", "b"]),
        ("a = 'b\\\r\nc'", "\n", ["a = 'b\\\r\nc'"]),
        ("if a:\n    b\n  \f", "c", ["if a:\n    b"]),
        ("def a(): pass", "\n", ["def a(): pass"]),
        ("with a: b", "\n", ["with a: b"]),
        ("if a: b\nelse: c", "\n", ["if a: b\nelse: c"]),
        ("if a:\n    b\n", "x", ["if a:\n    b"]),
        ("if a:\n    b\n# c\n\n", "(", ["if a:\n    b"]),
        ("if a:\n    b\nel", "f", ["if a:\n    b"]),
        ("if a:\n    b\nelse", "_", ["if a:\n    b"]),
        ("if a:\n    b\nelse:\n    c\n", "d", ["if a:\n    b\nelse:\n    c"]),
        ("if a:\n    b\n\\\n", "c", ["if a:\n    b"]),
        ("def a():\n    b\n", "@", ["def a():\n    b"]),
        ("for a in b:\n    c\n", "`", ["for a in b:\n    c"]),
        ("match a:\n    case b: c\n", "d", ["match a:\n    case b: c"]),
        ("try:\n    a\nfinally:\n    b\n", "c", ["try:\n    a\nfinally:\n    b"]),
        ("try:\n    a\nexcept:\n    b\nelse:\n    c\ne", "x", []),
    ],
)
def test_a_statement_comes_out_as_early_as_it_is_certain(before, decides, complete):
    """Not before the deciding character, and with it."""
    assert feed(before) == []
    assert feed(before + decides) == complete


@pytest.mark.parametrize(
    "text",
    [
        "if a:\n    b\n# else\n\nel",
        "if a: b\n",
        "if a: b\nelse",
        "for a in b: c\n",
        "while a: b\n    # c\n",
        "try:\n    a\nexcept B:\n    c\n\n",
        "try:\n    a\nexcept B:\n    c\nelse:\n    d\nfinally",
        "@a\n# b\n\n",
        "@a\n@b\n",
        "def a():\n    b\n\n# c\n    ",
        "a = 1 + \\\n",
        "a = [1,\n\n",
        "f(\n'''\nb\n",
        "await a(",
        "a",
    ],
)
def test_what_may_go_on_is_kept(text):
    """E3: a head without its else is no statement."""
    assert feed(text) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_stands_before_an_error_comes_out_first(name):
    """Then the error at its own line, and nothing after it: E4, E12."""
    text, before, line = REFUSED[name]
    stream = StatementStream()
    found = stream.feed(text)
    with pytest.raises(SyntaxError) as caught:
        found.extend(stream.finish())
    assert [each.text for each in found] == before
    assert caught.value.lineno == line
    assert caught.value.filename == "<playbook>"
    assert caught.value.text.rstrip("\r\n") == text.split("\n")[line - 1].rstrip("\r")


@pytest.mark.parametrize("name", SAME_WORDS)
def test_errors_are_pythons_own(name):
    """The words and the column that Python has for the whole cell."""
    text = SAME_WORDS[name]
    with pytest.raises(SyntaxError) as caught:
        compile(text, "<playbook>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    ours, python = refusal_of(text), caught.value
    assert (type(ours), ours.msg, ours.lineno) == (type(python), python.msg, python.lineno)
    assert (ours.offset or 1) == (python.offset or 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("return 1", "'return' outside function"),
        ("yield 1", "'yield' outside function"),
        ("if a:\n    return", "'return' outside function"),
        ("a\0", "source code string cannot contain null bytes"),
    ],
)
def test_a_refusal_says_what_python_says(text, words):
    """E10 among them: a return has no function to leave."""
    assert words in refusal_of(text).msg


def test_an_error_is_raised_once():
    """A second `finish` has nothing more to say, whatever was fed."""
    stream = StatementStream()
    stream.feed("a = = 1\n")
    with pytest.raises(SyntaxError):
        list(stream.finish())
    assert list(stream.finish()) == []


def test_an_error_is_known_before_the_end():
    """Who feeds from a model can stop asking it."""
    stream = StatementStream()
    stream.feed("a = = 1")
    assert not stream.failed
    assert stream.feed("\nb = 1\n") == []
    assert stream.failed
    assert stream.feed("c = 1\n") == []
    assert stream.text == "a = = 1\nb = 1\nc = 1\n"


def test_a_finished_stream_takes_no_more():
    """Text after the end would be dropped; it is refused."""
    stream = StatementStream()
    list(stream.finish())
    with pytest.raises(ValueError, match="no text may follow"):
        stream.feed("a")


@pytest.mark.parametrize(
    ("text", "awaits"),
    [
        ("await a", True),
        ("b = [await a(c) for c in d]", True),
        ("b = [c async for c in d]", True),
        ("async for a in b: c", True),
        ("async with a: b", True),
        ("if a:\n    for b in c:\n        print(f'{await d}')", True),
        ("def a(b=await c): pass", True),
        ("@(await a)\ndef b(): pass", True),
        ("class A(await b): pass", True),
        ("(b for b in await c)", True),
        ("lambda a=(await b): a", True),
        ("async def a(): await b", False),
        ("class A:\n    async def b(self): await c", False),
        ("if a:\n    async def b():\n        async for c in d: await e", False),
        ("a = 'await b'", False),
        ("awaiting(a)", False),
    ],
)
def test_an_await_of_its_own_is_known(text, awaits):
    """Those of functions that a statement defines are not its own."""
    (statement,) = parse_cell(text)
    assert statement.has_await is awaits


def test_future_imports_hold_for_what_follows():
    """Their flags are carried forward, for the stream and for who compiles its statements."""
    stream = StatementStream()
    fluent = "from __future__ import barry_as_FLUFL\na = 1 <> 2\n"
    assert [each.text for each in stream.feed(fluent)][1] == "a = 1 <> 2"
    assert [each.text for each in StatementStream(flags=stream.flags).feed("1 <> 2\n")] == [
        "1 <> 2"
    ]
    assert StatementStream().flags == 0


def test_equal_statements_are_told_apart_by_position():
    """B5: an earlier equal statement or a comment is not mistaken for a later one."""
    first, second, third, fourth = parse_cell(WHOLE["equal statements"])
    assert (first.start, second.start, fourth.line) == (0, 10, 6)
    assert third.text == "if a():\n    a()"


@pytest.mark.parametrize("text", ["a = '\\d'", "a = 1if b else 2", "a\n\nb = 'x\\\\y\\d'\n"])
def test_a_warning_of_the_parser_names_the_line_and_comes_once(text):
    """An invalid escape is warned of as if the cell had been parsed whole."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        parse_cell("\n\n" + text)
    with warnings.catch_warnings(record=True) as expected:
        warnings.simplefilter("always")
        ast.parse("\n\n" + text)
    assert [(str(w.message), w.lineno) for w in seen] == [
        (str(w.message), w.lineno) for w in expected
    ]


@pytest.mark.parametrize("text", ["a is 1", "assert (a, b)", "1(2)", "'a'[b, c]", "[1][2, 3]"])
def test_a_warning_of_the_compiler_is_left_to_who_runs_the_statement(text):
    """It would come twice otherwise; nor is it an error where warnings are."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        parse_cell(text)
    assert seen == []


def test_the_cost_is_linear_in_the_text(monkeypatch):
    """2,000 lines, one character at a time: no text is parsed twice."""
    parsed = []
    parse_module = parsing.parse_module
    monkeypatch.setattr(
        parsing,
        "parse_module",
        lambda text, *rest: parsed.append(text) or parse_module(text, *rest),
    )
    text = "".join(
        f"value_{n} = await call({n}, 'text\\n')\nif value_{n}:\n    print(value_{n})\nelse: pass\n"
        for n in range(500)
    )
    assert len(feed(text)) == 1000
    assert sum(map(len, parsed)) <= len(text)


def test_one_long_statement_is_parsed_once(monkeypatch):
    """A block of 2,000 lines is not tried anew at each of them."""
    parsed = []
    parse_module = parsing.parse_module
    monkeypatch.setattr(
        parsing,
        "parse_module",
        lambda text, *rest: parsed.append(text) or parse_module(text, *rest),
    )
    block = "def f():\n" + "    g(1)\n" * 2000
    assert feed(block + "h\n") == [block.rstrip(), "h"]
    assert len(parsed) == 2
