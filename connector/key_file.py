"""A key beside the database, made at the first start by whichever process comes first."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .errors import SettingsError

SHORTEST_KEY = 20


def key_file(folder: Path, name: str) -> str:
    """The key kept in `folder`/`name`, made there (mode 0600, 32 random bytes) at the first call.

    Raise `SettingsError` for a file that holds no key: what a full disk left of one would be a key that all know.
    """
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < SHORTEST_KEY or not key.isascii():
        raise SettingsError(f"{path} holds no key: remove it, and the next start makes one; all sign in again")
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all, and the first of several processes that begin at once."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return
        except OSError:
            # A file system without links: whole too, but the last one wins.
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
