"""Who holds how much: a ledger that is only appended to, what each ticket contributes now, sums, and turns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from ..encoding import Instant, Key
from .base import BigId, metadata

# Units are thousandths of those in rule files: what is added a million times comes out exactly.
load_entry = Table(
    "load_entry",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("person", Key, nullable=False),
    Column("tracker", Key, nullable=False),
    Column("ticket", Key, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("why", Key, nullable=False),
    Index("load_entry_ticket", "tracker", "ticket", "id"),
    sqlite_autoincrement=True,
)

# A ticket that contributes nothing has no row.
load_share = Table(
    "load_share",
    metadata,
    Column("tracker", Key, primary_key=True),
    Column("ticket", Key, primary_key=True),
    Column("person", Key, nullable=False),
    Column("units", BigInteger, nullable=False),
)

# What the entries of a person add up to, and on how many tickets; kept, so that nobody has to add.
load_sum = Table(
    "load_sum",
    metadata,
    Column("person", Key, primary_key=True),
    Column("units", BigInteger, nullable=False),
    Column("tickets", Integer, nullable=False),
    # When a ticket was last given to them.
    Column("last", Instant),
)

turn = Table(
    "turn",
    metadata,
    Column("person", Key, primary_key=True),
    Column("team", Key, primary_key=True),
    Column("turn", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("turn_team", "team"),
)
