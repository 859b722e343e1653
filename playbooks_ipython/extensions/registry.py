"""Registry: which provider keeps checkpoints. Entry points win over the built-in one."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any, ClassVar

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider

GROUP = "playbooks_ipython.stores"


class _ProviderClass:
    """The seeds read `ExtensionRegistry._checkpoint_provider_class.__name__`."""

    def __get__(self, instance: object, owner: type[ExtensionRegistry]) -> type[Any] | None:
        return owner.checkpoint_provider()


class ExtensionRegistry:
    """Providers of checkpoints by name, known without importing anything first.

    `register_checkpoint_provider` sets one for this process; else the entry point of the name that
    the settings say; else the built-in one of that name.
    """

    _registered: ClassVar[type[Any] | None] = None
    _checkpoint_provider_class = _ProviderClass()

    @classmethod
    def register_checkpoint_provider(cls, provider: type[Any] | None) -> None:
        """Use `provider` for every run of this process that names no provider; None: as before."""
        cls._registered = provider

    @classmethod
    def has_checkpoint_provider(cls, name: str = "filesystem") -> bool:
        return cls.checkpoint_provider(name) is not None

    @classmethod
    def checkpoint_provider(cls, name: str = "filesystem") -> type[Any] | None:
        """Return the class that keeps checkpoints under `name`, or None if there is none."""
        if cls._registered is not None:
            return cls._registered
        for point in entry_points(group=GROUP, name=name):
            found: type[Any] = point.load()
            return found
        return FilesystemCheckpointProvider if name == "filesystem" else None

    @classmethod
    def known(cls) -> tuple[str, ...]:
        return tuple(sorted({"filesystem", *entry_points(group=GROUP).names}))
