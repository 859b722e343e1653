"""Source: text that comes in pieces -> whole top-level statements with the cell's line numbers."""

from playbooks_ipython.source.compare import (
    Difference,
    difference_at,
    first_difference,
    same,
    same_but_bodies,
)
from playbooks_ipython.source.dollar import DollarFilter, without_dollars
from playbooks_ipython.source.stream import StatementStream, TopStatement, parse_cell

__all__ = [
    "Difference",
    "DollarFilter",
    "StatementStream",
    "TopStatement",
    "difference_at",
    "first_difference",
    "parse_cell",
    "same",
    "same_but_bodies",
    "without_dollars",
]
