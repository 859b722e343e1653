"""Dollar: `$name` is a name in code and nowhere else."""

from __future__ import annotations

import pytest
from cell_programs import WHOLE

from playbooks_ipython.source import DollarFilter, parse_cell, without_dollars

CASES = {
    "$x = await Pb($y)": "x = await Pb(y)",
    "$message = $messages[$_] + $__": "message = messages[_] + __",
    "a = 'a$b' + \"$c\" # $d": "a = 'a$b' + \"$c\" # $d",
    "a = '''\n$b'''\n$c": "a = '''\n$b'''\nc",
    "f'{$a} $b {{$c}} {$d!r:>{$e}}'": "f'{a} $b {{$c}} {d!r:>{e}}'",
    "rf'''{\n$a}$''' F\"{$b['$c']}\"": "rf'''{\na}$''' F\"{b['$c']}\"",
    "b'$a' r'\\$b' '\\'$c'": "b'$a' r'\\$b' '\\'$c'",
    "if $a:\n    $b = 1\nelse: $c": "if a:\n    b = 1\nelse: c",
    "f(\n$a, # $b\n*$c)": "f(\na, # $b\n*c)",
    "$é": "é",
    "a$b": "a$b",
    "$1 $": "$1 $",
    "$$a": "$a",
}


@pytest.mark.parametrize("text", CASES)
def test_dollars_go_where_they_are_code(text):
    """Never in the text of strings, never in comments, never so that two names become one."""
    assert without_dollars(text) == CASES[text]


@pytest.mark.parametrize("text", CASES)
def test_where_the_text_was_cut_does_not_matter(text):
    """It streams like the statements do."""
    for cut in range(len(text) + 1):
        dialect = DollarFilter()
        assert dialect.feed(text[:cut]) + dialect.feed(text[cut:]) + dialect.finish() == CASES[text]


@pytest.mark.parametrize("text", CASES)
def test_an_offset_leads_back_to_the_text_as_it_came(text):
    """What has run is a prefix of what was fed, dollars included."""
    dialect = DollarFilter()
    plain = dialect.feed(text) + dialect.finish()
    for offset in range(len(plain) + 1):
        assert without_dollars(text[: dialect.original_offset(offset)]) == plain[:offset]
    assert dialect.original_offset(len(plain)) == len(text)


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_plain_python_stays_as_it_is(text):
    """The dialect is a superset."""
    assert without_dollars(text) == text


def test_lines_stay_and_a_forgotten_name_is_still_python():
    """Line numbers are those of the cell; a dollar that stays is Python's to refuse."""
    assert [each.line for each in parse_cell(without_dollars("$a = 1\n\n$b = $a\n"))] == [1, 3]
    with pytest.raises(SyntaxError):
        parse_cell(without_dollars("a = 5$b"))
