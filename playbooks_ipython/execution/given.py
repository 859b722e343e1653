"""Given: the names of the notebook that a cell reads and never binds: what it was given."""

from __future__ import annotations

import dis
from types import CodeType

from playbooks_ipython.continuation import Source
from playbooks_ipython.continuation.compiling import compile_as_python
from playbooks_ipython.continuation.twins import every_code
from playbooks_ipython.execution.statements import statements_of

_READS = frozenset(["LOAD_NAME", "LOAD_GLOBAL"])
_BINDS = frozenset(["STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"])


def names_given(program: str) -> set[str]:
    """Return them; the same whatever ran of the program. None of a text that does not compile."""
    numbers = tuple(range(len(statements_of(program))))
    code = compile_as_python(Source(program, "<playbook>"), numbers, 0)
    if code is None:
        return set()
    return _used(code, _READS) - _used(code, _BINDS)


def _used(code: CodeType, how: frozenset[str]) -> set[str]:
    steps = (one for inner in every_code(code) for one in dis.get_instructions(inner))
    return {one.argval for one in steps if one.opname in how}
