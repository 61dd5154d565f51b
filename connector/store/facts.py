"""What the SLA clock goes by: facts of tickets, only ever added; a correction is a new one of the same source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.clock_facts import Fact as FactRow
from ..plan import jsonable
from .encoding import bounded
from .schema import fact

_IN_ROW = ("source", "at", "type", "data", "seq", "deleted", "recorded_at")


def add(
    connection: Connection, tracker: str, ticket: str, rows: Iterable[FactRow], now: datetime
) -> tuple[FactRow, ...]:
    """Store those of `rows` that say something else than the latest of their source; as they are stored.

    They are learned now: what a row says of that itself does not count. A clock that was put back does not make
    a fact older than the one before it.
    """
    wanted = list(rows)
    if not wanted:
        return ()
    known = _latest(connection, tracker, ticket, {row.source for row in wanted})
    now = max(now, _newest(connection, tracker, ticket) or now)
    added = []
    for row in wanted:
        row = replace(row, source=bounded(row.source), recorded_at=now)
        if row.source in known and _says(known[row.source]) == _says(row):
            continue
        known[row.source] = row
        added.append(row)
    if added:
        values = [{"tracker": tracker, "ticket": ticket, **_values(row)} for row in added]
        connection.execute(sa.insert(fact), values)
    return tuple(added)


def read(connection: Connection, tracker: str, ticket: str, known_at: datetime | None = None) -> tuple[FactRow, ...]:
    """All facts of the ticket in the order in which they were learned; only those known at `known_at` if given."""
    wanted = sa.select(fact).where(fact.c.tracker == tracker, fact.c.ticket == ticket).order_by(fact.c.id)
    if known_at is not None:
        wanted = wanted.where(fact.c.recorded_at <= known_at)
    return tuple(map(_row, connection.execute(wanted).mappings()))


def of_many(connection: Connection, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[FactRow, ...]]:
    """All facts of each of these tickets (tracker, id), in the order in which they were learned."""
    found: dict[tuple[str, str], list[FactRow]] = {name: [] for name in names}
    for tracker in {tracker for tracker, _ in found}:
        mine = fact.c.ticket.in_([id for one, id in found if one == tracker])
        rows = sa.select(fact).where(fact.c.tracker == tracker, mine).order_by(fact.c.id)
        for row in connection.execute(rows).mappings():
            found[tracker, row["ticket"]].append(_row(row))
    return {name: tuple(rows) for name, rows in found.items()}


def _latest(connection: Connection, tracker: str, ticket: str, sources: set[str]) -> dict[str, FactRow]:
    rows = sa.select(fact).where(fact.c.tracker == tracker, fact.c.ticket == ticket, fact.c.source.in_(sources))
    found = map(_row, connection.execute(rows.order_by(fact.c.id)).mappings())
    return {row.source: row for row in found}


def _newest(connection: Connection, tracker: str, ticket: str) -> datetime | None:
    newest = sa.select(fact.c.recorded_at).where(fact.c.tracker == tracker, fact.c.ticket == ticket)
    at: datetime | None = connection.execute(newest.order_by(fact.c.id.desc()).limit(1)).scalar()
    return at


def _says(row: FactRow) -> tuple[Any, ...]:
    return row.at, row.type, jsonable(row.data), row.deleted


def _values(row: FactRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _IN_ROW}


def _row(found: Any) -> FactRow:
    return FactRow(**{name: found[name] for name in _IN_ROW})
