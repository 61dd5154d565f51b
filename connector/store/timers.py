"""Timers: what is due becomes an event of its lane, exactly once; what is pending costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import metrics
from .database import Database
from .inbox.accept import add, ready
from .inbox.lanes import arm
from .rows import Incoming, TimerRow
from .schema import timer
from .wake import POLL_SECONDS, Topic, Wake

SOURCE = "timer"


class Timers:
    """Reads and fires timers; they are set and cancelled in the transaction of an event (`Work`)."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database = database
        self._wake = wake

    def get(self, key: str, name: str) -> TimerRow | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(timer).where(timer.c.key == key, timer.c.name == name)).first()
        return None if row is None else TimerRow(row.key, row.name, row.due_at, row.payload)

    def fire(self, limit: int = 500) -> int:
        """Turn up to `limit` due timers into events, the earliest first; how many."""
        with self._database.read() as connection:
            due = _due(connection, self._database.now(connection), limit)
        if not due:
            return 0
        with self._database.write() as connection:
            now = self._database.now(connection)
            # Lanes before timers, as everybody who sets a timer locks them. After an outage much is due at once: what
            # was due first is worked first.
            arm(self._database, connection, {row.key: row.due_at for row in reversed(due)})
            fired = _take(connection, due)
            add(self._database, connection, [ready(_event(row)) for row in fired], now)
            self._wake.announce(connection, Topic.WORK)
        self._wake.call(Topic.WORK)
        for row in fired:
            metrics.observe(metrics.names.TIMER_LATENESS, (now - row.due_at).total_seconds())
        return len(fired)

    def wait(self, timeout: float) -> None:
        """Return when the next timer is due, when an earlier one was set, or after `timeout` or a poll of 1 s."""
        with self._database.read() as connection:
            due, now = next_due(connection), self._database.now(connection)
        left = POLL_SECONDS if due is None else max(0.0, (due - now).total_seconds())
        if left > 0:
            self._wake.wait(Topic.TIMERS, min(left, timeout))

    def nudge(self) -> None:
        """Let `wait` return."""
        self._wake.call(Topic.TIMERS)


def put(
    database: Database, connection: Connection, key: str, name: str, due_at: datetime, payload: Mapping[str, Any]
) -> None:
    """Set the timer, or move the one of that name."""
    put_all(database, connection, [TimerRow(key, name, due_at, payload)])


def put_all(database: Database, connection: Connection, rows: Iterable[TimerRow]) -> None:
    """Set or move each of these timers."""
    values = [{"key": row.key, "name": row.name, "due_at": row.due_at, "payload": row.payload} for row in rows]
    if values:
        statement = database.insert(timer)
        new = {"due_at": statement.excluded.due_at, "payload": statement.excluded.payload}
        connection.execute(
            statement.on_conflict_do_update(index_elements=[timer.c.key, timer.c.name], set_=new), values
        )


def pending(connection: Connection, name: str, keys: Iterable[str]) -> set[str]:
    """Those lanes of `keys` for which the timer `name` is set."""
    rows = sa.select(timer.c.key).where(timer.c.name == name, timer.c.key.in_(list(keys)))
    return set(connection.execute(rows).scalars())


def drop(connection: Connection, key: str, name: str | None = None) -> None:
    """Cancel the timer, or all of the lane; one that is not set is no error."""
    mine = timer.c.key == key if name is None else sa.and_(timer.c.key == key, timer.c.name == name)
    connection.execute(sa.delete(timer).where(mine))


def next_due(connection: Connection) -> datetime | None:
    """The earliest instant at which a timer is due; None without timers."""
    return connection.execute(sa.select(timer.c.due_at).order_by(timer.c.due_at).limit(1)).scalar()


def _due(connection: Connection, now: datetime, limit: int) -> list[TimerRow]:
    rows = sa.select(timer).where(timer.c.due_at <= now).order_by(timer.c.due_at).limit(limit)
    return [TimerRow(row.key, row.name, row.due_at, row.payload) for row in connection.execute(rows)]


def _take(connection: Connection, due: Sequence[TimerRow]) -> list[TimerRow]:
    """Delete those of `due` that are still set as we saw them: no other process fires what we deleted."""
    names = sa.tuple_(timer.c.key, timer.c.name, timer.c.due_at)
    # The keys once more by themselves: SQLite uses no index for a list of tuples.
    wanted = sa.and_(
        timer.c.key.in_({row.key for row in due}), names.in_([(row.key, row.name, row.due_at) for row in due])
    )
    gone = {
        tuple(row)
        for row in connection.execute(
            sa.delete(timer).where(wanted).returning(timer.c.key, timer.c.name, timer.c.due_at)
        )
    }
    return [row for row in due if (row.key, row.name, row.due_at) in gone]


def _event(row: TimerRow) -> Incoming:
    at = row.due_at.isoformat()
    delivery = f"{row.key}/{row.name}/{at}"
    known = {"kind": SOURCE, "note": row.name, "at": at, "delivery": delivery}
    return Incoming(source=SOURCE, delivery=delivery, lane=row.key, kind=SOURCE, event={**known, **row.payload})
