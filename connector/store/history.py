"""What is remembered of a ticket's past: changes of slots, each once, and comments without their texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .encoding import bounded, encode
from .rows import CommentRow, HistoryRow
from .schema import comment, history

SAME_WITHIN = timedelta(seconds=5)

Known = tuple[int, str, str, bytes, datetime]


def add(
    connection: Connection, tracker: str, ticket: str, facts: Iterable[HistoryRow]
) -> tuple[tuple[int, HistoryRow], ...]:
    """Store those of `facts` that are new; these, each with its number.

    Two facts with ids are the same if their ids and slots are. If one of them has none, they are the same if slot
    and value are, and they lie at most 5 s apart; an id that is learned so is kept.
    """
    wanted = list(facts)
    if not wanted:
        return ()
    known = _known(connection, tracker, ticket, wanted)
    added: list[tuple[int, HistoryRow]] = []
    for fact in wanted:
        twin = next((one for one in known if _same(one, fact)), None)
        if twin is None:
            known.append(_insert(connection, tracker, ticket, fact))
            added.append((known[-1][0], fact))
        elif fact.source_id and not twin[1]:
            connection.execute(sa.update(history).where(history.c.id == twin[0]).values(source_id=fact.source_id))
            known[known.index(twin)] = (twin[0], bounded(fact.source_id), *twin[2:])
    return tuple(added)


def read(connection: Connection, tracker: str, ticket: str, limit: int) -> tuple[HistoryRow, ...]:
    """The newest `limit` changes, oldest first."""
    return tuple(row for _, row in numbered(connection, tracker, ticket, limit))


def numbered(
    connection: Connection, tracker: str, ticket: str, limit: int | None = None
) -> tuple[tuple[int, HistoryRow], ...]:
    """All changes, or the newest `limit`, oldest first, each with its number."""
    newest = (
        sa.select(history)
        .where(history.c.tracker == tracker, history.c.ticket == ticket)
        .order_by(history.c.at.desc(), history.c.id.desc())
        .limit(limit)
    )
    names = [field.name for field in fields(HistoryRow)]
    rows = connection.execute(newest).mappings().all()
    return tuple((row["id"], HistoryRow(**{name: row[name] for name in names})) for row in reversed(rows))


def comments(connection: Connection, tracker: str, ticket: str, id: str | None = None) -> tuple[CommentRow, ...]:
    """The comments known of the ticket, oldest first; only the one called `id` if that is given."""
    rows = sa.select(comment).where(comment.c.tracker == tracker, comment.c.ticket == ticket)
    if id is not None:
        rows = rows.where(comment.c.id == id)
    return tuple(
        CommentRow(**row) for row in connection.execute(rows.order_by(comment.c.at, comment.c.id)).mappings()
    )


def put_comment(database: Database, connection: Connection, row: CommentRow) -> None:
    """Store the comment, or replace what was known of it."""
    names = ("tracker", "ticket", "id")
    statement = database.insert(comment).values(asdict(row))
    new = {column.name: statement.excluded[column.name] for column in comment.columns if column.name not in names}
    connection.execute(statement.on_conflict_do_update(index_elements=list(names), set_=new))


def _known(connection: Connection, tracker: str, ticket: str, facts: list[HistoryRow]) -> list[Known]:
    rows = sa.select(history.c.id, history.c.source_id, history.c.slot, history.c.value, history.c.at).where(
        history.c.tracker == tracker,
        history.c.ticket == ticket,
        history.c.slot.in_({fact.slot for fact in facts}),
    )
    return [(row.id, row.source_id, row.slot, encode(row.value), row.at) for row in connection.execute(rows)]


def _same(known: Known, fact: HistoryRow) -> bool:
    _, source_id, slot, value, at = known
    if slot != bounded(fact.slot):
        return False
    if source_id and fact.source_id:
        return source_id == bounded(fact.source_id)
    return value == encode(fact.value) and abs(at - fact.at) <= SAME_WITHIN


def _insert(connection: Connection, tracker: str, ticket: str, fact: HistoryRow) -> Known:
    row: dict[str, Any] = {"tracker": tracker, "ticket": ticket, **asdict(fact)}
    id = connection.execute(sa.insert(history).values(row).returning(history.c.id)).scalar_one()
    return id, bounded(fact.source_id), bounded(fact.slot), encode(fact.value), fact.at
