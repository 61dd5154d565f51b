"""What old plans were made from is removed; that they were made, and what they wrote, stays and can be proven."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads
from .database import Database
from .meta import set_meta
from .schema import meta, plan

LOOKED_AT = "prune/plans"
NEWEST = 3
"""Of each ticket so many plans stay whole, however old: they say why it is as it is."""
REMOVABLE = ("event", "inputs", "decisions")
REMOVED = "removed_at"
"""Beside the texts of a plan: when those were removed; their digests stay."""


def prune_plans(database: Database, before: datetime, batch: int) -> int:
    """Look at the next `batch` plans made before `before`, and remove what their tickets' old plans were made from.

    How many were looked at; 0 if none is that old. A plan that is open, or among the newest of its ticket, stays
    whole; it is looked at again when a later plan of its ticket is.
    """
    with database.write() as connection:
        last = int(connection.execute(sa.select(meta.c.value).where(meta.c.key == LOOKED_AT)).scalar() or 0)
        rows = sa.select(plan.c.id, plan.c.tracker, plan.c.ticket, plan.c.at).where(plan.c.id > last)
        old = []
        for row in connection.execute(rows.order_by(plan.c.id).limit(batch)):
            if row.at >= before:
                break
            old.append(row)
        for tracker, ticket in sorted({(row.tracker, row.ticket) for row in old}):
            _remove(connection, _removable(connection, tracker, ticket, before), database.now(connection))
        if old:
            set_meta(database, connection, LOOKED_AT, str(old[-1].id))
    return len(old)


def _removable(connection: Connection, tracker: str, ticket: str, before: datetime) -> list[sa.RowMapping]:
    rows = (
        sa.select(plan.c.id, plan.c.texts, plan.c.state, plan.c.at)
        .where(plan.c.tracker == tracker, plan.c.ticket == ticket)
        .order_by(plan.c.id.desc())
        .offset(NEWEST)
    )
    return [
        row
        for row in connection.execute(rows).mappings()
        if row["at"] < before and row["state"] != "open" and REMOVED not in row["texts"]
    ]


def _remove(connection: Connection, rows: Iterable[sa.RowMapping], now: datetime) -> None:
    gone: list[int] = []
    for row in rows:
        texts: dict[str, Any] = dict(row["texts"])
        for name in REMOVABLE:
            id, shown = texts[name]
            gone.append(id)
            texts[name] = (None, shown)
        texts[REMOVED] = now.isoformat()
        connection.execute(sa.update(plan).where(plan.c.id == row["id"]).values(texts=texts))
    payloads.drop(connection, gone)
