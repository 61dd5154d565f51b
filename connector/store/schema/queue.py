"""Inbox, lanes, timers, payloads, and facts about the installation."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Sequence,
    Table,
    literal,
    text,
)

from ..encoding import Blob, Instant, Json, Key, Line
from .base import BigId, metadata

fences = Sequence("fence", metadata=metadata)
# SQLite has no sequences: there the row `fence` of this table is the sequence.
counter = Table("counter", metadata, Column("name", Key, primary_key=True), Column("n", BigInteger, nullable=False))

payload = Table(
    "payload",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("kind", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("coding", Key, nullable=False, server_default=""),
    Column("content", Blob),
    Column("headers", Json),
    Column("at", Instant, nullable=False),
    Index(
        "payload_shared", "kind", "digest", unique=True, sqlite_where=text("shared"), postgresql_where=text("shared")
    ),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("source", Key, nullable=False),
    Column("delivery", Key, nullable=False),
    Column("lane", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("body_id", BigInteger),
    Column("received_at", Instant, nullable=False),
    Column("state", Key, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_failed_at", Instant),
    Column("last_error", Line),
    Column("finished_at", Instant),
    sqlite_autoincrement=True,
)


def in_state(state: str) -> ColumnElement[bool]:
    """The rows of `inbox` in `state`, written as a constant: only so a partial index is used."""
    return inbox.c.state == literal(state, literal_execute=True)


for _name, _columns, _state in (
    ("inbox_pending", (inbox.c.lane, inbox.c.id), "pending"),
    ("inbox_parked", (inbox.c.id,), "parked"),
    ("inbox_done", (inbox.c.finished_at,), "done"),
):
    _where = text(f"state = '{_state}'")
    Index(_name, *_columns, sqlite_where=_where, postgresql_where=_where)

seen = Table(
    "seen",
    metadata,
    Column("source", Key, primary_key=True),
    Column("delivery", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("seen_at", "at"),
)

lane = Table(
    "lane",
    metadata,
    Column("key", Key, primary_key=True),
    Column("ready_at", Instant, nullable=False),
    Column("owner", Key),
    Column("fence", BigInteger),
    Index("lane_ready", "ready_at"),
)

timer = Table(
    "timer",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("payload", Json, nullable=False),
    Index("timer_due", "due_at"),
)

periodic = Table(
    "periodic", metadata, Column("name", Key, primary_key=True), Column("next_at", Instant, nullable=False)
)

meta = Table("meta", metadata, Column("key", Key, primary_key=True), Column("value", Line, nullable=False))

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", Line, nullable=False),
    Column("what", Key, nullable=False),
    Column("inbox_id", BigInteger),
    Column("detail", Json, nullable=False),
    sqlite_autoincrement=True,
)
