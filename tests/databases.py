"""Databases for tests: a SQLite file, or a PostgreSQL database of its own that is dropped afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

KINDS = ("sqlite", "postgresql")
USUAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of `kind`; skips the test where no PostgreSQL answers."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'pointsman.db'}"
        return
    server = server_here()
    if server is None:
        pytest.skip("no PostgreSQL: set TEST_POSTGRES_URL, or start one on 127.0.0.1:5432")
    name = f"pointsman_{uuid.uuid4().hex[:12]}"
    ask(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        ask(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def kinds() -> list[object]:
    """Both kinds as test parameters, the second one marked."""
    return ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@cache
def server_here() -> URL | None:
    """The PostgreSQL to make databases on; None where there is none. One that TEST_POSTGRES_URL names must answer."""
    given = os.environ.get("TEST_POSTGRES_URL")
    url = make_url(given or USUAL).set(drivername="postgresql+psycopg")
    try:
        ask(url, "SELECT 1")
    except psycopg.OperationalError:
        if given:
            raise
        return None
    return url


def ask(server: URL, statement: str) -> str:
    """The first value that `statement` gives, '' if it gives none."""
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""
