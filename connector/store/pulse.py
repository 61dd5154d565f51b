"""Signs of life: which schema there is, when something last came in, what is due, what ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from . import migrations, timers
from .database import Database
from .schema import inbox, lane, periodic, timer

LOOKED_AT = 20_000
"""How many of the newest events are looked through: a scan of a large inbox would cost more than it tells."""

MANY = 10_000
"""Up to here is counted: who has more waiting need not know how many more."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One webhook that came; `done`: it was worked to its end. `error` is that of the last try, '' without one."""

    id: int
    lane: str
    done: bool
    error: str = ""


class Pulse:
    """Cheap questions about the whole installation; each is one short read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def schema(self) -> tuple[str | None, str]:
        """The revision that the database is at (None: no schema yet), and the one that this program brings."""
        with self._database.read() as connection:
            return migrations.revision(connection), migrations.newest()

    def server(self) -> tuple[str, str]:
        """The kind of database, and its version: `("PostgreSQL", "16.4")`."""
        kind, question = (
            ("SQLite", "SELECT sqlite_version()")
            if self._database.is_sqlite
            else ("PostgreSQL", "SHOW server_version")
        )
        with self._database.read() as connection:
            return kind, str(connection.execute(sa.text(question)).scalar_one()).partition(" ")[0]

    def last_webhook(self, tracker: str, lanes: str = "") -> datetime | None:
        """When the last webhook of `tracker` that was for us came; None if none of the newest events was one.

        `lanes` limits it to keys that begin so.
        """
        # What reconcile or a timer adds has no body.
        return self._newest(tracker, lanes, inbox.c.body_id.is_not(None))

    def last_missed(self, tracker: str, lanes: str = "") -> datetime | None:
        """When reconcile last found something that no webhook had told; None as above."""
        return self._newest(tracker, lanes, inbox.c.delivery.startswith("reconcile/"))

    def _newest(self, tracker: str, lanes: str, kind: sa.ColumnElement[bool]) -> datetime | None:
        with self._database.read() as connection:
            newest = connection.execute(sa.select(sa.func.max(inbox.c.id))).scalar() or 0
            mine = sa.and_(inbox.c.id > newest - LOOKED_AT, inbox.c.source == tracker, kind)
            if lanes:
                mine = sa.and_(mine, inbox.c.lane.startswith(lanes, autoescape=True))
            return connection.execute(sa.select(sa.func.max(inbox.c.received_at)).where(mine)).scalar()

    def backlog(self) -> tuple[int, int]:
        """How many lanes have events that wait, and how many timers are due and have not fired; `MANY` at most."""
        with self._database.read() as connection:
            now = self._database.now(connection)
            late = sa.select(timer.c.key).where(timer.c.due_at <= now)
            return _up_to_many(connection, sa.select(lane.c.key)), _up_to_many(connection, late)

    def newest(self) -> int:
        """The number of the newest event, 0 if there is none."""
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.max(inbox.c.id))).scalar() or 0

    def arrivals(self, tracker: str, after: int, limit: int = 100) -> list[Arrival]:
        """Webhooks of `tracker` with a number above `after`, the oldest first."""
        mine = sa.and_(inbox.c.id > after, inbox.c.source == tracker, inbox.c.body_id.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(sa.select(inbox).where(mine).order_by(inbox.c.id).limit(limit))
            return [Arrival(row.id, row.lane, row.state == "done", row.last_error or "") for row in rows]

    def next_timer(self) -> datetime | None:
        """When the earliest pending timer is due; None without timers."""
        with self._database.read() as connection:
            return timers.next_due(connection)

    def next_runs(self) -> Mapping[str, datetime]:
        """Periodic job → when its next turn is; a job that never ran is not there."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(periodic.c.name, periodic.c.next_at))
            return {row.name: row.next_at for row in rows}


def _up_to_many(connection: sa.Connection, rows: sa.Select[tuple[str]]) -> int:
    some = rows.limit(MANY).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def is_there(url: str) -> bool:
    """Whether a database may be at `url`: False for a SQLite file that nobody has made yet."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return True  # `Store.open` says what is wrong with it.
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()
