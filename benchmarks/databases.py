"""Empty databases to measure on: a SQLite file, and a PostgreSQL database of its own where a server answers."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import ask, fresh_database, server_here

SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def found() -> list[str]:
    """The kinds of database that can be measured here."""
    return [SQLITE, POSTGRES] if server_here() is not None else [SQLITE]


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards; a SQLite file lies in `folder`, so on that disk."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex[:12]}.db'}"
        return
    with fresh_database("postgresql", folder) as url:
        yield url


def versions() -> dict[str, str]:
    """What the figures were measured on."""
    server = server_here()
    shown = {SQLITE: sqlite3.sqlite_version}
    if server is not None:
        shown[POSTGRES] = ask(server, "SHOW server_version").split()[0]
    return shown
