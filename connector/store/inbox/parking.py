"""What was given up: listed, brought back, or put away for good, each with a line in the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..audit import note
from ..database import Database
from ..rows import REASON_LIMIT, Parked, Troubled
from ..schema import in_state, inbox
from . import lanes


def page(connection: Connection, limit: int, offset: int, after: int) -> list[Parked]:
    rows = sa.select(inbox).where(in_state("parked"), inbox.c.id > after).order_by(inbox.c.id)
    return [_parked(row) for row in connection.execute(rows.limit(limit).offset(offset))]


def one(connection: Connection, id: int) -> Parked | None:
    row = connection.execute(sa.select(inbox).where(inbox.c.id == id, in_state("parked"))).first()
    return None if row is None else _parked(row)


def of_lane(connection: Connection, lane: str, limit: int) -> tuple[Troubled, ...]:
    """Two selects, since each state has a partial index of its own."""
    mine = sa.select(inbox).where(inbox.c.lane == lane).order_by(inbox.c.id.desc()).limit(limit)
    failed = connection.execute(mine.where(in_state("pending"), inbox.c.attempts > 0)).all()
    parked = connection.execute(mine.where(in_state("parked"))).all()
    newest = sorted([*failed, *parked], key=lambda row: int(row.id))[-limit:]
    return tuple(_troubled(row) for row in newest)


def lanes_of(connection: Connection, lanes_: Iterable[str]) -> set[str]:
    rows = sa.select(inbox.c.lane).where(in_state("parked"), inbox.c.lane.in_(list(lanes_))).distinct()
    return set(connection.execute(rows).scalars())


def replay(database: Database, connection: Connection, id: int, actor: str, now: datetime) -> bool:
    known = one(connection, id)
    if known is None:
        return False
    lanes.arm(database, connection, {known.lane: now})
    if not _unpark(connection, id, state="pending", attempts=0, first_failed_at=None, finished_at=None):
        return False
    lanes.hurry(connection, known.lane, now)
    note(connection, now, actor, "replayed", inbox_id=id, detail=_told(known))
    return True


def discard(connection: Connection, id: int, actor: str, reason: str, now: datetime) -> bool:
    known = one(connection, id)
    if known is None or not _unpark(connection, id, state="done", finished_at=now):
        return False
    note(connection, now, actor, "discarded", inbox_id=id, detail={**_told(known), "reason": reason[:REASON_LIMIT]})
    return True


def _unpark(connection: Connection, id: int, **values: object) -> bool:
    parked = sa.and_(inbox.c.id == id, in_state("parked"))
    return bool(connection.execute(sa.update(inbox).where(parked).values(**values)).rowcount)


def _told(row: Parked) -> dict[str, str]:
    """What the audit keeps of an event whose row will be gone one day."""
    return {"lane": row.lane, "kind": row.kind, "error": row.error}


def _parked(row: sa.Row[Any]) -> Parked:
    return Parked(
        id=row.id,
        source=row.source,
        lane=row.lane,
        kind=row.kind,
        error=row.last_error or "",
        attempts=row.attempts,
        received_at=row.received_at,
        parked_at=row.finished_at,
        delivery=row.delivery,
    )


def _troubled(row: sa.Row[Any]) -> Troubled:
    return Troubled(
        id=row.id,
        kind=row.kind,
        error=row.last_error or "",
        attempts=row.attempts,
        received_at=row.received_at,
        parked_at=row.finished_at,
    )
