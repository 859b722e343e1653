"""Plain: the code that a function would have without us, for where we are not."""

from __future__ import annotations

import linecache
from types import CodeType

from playbooks_ipython.continuation.compiling import ALL_FUTURES, compile_as_python, statements_at
from playbooks_ipython.continuation.marks import HOOKS
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.continuation.source import Source
from playbooks_ipython.continuation.twins import every_code


def plain_code(code: CodeType) -> CodeType:
    """Return the code that CPython makes of the same text; of code that is not ours, itself.

    Ours too where the text is not known any more, or where it closes over other variables.
    """
    if not any(map(_is_ours, every_code(code))):
        return code
    twin = twin_of_code(code)
    text = twin.source.text if twin else "".join(linecache.getlines(code.co_filename))
    plain = code_in(text, code) or code
    return plain if plain.co_freevars == code.co_freevars else code


def code_in(text: str, code: CodeType) -> CodeType | None:
    """Return what CPython makes of the function that stands in a text where `code` does.

    None if there is none of that name, or more than one, as there may be lambdas on one line.
    """
    source = Source(text, code.co_filename)
    there = statements_at(source, code.co_firstlineno)
    whole = compile_as_python(source, there, code.co_flags & ALL_FUTURES)
    every = every_code(whole) if whole is not None else ()
    key = code.co_qualname, code.co_firstlineno
    found = [one for one in every if (one.co_qualname, one.co_firstlineno) == key]
    return found[0] if len(found) == 1 else None


def _is_ours(code: CodeType) -> bool:
    return any(value is HOOKS for value in code.co_consts) or twin_of_code(code) is not None
