"""Source: text that comes in pieces -> whole top-level statements with the cell's line numbers."""

from playbooks_ipython.source.compare import Difference, first_difference, same
from playbooks_ipython.source.dollar import DollarFilter, without_dollars
from playbooks_ipython.source.stream import StatementStream, TopStatement, parse_cell

__all__ = [
    "Difference",
    "DollarFilter",
    "StatementStream",
    "TopStatement",
    "first_difference",
    "parse_cell",
    "same",
    "without_dollars",
]
