"""Trust: may these bytes be loaded. One key per user; what is not signed with it is not loaded."""

from playbooks_ipython.trust.keys import key_path, user_key
from playbooks_ipython.trust.seal import KeySealer

__all__ = ["KeySealer", "key_path", "user_key"]
