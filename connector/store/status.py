"""What `pointsman db` shows and does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from . import migrations, timers
from .database import Database, counts, masked


@dataclass(frozen=True, slots=True)
class Status:
    """The address without secrets, the schema's revision (None: not made yet), ours, and the rows of every table.

    `next_timer` is the instant at which the next of the pending timers is due.
    """

    url: str
    revision: str | None
    newest: str
    rows: Sequence[tuple[str, int]]
    next_timer: datetime | None = None


def status(url: str) -> Status:
    """Look at the database at `url` and change nothing; raise as `Store.open` does."""
    database = Database(url)
    try:
        with database.read() as connection:
            rows = counts(connection)
            due = timers.next_due(connection) if dict(rows).get("timer") else None
            return Status(masked(url), migrations.revision(connection), migrations.newest(), rows, due)
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
