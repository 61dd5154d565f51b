"""Every table as the newest migration leaves it; a test holds the two against each other.

Customers' words (raw bodies, texts, frozen inputs) lie in `payload` and nowhere else; other tables refer to them by
id, and where they must be proven later by digest too.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    UniqueConstraint,
    literal,
    text,
)

from .encoding import Blob, Instant, Json, Key, Line

metadata = MetaData()

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")

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
    Column("mode", Key, nullable=False),
    Column("applies", Key, nullable=False),
    Column("last_plan", BigInteger),
    Index("ticket_key", "tracker", "key"),
)

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
    sqlite_autoincrement=True,
)

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
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("response_id", BigInteger),
    Column("why", Line),
    Column("at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("done_at", Instant),
    UniqueConstraint("key", name="effect_key"),
    Index("effect_plan", "plan"),
    Index("effect_slot", "tracker", "ticket", "slot"),
    sqlite_autoincrement=True,
)

issue = Table(
    "issue",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("project", Key, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("mark", Key),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("fields_id", BigInteger, nullable=False),
    UniqueConstraint("project", "number", name="issue_number"),
    UniqueConstraint("mark", name="issue_mark"),
    Index("issue_updated", "project", "updated"),
    sqlite_autoincrement=True,
)

issue_comment = Table(
    "issue_comment",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("issue", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("audience", Key, nullable=False),
    Column("author", Key, nullable=False),
    Column("mark", Key),
    Column("words_id", BigInteger, nullable=False),
    UniqueConstraint("issue", "mark", name="issue_comment_mark"),
    Index("issue_comment_issue", "issue", "id"),
    sqlite_autoincrement=True,
)

issue_change = Table(
    "issue_change",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("issue", BigInteger, nullable=False),
    Column("slot", Key, nullable=False),
    Column("values_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Index("issue_change_issue", "issue", "id"),
    sqlite_autoincrement=True,
)
