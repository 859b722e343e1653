"""Source: text that comes in pieces -> whole top-level statements with the cell's line numbers."""

from playbooks_ipython.source.compare import Difference, first_difference, same
from playbooks_ipython.source.stream import StatementStream, TopStatement, parse_cell

__all__ = [
    "Difference",
    "StatementStream",
    "TopStatement",
    "first_difference",
    "parse_cell",
    "same",
]
