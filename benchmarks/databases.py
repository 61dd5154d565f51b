"""Empty databases to measure on: a SQLite file, and a PostgreSQL database of its own where a server answers."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
USUAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


def found() -> list[str]:
    """The kinds of database that can be measured here. TEST_POSTGRES_URL, where set, must be one that answers."""
    return [SQLITE, POSTGRES] if _server() is not None else [SQLITE]


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards; a SQLite file lies in `folder`, so on that disk."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex[:12]}.db'}"
        return
    server = _server()
    assert server is not None, "no PostgreSQL: ask `found` first"
    name = f"pointsman_bench_{uuid.uuid4().hex[:8]}"
    _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def versions() -> dict[str, str]:
    """What the figures were measured on."""
    server = _server()
    shown = {SQLITE: sqlite3.sqlite_version}
    if server is not None:
        shown[POSTGRES] = _run(server, "SHOW server_version").split()[0]
    return shown


def _server() -> URL | None:
    given = os.environ.get("TEST_POSTGRES_URL")
    url = make_url(given or USUAL).set(drivername="postgresql+psycopg")
    try:
        _run(url, "SELECT 1")
    except psycopg.OperationalError:
        if given:
            raise
        return None
    return url


def _run(server: URL, statement: str) -> str:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""
