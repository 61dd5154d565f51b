"""What `pointsman db` shows and does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import migrations
from .database import Database, counts, masked


@dataclass(frozen=True, slots=True)
class Status:
    """The address without secrets, the schema's revision (None: not made yet), ours, and the rows of every table."""

    url: str
    revision: str | None
    newest: str
    rows: Sequence[tuple[str, int]]


def status(url: str) -> Status:
    """Look at the database at `url` and change nothing; raise as `Store.open` does."""
    database = Database(url)
    try:
        with database.read() as connection:
            return Status(masked(url), migrations.revision(connection), migrations.newest(), counts(connection))
    finally:
        database.close()


def upgrade(url: str) -> str:
    """Bring the schema at `url` up to date; the revision it then has."""
    database = Database(url)
    try:
        migrations.upgrade(database)
        with database.read() as connection:
            return migrations.revision(connection) or ""
    finally:
        database.close()
