"""The inbox as the intake, the worker and the command line see it: each method is one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ...errors import LaneLost
from ..audit import note
from ..database import Database
from ..encoding import decode
from ..rows import Accepted, Depth, Incoming, Lane, Parked, Waiting
from ..schema import in_state, inbox, payload, seen
from ..wake import Topic, Wake
from . import lanes
from .accept import Ready, add, ready
from .writer import Writer

LEASE = 30.0


class Inbox:
    """Accepts events and hands them out lane by lane."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database = database
        self._wake = wake
        self._writer = Writer(self._store)

    def accept(self, incoming: Incoming, timeout: float = 10.0) -> Accepted:
        """Return once it is durable; raise `StoreUnavailable` if it is not, and then nothing of it is stored.

        After a timeout it may still become durable: its delivery id then makes the sender's next try a duplicate.
        """
        return self._writer.submit(ready(incoming), timeout)

    def claim(self, owner: str, limit: int, lease: float = LEASE) -> list[Lane]:
        """Take up to `limit` lanes that have work, for `lease` seconds; [] if there is none."""
        with self._database.read() as connection:
            if limit < 1 or not lanes.any_ready(connection, self._database.now(connection)):
                return []
        with self._database.write() as connection:
            now = self._database.now(connection)
            return lanes.claim(self._database, connection, owner, limit, now, now + timedelta(seconds=lease))

    def waiting(self, lane: Lane, limit: int = 100) -> tuple[Waiting, ...]:
        """The pending events of the lane in the order in which they were stored."""
        rows = (
            sa.select(inbox, payload.c.content)
            .join(payload, payload.c.id == inbox.c.event_id)
            .where(in_state("pending"), inbox.c.lane == lane.key)
            .order_by(inbox.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(_waiting(row) for row in connection.execute(rows))

    def heartbeat(self, lanes_: Iterable[Lane], lease: float = LEASE) -> set[Lane]:
        """Prolong the leases to `lease` seconds from now; those still held."""
        held = list(lanes_)
        if not held:
            return set()
        with self._database.write() as connection:
            until = self._database.now(connection) + timedelta(seconds=lease)
            return lanes.renew(connection, held, until)

    def release(self, lane: Lane, at: datetime | None = None) -> None:
        """Give the lane back, ready at `at` (None: now); nothing happens if it is not ours any more."""
        with self._database.write() as connection:
            try:
                lanes.verify(connection, lane)
            except LaneLost:
                return
            lanes.give_back(connection, lane, at or self._database.now(connection))
            self._wake.announce(connection, Topic.WORK)
        self._wake.call(Topic.WORK)

    def parked(self, limit: int = 100, offset: int = 0) -> list[Parked]:
        """Parked events, the oldest first."""
        rows = sa.select(inbox).where(in_state("parked")).order_by(inbox.c.id).limit(limit).offset(offset)
        with self._database.read() as connection:
            return [_parked(row) for row in connection.execute(rows)]

    def count_parked(self) -> int:
        with self._database.read() as connection:
            return _count(connection, in_state("parked"))

    def replay(self, id: int, actor: str) -> bool:
        """A parked event is pending again, as if never tried; False if it is not parked. Out of order by nature."""
        with self._database.write() as connection:
            key = connection.execute(sa.select(inbox.c.lane).where(inbox.c.id == id, in_state("parked"))).scalar()
            if key is None:
                return False
            now = self._database.now(connection)
            lanes.arm(self._database, connection, [key], now)
            if not _unpark(connection, id, state="pending", attempts=0, first_failed_at=None, finished_at=None):
                return False
            lanes.hurry(connection, key, now)
            note(connection, now, actor, "replayed", inbox_id=id)
            self._wake.announce(connection, Topic.WORK)
        self._wake.call(Topic.WORK)
        return True

    def discard(self, id: int, actor: str) -> bool:
        """A parked event counts as done; False if it is not parked."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            if not _unpark(connection, id, state="done", finished_at=now):
                return False
            note(connection, now, actor, "discarded", inbox_id=id)
        return True

    def depth(self) -> Depth:
        """How much is waiting; the oldest by its arrival."""
        rows = sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(in_state("pending"))
        with self._database.read() as connection:
            waiting, oldest = connection.execute(rows).one()
        return Depth(waiting, oldest)

    def wait(self, timeout: float) -> None:
        """Return when there may be work: after an accept here or (PostgreSQL) elsewhere, at the latest after 1 s."""
        self._wake.wait(Topic.WORK, timeout)

    def nudge(self) -> None:
        """Let `wait` return."""
        self._wake.call(Topic.WORK)

    def prune(self, before: datetime, batch: int = 500) -> int:
        """Delete up to `batch` events done before `before` and their payloads; how many. `seen` keeps their ids."""
        old = (
            sa.select(inbox.c.id, inbox.c.event_id, inbox.c.body_id)
            .where(in_state("done"), inbox.c.finished_at < before)
            .order_by(inbox.c.finished_at)
            .limit(batch)
            .with_for_update(skip_locked=True)
        )
        with self._database.write() as connection:
            rows = connection.execute(old).all()
            texts = [id for row in rows for id in (row.event_id, row.body_id) if id is not None]
            connection.execute(sa.delete(payload).where(payload.c.id.in_(texts)))
            connection.execute(sa.delete(inbox).where(inbox.c.id.in_([row.id for row in rows])))
        return len(rows)

    def forget(self, before: datetime, batch: int = 5000) -> int:
        """Delete up to `batch` delivery ids seen before `before`; how many. One that comes again would be new."""
        old = sa.select(seen.c.source, seen.c.delivery).where(seen.c.at < before).order_by(seen.c.at).limit(batch)
        with self._database.write() as connection:
            names = sa.tuple_(seen.c.source, seen.c.delivery)
            return connection.execute(sa.delete(seen).where(names.in_(old))).rowcount

    def close(self) -> None:
        self._writer.close()

    def _store(self, batch: Sequence[Ready]) -> list[Accepted]:
        with self._database.write() as connection:
            answers = add(self._database, connection, batch, self._database.now(connection))
            self._wake.announce(connection, Topic.WORK)
        self._wake.call(Topic.WORK)
        return answers


def _unpark(connection: Connection, id: int, **values: object) -> bool:
    return bool(
        connection.execute(sa.update(inbox).where(inbox.c.id == id, in_state("parked")).values(**values)).rowcount
    )


def _count(connection: Connection, which: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(inbox).where(which)).scalar_one()


def _waiting(row: sa.Row[tuple[object, ...]]) -> Waiting:
    return Waiting(
        id=row.id,
        source=row.source,
        delivery=row.delivery,
        kind=row.kind,
        event=decode(row.content),
        received_at=row.received_at,
        attempts=row.attempts,
        first_failed_at=row.first_failed_at,
    )


def _parked(row: sa.Row[tuple[object, ...]]) -> Parked:
    return Parked(
        id=row.id,
        source=row.source,
        lane=row.lane,
        kind=row.kind,
        error=row.last_error or "",
        attempts=row.attempts,
        received_at=row.received_at,
        parked_at=row.finished_at,
    )
