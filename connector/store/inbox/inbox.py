"""The inbox as the intake, the worker and the command line see it: each method is one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ...errors import LaneLost
from ..database import Database
from ..encoding import decode
from ..rows import Accepted, Depth, Incoming, Lane, Parked, Troubled, Waiting
from ..schema import in_state, inbox, payload, seen
from ..wake import Topic, Wake
from . import lanes, parking
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

    def headers(self, ids: Iterable[int]) -> list[Mapping[str, str]]:
        """The headers kept with the bodies of the events, of those that have one."""
        rows = sa.select(payload.c.headers).join(inbox, inbox.c.body_id == payload.c.id).where(inbox.c.id.in_(ids))
        with self._database.read() as connection:
            return [row.headers for row in connection.execute(rows) if row.headers]

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

    def parked(self, limit: int = 100, offset: int = 0, after: int = 0) -> list[Parked]:
        """Parked events with a number above `after`, the oldest first."""
        with self._database.read() as connection:
            return parking.page(connection, limit, offset, after)

    def parked_one(self, id: int) -> Parked | None:
        """The parked event with that number; None if it is not parked."""
        with self._database.read() as connection:
            return parking.one(connection, id)

    def count_parked(self) -> int:
        with self._database.read() as connection:
            return _count(connection, in_state("parked"))

    def troubled(self, lane: str, limit: int = 20) -> tuple[Troubled, ...]:
        """Events of one lane that are parked, or wait after a failed try; the newest `limit`, oldest first."""
        with self._database.read() as connection:
            return parking.of_lane(connection, lane, limit)

    def with_parked(self, lanes_: Iterable[str]) -> set[str]:
        """Those of the lanes in which something is parked."""
        with self._database.read() as connection:
            return parking.lanes_of(connection, lanes_)

    def replay(self, id: int, actor: str) -> bool:
        """A parked event is pending again, as if never tried; False if it is not parked. Out of order by nature."""
        with self._database.write() as connection:
            if not parking.replay(self._database, connection, id, actor, self._database.now(connection)):
                return False
            self._wake.announce(connection, Topic.WORK)
        self._wake.call(Topic.WORK)
        return True

    def discard(self, id: int, actor: str, reason: str = "") -> bool:
        """A parked event counts as done, and the audit says who gave it up and why; False if it is not parked."""
        with self._database.write() as connection:
            return parking.discard(connection, id, actor, reason, self._database.now(connection))

    def depth(self) -> Depth:
        """How much is waiting; the oldest by its arrival."""
        # By number: the index of what is pending has them all, and no row need be read.
        rows = sa.select(sa.func.count(), sa.func.min(inbox.c.id)).where(in_state("pending"))
        with self._database.read() as connection:
            waiting, first = connection.execute(rows).one()
            arrived = sa.select(inbox.c.received_at).where(inbox.c.id == first)
            return Depth(waiting, connection.execute(arrived).scalar() if waiting else None)

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
