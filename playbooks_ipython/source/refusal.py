"""Refusal: Python's own SyntaxError for a cell, with the cell's line numbers and text."""

from __future__ import annotations

import re

from playbooks_ipython.source import parsing

_BLANK_LINES = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")
_WORD = re.compile(r"\w+")


def explain(text: str, start: int, end: int, filename: str, flags: int) -> SyntaxError | None:
    """Ask Python what is wrong with text[start:end]; None if nothing is.

    The first word after it is shown to Python too: "expected an indented block" is an error of
    the line that has none. More is not, or an error further down could take precedence.
    """
    while found := _BLANK_LINES.match(text, end):
        end = found.end()
    padding = "\n" * parsing.count_newlines(text[:start])
    word = _WORD.match(text, end)
    following = word.group() if word else "_" if end < len(text) else ""
    try:
        parsing.parse_module(padding + text[start:end] + following, filename, flags)
    except parsing.REFUSALS as error:
        return as_syntax_error(error, text, start, filename)
    return None


def as_syntax_error(error: Exception, text: str, start: int, filename: str) -> SyntaxError:
    """Make any refusal a SyntaxError that shows the cell's own line.

    `start` is where the refused segment begins: the line of a refusal that names none.
    """
    if not isinstance(error, SyntaxError) or error.lineno is None:
        line = parsing.count_newlines(text[:start]) + 1
        reason = str(error) or "too deeply nested"
        shown = parsing.line_text(text, line)
        return SyntaxError(reason, (filename, line, 1, shown, line, 1))
    error.text = parsing.line_text(text, error.lineno) + "\n"
    return error
