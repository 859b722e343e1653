"""A library that keeps what is current in a context variable, as loggers and tracers do."""

from contextvars import ContextVar

current: ContextVar[dict[str, int]] = ContextVar("current")


class Bound:
    def __init__(self, **values: int) -> None:
        self.values = values

    def __enter__(self) -> None:
        self.token = current.set({**current.get({}), **self.values})

    def __exit__(self, *error: object) -> None:
        current.reset(self.token)
