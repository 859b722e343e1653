"""Plain: the code that a function would have without us, for where we are not."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from types import CodeType

from playbooks_ipython.continuation.compiling import ALL_FUTURES
from playbooks_ipython.continuation.marks import HOOKS
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.continuation.twins import every_code


def plain_code(code: CodeType) -> CodeType:
    """Return the code that CPython makes of the same text; of code that is not ours, itself.

    Ours too where the text is not known any more, or where it closes over other variables.
    """
    if not any(map(_is_ours, every_code(code))):
        return code
    twin = twin_of_code(code)
    filename = code.co_filename
    text = twin.source.text if twin else "".join(linecache.getlines(filename))
    found = _functions(text, filename, code.co_flags & ALL_FUTURES)
    plain = found.get((code.co_qualname, code.co_firstlineno), code)
    return plain if plain.co_freevars == code.co_freevars else code


def _is_ours(code: CodeType) -> bool:
    return any(value is HOOKS for value in code.co_consts) or twin_of_code(code) is not None


@lru_cache(maxsize=16)
def _functions(text: str, filename: str, flags: int) -> dict[tuple[str, int], CodeType]:
    """Every function of a text by its name and first line, without those that are not the only
    one of that name there, as lambdas may be."""
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        whole = compile(text, filename, "exec", flags, dont_inherit=True)
    except SyntaxError:
        return {}
    keys = [(code.co_qualname, code.co_firstlineno) for code in every_code(whole)]
    found = zip(keys, every_code(whole), strict=True)
    return {key: code for key, code in found if keys.count(key) == 1}
