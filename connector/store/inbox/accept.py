"""New events become rows: deduplicated, lane first, in the order given. For intake, timers and flows alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..database import Database
from ..encoding import bounded, clean, digest, encode
from ..rows import Accepted, Incoming
from ..schema import inbox, payload, seen
from . import lanes

# Inbox payloads belong to one row and leave with it; nothing else may share them.
EVENT, BODY = "inbox.event", "inbox.body"

_sequence = sa.table("sqlite_sequence", sa.column("name", sa.Text), sa.column("seq", sa.Integer))


@dataclass(frozen=True, slots=True)
class Ready:
    """An `Incoming` whose texts are encoded and whose keys are as the database will hold them."""

    source: str
    delivery: str
    lane: str
    kind: str
    event: bytes
    event_digest: str
    body: bytes
    body_digest: str
    headers: Mapping[str, str]
    at: datetime | None

    @property
    def name(self) -> tuple[str, str]:
        return self.source, self.delivery

    @property
    def size(self) -> int:
        return len(self.event) + len(self.body)


def ready(incoming: Incoming) -> Ready:
    """`incoming`, encoded outside of any transaction."""
    event = encode(incoming.event)
    return Ready(
        source=bounded(incoming.source),
        delivery=bounded(incoming.delivery),
        lane=bounded(incoming.lane),
        kind=bounded(incoming.kind),
        event=event,
        event_digest=digest(event),
        body=incoming.body,
        body_digest=digest(incoming.body),
        headers={clean(name): clean(value) for name, value in incoming.headers.items()},
        at=incoming.at,
    )


def add(database: Database, connection: Connection, batch: Sequence[Ready], now: datetime) -> list[Accepted]:
    """Insert what is new of `batch`, in its order; one answer for each."""
    known = _seen(connection, batch)
    first = {one.name: one for one in reversed(batch) if one.name not in known}
    fresh = [one for one in batch if first.get(one.name) is one]
    if not fresh:
        return [Accepted(None, True)] * len(batch)
    lanes.arm(database, connection, {one.lane: now for one in fresh})
    mine = _mark_seen(database, connection, fresh, now)
    # Another process may have stored the same delivery since we looked.
    fresh = [one for one in fresh if one.name in mine]
    ids = dict(zip((id(one) for one in fresh), _insert(database, connection, fresh, now), strict=True))
    return [Accepted(ids.get(id(one)), id(one) not in ids) for one in batch]


def _seen(connection: Connection, batch: Sequence[Ready]) -> set[tuple[str, str]]:
    # Column by column, which may find too much: SQLite uses no index for a list of tuples.
    found = connection.execute(
        sa.select(seen.c.source, seen.c.delivery).where(
            seen.c.source.in_({one.source for one in batch}), seen.c.delivery.in_({one.delivery for one in batch})
        )
    )
    return {(source, delivery) for source, delivery in found}


def _mark_seen(
    database: Database, connection: Connection, fresh: Sequence[Ready], now: datetime
) -> set[tuple[str, str]]:
    statement = database.insert(seen).on_conflict_do_nothing().returning(seen.c.source, seen.c.delivery)
    rows = [{"source": source, "delivery": delivery, "at": now} for source, delivery in sorted(o.name for o in fresh)]
    return {(source, delivery) for source, delivery in connection.execute(statement, rows)}


def _insert(database: Database, connection: Connection, fresh: Sequence[Ready], now: datetime) -> list[int]:
    if not fresh:
        return []
    with_body = [one for one in fresh if one.body]
    texts = [_payload(EVENT, one.event, one.event_digest, None, now) for one in fresh]
    texts += [_payload(BODY, one.body, one.body_digest, dict(one.headers), now) for one in with_body]
    numbers = _numbered(database, connection, payload, texts)
    body_of = dict(zip((id(one) for one in with_body), numbers[len(fresh) :], strict=True))
    rows = [
        {
            "source": one.source,
            "delivery": one.delivery,
            "lane": one.lane,
            "kind": one.kind,
            "event_id": event,
            "body_id": body_of.get(id(one)),
            "received_at": one.at or now,
        }
        for one, event in zip(fresh, numbers[: len(fresh)], strict=True)
    ]
    return _numbered(database, connection, inbox, rows)


def _payload(kind: str, content: bytes, shown: str, headers: Any, now: datetime) -> dict[str, Any]:
    return {"kind": kind, "digest": shown, "shared": False, "content": content, "headers": headers, "at": now}


def _numbered(
    database: Database, connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]
) -> list[int]:
    """Insert `rows` in order; their ids, ascending.

    SQLite returns ids one statement a row. Its writing transaction has no company, so that the rows can be numbered
    here, from the counter that SQLite keeps so that no id is ever used again.
    """
    if not database.is_sqlite:
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(connection.execute(statement, rows).scalars())
    last = connection.execute(sa.select(_sequence.c.seq).where(_sequence.c.name == table.name)).scalar() or 0
    connection.execute(sa.insert(table), [{"id": last + n, **row} for n, row in enumerate(rows, 1)])
    return list(range(last + 1, last + 1 + len(rows)))
