"""The lane rows: armed, claimed, renewed, verified, given back. Every function runs inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ...errors import LaneLost
from ..database import Database
from ..rows import Lane
from ..schema import counter, fences, in_state, inbox, lane


def next_fence(database: Database, connection: Connection) -> int:
    """The next number of the global sequence; never given twice, not even after a rollback on PostgreSQL."""
    if not database.is_sqlite:
        return connection.execute(sa.select(fences.next_value())).scalar_one()
    step = sa.update(counter).where(counter.c.name == "fence").values(n=counter.c.n + 1).returning(counter.c.n)
    return int(connection.execute(step).scalar_one())


def arm(database: Database, connection: Connection, since: Mapping[str, datetime]) -> None:
    """Lock these lanes, made ready as of an instant where they do not exist; one that waits for its next try goes on.

    Those that are ready are claimed by that instant.
    """
    insert = database.insert(lane)
    touch = insert.on_conflict_do_update(index_elements=[lane.c.key], set_={"key": insert.excluded.key})
    connection.execute(touch, [{"key": key, "ready_at": since[key]} for key in sorted(since)])


def hurry(connection: Connection, key: str, now: datetime) -> None:
    """Make the lane `key` ready at once unless somebody holds it."""
    connection.execute(sa.update(lane).where(lane.c.key == key, lane.c.owner.is_(None)).values(ready_at=now))


def any_ready(connection: Connection, now: datetime) -> bool:
    return connection.execute(sa.select(lane.c.key).where(lane.c.ready_at <= now).limit(1)).first() is not None


def claim(
    database: Database, connection: Connection, owner: str, limit: int, now: datetime, until: datetime
) -> list[Lane]:
    """Take at most `limit` lanes that are ready, the longest waiting first, passing over locked ones."""
    fence = next_fence(database, connection)
    ready = (
        sa.select(lane.c.key)
        .where(lane.c.ready_at <= now)
        .order_by(lane.c.ready_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = connection.execute(ready).scalars().all()
    if not keys:
        return []
    connection.execute(sa.update(lane).where(lane.c.key.in_(keys)).values(owner=owner, fence=fence, ready_at=until))
    return [Lane(key, owner, fence) for key in keys]


def held(lane_: Lane) -> sa.ColumnElement[bool]:
    return sa.and_(lane.c.key == lane_.key, lane.c.owner == lane_.owner, lane.c.fence == lane_.fence)


def verify(connection: Connection, lane_: Lane) -> None:
    """Lock the lane's row for this transaction; raise `LaneLost` if it is not ours any more."""
    if connection.execute(sa.select(lane.c.key).where(held(lane_)).with_for_update()).first() is None:
        raise LaneLost(f"lane {lane_.key} is no longer held under fence {lane_.fence}")


def renew(connection: Connection, lanes: Iterable[Lane], until: datetime) -> set[Lane]:
    """Prolong the leases; those still held."""
    return {
        one
        for one in sorted(lanes, key=lambda one: one.key)
        if connection.execute(sa.update(lane).where(held(one)).values(ready_at=until)).rowcount
    }


def settle(connection: Connection, key: str) -> bool:
    """Delete the lane's row if nothing is pending in it; whether it was deleted. The caller holds the row."""
    pending = sa.select(inbox.c.id).where(in_state("pending"), inbox.c.lane == key).limit(1)
    if connection.execute(pending).first() is not None:
        return False
    connection.execute(sa.delete(lane).where(lane.c.key == key))
    return True


def give_back(connection: Connection, lane_: Lane, at: datetime) -> None:
    """Nobody holds the lane from here on; it is ready at `at`, or gone if nothing is pending in it."""
    if not settle(connection, lane_.key):
        connection.execute(sa.update(lane).where(held(lane_)).values(owner=None, fence=None, ready_at=at))
