"""Stores: may a notebook's runs be kept where the settings say?"""

from __future__ import annotations

from playbooks_ipython.errors import SettingsError
from playbooks_ipython.settings import Settings


def check_store(settings: Settings) -> None:
    """Raise SettingsError for a store that cannot keep them: another is never taken silently."""
    if settings.store != "filesystem":
        reason = f'a notebook keeps its runs in "filesystem"; {settings.store!r} is not there yet'
        raise SettingsError("store", "settings", reason)
