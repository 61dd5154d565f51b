"""The audit: who did what, when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..frozen import EMPTY
from .database import Database
from .schema import audit, inbox


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit; `lane` is that of the event `inbox_id`, None without one or once it is pruned."""

    id: int
    at: datetime
    actor: str
    what: str
    inbox_id: int | None
    lane: str | None
    detail: Mapping[str, Any]


def note(
    connection: Connection,
    at: datetime,
    actor: str,
    what: str,
    *,
    inbox_id: int | None = None,
    detail: Mapping[str, Any] = EMPTY,
) -> None:
    """Add one row; `detail` is JSON without customers' words."""
    row = {"at": at, "actor": actor, "what": what, "inbox_id": inbox_id, "detail": detail}
    connection.execute(sa.insert(audit), [row])


class Audit:
    """The audit for those who add a line of their own, and for those who read it. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: str, what: str, detail: Mapping[str, Any] = EMPTY) -> None:
        """Add one line; `detail` is JSON without customers' words."""
        with self._database.write() as connection:
            note(connection, self._database.now(connection), actor, what, detail=detail)

    def newest(
        self, limit: int, *, before: int | None = None, who: str = "", what: str = "", people: bool = False
    ) -> Sequence[AuditRow]:
        """Up to `limit` lines, the newest first, those below the number `before`.

        `who` is met anywhere in the actor's name, in any case; `what` as a whole. `people`: without what the program
        did by itself.
        """
        rows = sa.select(audit, inbox.c.lane).outerjoin(inbox, inbox.c.id == audit.c.inbox_id)
        if before is not None:
            rows = rows.where(audit.c.id < before)
        if who:
            rows = rows.where(audit.c.actor.icontains(who, autoescape=True))
        if what:
            rows = rows.where(audit.c.what == what)
        if people:
            rows = rows.where(audit.c.actor != "pointsman", audit.c.what != "parked")
        with self._database.read() as connection:
            found = connection.execute(rows.order_by(audit.c.id.desc()).limit(limit))
            return [_row(row) for row in found]


def _row(row: sa.Row[tuple[object, ...]]) -> AuditRow:
    return AuditRow(
        id=row.id,
        at=row.at,
        actor=row.actor,
        what=row.what,
        inbox_id=row.inbox_id,
        lane=row.lane,
        detail=row.detail,
    )
