"""How the SLA clocks of every ticket stood when they were last counted, so that lists and reports need not count."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, text

from ..encoding import Instant, Key
from .base import metadata

_open = text("stopped_at IS NULL")
# As SQLAlchemy writes `.is_(True)` for each: only so the index is used.
_before = {"sqlite": text("breached_before IS 1"), "postgresql": text("breached_before IS true")}

cycle = Table(
    "cycle",
    metadata,
    Column("tracker", Key, primary_key=True),
    Column("ticket", Key, primary_key=True),
    Column("metric", Key, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("is_last", Boolean, nullable=False),
    # Of the ticket: done. Kept beside it, so that what is open is found by an index.
    Column("is_over", Boolean, nullable=False),
    Column("state", Key, nullable=False),
    Column("policy", Key),
    # Digests: of the rules and calendars by which it was computed, and of the history up to its stop.
    Column("rules", Key, nullable=False),
    Column("history", Key, nullable=False),
    Column("calendar", Key),
    Column("zone", Key),
    Column("goal_s", Integer),
    Column("elapsed_s", Integer, nullable=False),
    Column("remaining_s", Integer),
    Column("counted_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("stopped_at", Instant),
    Column("due_at", Instant),
    Column("breached_at", Instant),
    # The label that this clock alone would give the ticket, by its last plan.
    Column("standing", Key),
    # When it was breached, or will be if nothing happens; an earlier cycle was.
    Column("breach_at", Instant),
    Column("breached_before", Boolean, nullable=False),
    # Seconds on the calendar's own count of open time: where nothing of the goal is used, and where all is.
    Column("zero_mark", BigInteger),
    Column("due_mark", BigInteger),
    # Of the ticket at the time of the row.
    Column("priority", Key, nullable=False),
    Column("tier", Key),
    Column("channel", Key),
    Column("team", Key),
    Column("project", Key, nullable=False),
    Column("applies", Key, nullable=False),
)

_c = cycle.c
_found_by = (_c.is_last, _c.metric, _c.is_over)
Index("cycle_remaining", *_found_by, _c.state, _c.calendar, _c.due_mark)
Index("cycle_elapsed", *_found_by, _c.state, _c.calendar, _c.zero_mark, sqlite_where=_open, postgresql_where=_open)
Index("cycle_breach", *_found_by, _c.breach_at)
Index("cycle_breached_before", *_found_by, sqlite_where=_before["sqlite"], postgresql_where=_before["postgresql"])
Index("cycle_rules", _c.applies, _c.rules, _c.due_at, sqlite_where=_open, postgresql_where=_open)
Index("cycle_stopped", _c.stopped_at)
