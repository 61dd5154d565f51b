"""What old plans were made from is removed; that they were made, and what they wrote, stays and can be proven.

Of the ledger of loads goes what is over and adds up to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads
from .database import Database
from .meta import set_meta
from .schema import load_entry, load_share, meta, plan

LOOKED_AT, LOADS_LOOKED_AT = "prune/plans", "prune/loads"
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
        old = _old(database, connection, plan, LOOKED_AT, before, batch)
        for tracker, ticket in sorted({(row.tracker, row.ticket) for row in old}):
            _remove(connection, _removable(connection, tracker, ticket, before), database.now(connection))
    return len(old)


def prune_loads(database: Database, before: datetime, batch: int) -> int:
    """Look at the next `batch` entries made before `before`, and remove those of tickets that nobody holds any more.

    How many were looked at. A ticket with a younger entry keeps all; it is looked at again when that is old.
    """
    e = load_entry.c
    with database.write() as connection:
        old = _old(database, connection, load_entry, LOADS_LOOKED_AT, before, batch)
        for tracker, ticket in sorted({(row.tracker, row.ticket) for row in old}):
            mine = sa.and_(e.tracker == tracker, e.ticket == ticket)
            held = sa.exists().where(load_share.c.tracker == tracker, load_share.c.ticket == ticket)
            later = sa.select(e.id).where(mine, e.at >= before).exists()
            connection.execute(sa.delete(load_entry).where(mine, ~held, ~later))
    return len(old)


def _old(
    database: Database, connection: Connection, table: sa.Table, looked_at: str, before: datetime, batch: int
) -> list[Any]:
    """The next rows of `table` that were made before `before`; from now on they are looked at."""
    last = int(connection.execute(sa.select(meta.c.value).where(meta.c.key == looked_at)).scalar() or 0)
    rows = sa.select(table.c.id, table.c.tracker, table.c.ticket, table.c.at).where(table.c.id > last)
    found = connection.execute(rows.order_by(table.c.id).limit(batch))
    old = list(takewhile(lambda row: row.at < before, found))
    if old:
        set_meta(database, connection, looked_at, str(old[-1].id))
    return old


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
