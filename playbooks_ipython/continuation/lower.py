"""Lowering: the statements of one function become statements that can be entered again."""

from __future__ import annotations

from playbooks_ipython.continuation.handlers import Handlers
from playbooks_ipython.continuation.loops import Loops
from playbooks_ipython.continuation.managers import Managers
from playbooks_ipython.continuation.patterns import Patterns


class Lowering(Loops, Managers, Handlers, Patterns):
    """Every statement of Python. One object lowers one function."""
