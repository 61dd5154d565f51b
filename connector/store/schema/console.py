"""What the console and the command line keep: API tokens, backfills, and the index by which tickets are searched."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from ..encoding import Instant, Json, Key, Line
from .base import BigId, metadata

api_token = Table(
    "api_token",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("name", Key, nullable=False),
    # Of the token's SHA-256; the token itself is shown once and not kept.
    Column("digest", Key, nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Line, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    sqlite_autoincrement=True,
)

backfill = Table(
    "backfill",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("tracker", Key, nullable=False),
    Column("options", Json, nullable=False),
    Column("mode", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("cursor", Line, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("by", Line, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)

backfill_ticket = Table(
    "backfill_ticket",
    metadata,
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket", Key, primary_key=True),
    Column("state", Key, nullable=False),
    Column("plan", BigInteger),
    Column("error", Line),
    Index("backfill_ticket_state", "run", "state"),
)

ticket_word = Table(
    "ticket_word",
    metadata,
    # A keyed digest of one word, or of two neighbouring Chinese characters: never the word itself.
    Column("word", BigInteger, primary_key=True, autoincrement=False),
    Column("tracker", Key, primary_key=True),
    Column("ticket", Key, primary_key=True),
    Index("ticket_word_ticket", "tracker", "ticket"),
    # The key is the whole row: SQLite would keep it twice.
    sqlite_with_rowid=False,
)
