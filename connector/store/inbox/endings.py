"""How a try ends: done, to be tried again, or parked. Every function runs in a transaction that holds the lane."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..audit import note
from ..rows import Lane
from ..schema import in_state, inbox, lane

ERROR_LIMIT = 500


def finish(connection: Connection, lane_: Lane, ids: Iterable[int], now: datetime) -> None:
    """The events are done; those that are not pending in this lane stay as they are."""
    _end(connection, lane_, ids, state="done", finished_at=now, last_error=None)


def retry(connection: Connection, lane_: Lane, ids: Iterable[int], now: datetime, at: datetime, error: str) -> None:
    """One more failed try for the events; the whole lane waits until `at`, so that its order is kept."""
    _end(
        connection,
        lane_,
        ids,
        attempts=inbox.c.attempts + 1,
        first_failed_at=sa.func.coalesce(
            inbox.c.first_failed_at, sa.bindparam("failed_at", now, inbox.c.received_at.type)
        ),
        last_error=error[:ERROR_LIMIT],
    )
    connection.execute(sa.update(lane).where(lane.c.key == lane_.key).values(owner=None, fence=None, ready_at=at))


def park(connection: Connection, lane_: Lane, id: int, now: datetime, error: str) -> None:
    """Nobody works the event until a person says so; the lane goes on with the next one."""
    error = error[:ERROR_LIMIT]
    parked = _end(
        connection, lane_, [id], state="parked", finished_at=now, last_error=error, attempts=inbox.c.attempts + 1
    )
    if parked:
        note(connection, now, lane_.owner, "parked", inbox_id=id, detail={"error": error})


def _end(connection: Connection, lane_: Lane, ids: Iterable[int], **values: object) -> int:
    mine = sa.and_(inbox.c.id.in_(list(ids)), inbox.c.lane == lane_.key, in_state("pending"))
    return connection.execute(sa.update(inbox).where(mine).values(**values)).rowcount
