"""What is remembered of tickets: rows, past changes, comments, plans and effects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    literal,
    text,
)

from ..encoding import Instant, Json, Key, Line
from .base import BigId, metadata

ticket = Table(
    "ticket",
    metadata,
    Column("tracker", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("key", Key, nullable=False),
    Column("project", Key, nullable=False),
    Column("url", Line, nullable=False),
    Column("title_id", BigInteger, nullable=False),
    Column("status", Key),
    Column("priority", Integer, nullable=False),
    Column("team", Key),
    Column("assignee", Key),
    Column("created", Instant),
    Column("updated", Instant),
    Column("memory", Json, nullable=False),
    Column("snapshot_id", BigInteger, nullable=False),
    Column("comment_count", Integer),
    Column("contact", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    # Done or gone: kept beside them, so that the desk's order is an index.
    Column("is_over", Boolean, nullable=False),
    Column("mode", Key, nullable=False),
    Column("applies", Key, nullable=False),
    Column("last_plan", BigInteger),
    Index("ticket_key", "tracker", "key"),
)


def in_order(c: Any) -> tuple[ColumnElement[Any], ...]:
    """Working order: open tickets by urgency, then by age; what is over comes last. `c` has the ticket's columns."""
    return (c.is_over, c.priority.desc(), c.created, c.tracker, c.id)


working_order = in_order(ticket.c)
Index("ticket_order", *working_order)
Index("ticket_order_of", ticket.c.tracker, *(column for column in working_order if column is not ticket.c.tracker))
# One for each thing a desk is filtered by: what a filter leaves over is read in working order, and not sorted.
for _filter in ("project", "team", "status", "assignee", "applies", "mode"):
    Index(f"ticket_order_{_filter}", ticket.c[_filter], *working_order)

alias = Table(
    "alias",
    metadata,
    Column("tracker", Key, primary_key=True),
    Column("alias", Key, primary_key=True),
    Column("id", Key, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("tracker", Key, nullable=False),
    Column("ticket", Key, nullable=False),
    Column("slot", Key, nullable=False),
    Column("was", Json),
    Column("value", Json),
    Column("at", Instant, nullable=False),
    Column("by_role", Key),
    Column("by_account", Key, nullable=False),
    Column("by_name", Line, nullable=False),
    Column("by_person", Key, nullable=False),
    Column("source_id", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Index("history_ticket", "tracker", "ticket", "at"),
    sqlite_autoincrement=True,
)

# What the SLA clock goes by. Nothing in it is ever updated: a correction is a new row of the same `source`.
fact = Table(
    "fact",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("tracker", Key, nullable=False),
    Column("ticket", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", Key, nullable=False),
    Column("data", Json, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Index("fact_ticket", "tracker", "ticket", "id"),
    sqlite_autoincrement=True,
)

comment = Table(
    "comment",
    metadata,
    Column("tracker", Key, primary_key=True),
    Column("ticket", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("at", Instant),
    Column("by_role", Key),
    Column("by_account", Key, nullable=False),
    Column("audience", Key),
    Column("ours", Boolean, nullable=False),
    Column("digest", Key, nullable=False),
    Column("worked", Boolean, nullable=False),
    Column("effect_key", Key),
)

rule_text = Table(
    "rule_text", metadata, Column("digest", Key, primary_key=True), Column("text", Line, nullable=False)
)

plan = Table(
    "plan",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("tracker", Key, nullable=False),
    Column("ticket", Key, nullable=False),
    Column("event_ids", Json, nullable=False),
    Column("texts", Json, nullable=False),
    Column("rules_digest", Key, nullable=False),
    Column("rule_files", Json, nullable=False),
    Column("plugin_digests", Json, nullable=False),
    Column("mode", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("prev_digest", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Index("plan_ticket", "tracker", "ticket", "id"),
    Index(
        "plan_open",
        "tracker",
        "ticket",
        "id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    sqlite_autoincrement=True,
)


def is_open() -> ColumnElement[bool]:
    """Plans that are not carried to their end, written as a constant: only so the partial index is used."""
    return plan.c.state == literal("open", literal_execute=True)


effect = Table(
    "effect",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("plan", BigInteger, nullable=False),
    Column("tracker", Key, nullable=False),
    Column("ticket", Key, nullable=False),
    Column("key", Key, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("slot", Key, nullable=False),
    Column("op", Key, nullable=False),
    Column("values_id", BigInteger, nullable=False),
    Column("values_digest", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("response_id", BigInteger),
    Column("why", Line),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("key", name="effect_key"),
    Index("effect_plan", "plan"),
    Index("effect_slot", "tracker", "ticket", "slot"),
    sqlite_autoincrement=True,
)
