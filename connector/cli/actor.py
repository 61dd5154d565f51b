"""Who runs a command, as it stands in the record of changes."""

from __future__ import annotations

import getpass
import os


def actor() -> str:
    """`cli:ann`; the number of the account where it has no name, as in a container."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:{os.getuid()}"
