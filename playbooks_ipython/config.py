"""Config: the settings of the current folder, under the name that programs import.

`from playbooks_ipython.config import config` and then `config.durability.enabled`. Nothing is
read before it is asked for, and each time anew: a changed file or folder counts at once.
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir

from playbooks_ipython.settings import USER_FILE_NAME, Settings, load_settings


def user_config_path() -> Path:
    """Return where the user's own configuration file is, if there is one."""
    return Path(jupyter_config_dir()) / USER_FILE_NAME


class Config:
    """The root of the settings; each table of playbooks.toml that is ours is an attribute."""

    @property
    def durability(self) -> Settings:
        """Raises SettingsError. Cost: reads two files."""
        return load_settings(Path.cwd(), os.environ, user_config_path())


config = Config()
