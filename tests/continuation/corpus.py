"""The corpus: every program, by its name. `OF_OBJECTS` run in processes only."""

from tests.continuation import (
    corpus_expressions,
    corpus_functions,
    corpus_interactions,
    corpus_iteration,
    corpus_objects,
    corpus_statements,
)

PROGRAMS = {
    **corpus_statements.PROGRAMS,
    **corpus_iteration.PROGRAMS,
    **corpus_expressions.PROGRAMS,
    **corpus_functions.PROGRAMS,
    **corpus_interactions.PROGRAMS,
}
OF_OBJECTS = corpus_objects.PROGRAMS
