"""All SQL lives here: one store in SQLite or PostgreSQL, with the durable inbox as its heart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from .. import metrics
from ..core.clock_facts import Fact as FactRow
from . import migrations
from .audit import Audit, AuditRow
from .backfill_outcomes import Outcome
from .backfills import BackfillRow, Backfills, Flight
from .clock_filter import ClockWish
from .cycle_row import CycleRow
from .cycles import Cycles, settled
from .database import Database
from .door import Door
from .inbox import Inbox
from .issues import LocalIssues
from .judged import JudgedCycles, Only, as_judged
from .load_rows import Difference, Full, Load, Share
from .loads import Loads
from .meta import Meta, Periodic
from .payloads import Payloads
from .plans import Plans
from .pulse import Pulse
from .rows import (
    HIGHEST,
    REASON_LIMIT,
    Accepted,
    CommentRow,
    Depth,
    EffectRow,
    HistoryRow,
    Incoming,
    Lane,
    Parked,
    PlanRow,
    StoredPlan,
    TicketRow,
    TimerRow,
    Troubled,
    Waiting,
)
from .stale import Stale
from .status import Status, status, upgrade
from .tickets import Tickets
from .timers import Timers
from .tokens import TokenRow, Tokens
from .wake import Wake
from .work import Work

__all__ = [
    "HIGHEST",
    "REASON_LIMIT",
    "Accepted",
    "Audit",
    "AuditRow",
    "BackfillRow",
    "Backfills",
    "ClockWish",
    "CommentRow",
    "CycleRow",
    "Cycles",
    "Depth",
    "Difference",
    "Door",
    "EffectRow",
    "FactRow",
    "Flight",
    "Full",
    "HistoryRow",
    "Inbox",
    "Incoming",
    "JudgedCycles",
    "Lane",
    "Load",
    "Loads",
    "LocalIssues",
    "Meta",
    "Only",
    "Outcome",
    "Parked",
    "Payloads",
    "Periodic",
    "PlanRow",
    "Plans",
    "Pulse",
    "Share",
    "Stale",
    "Status",
    "Store",
    "StoredPlan",
    "TicketRow",
    "Tickets",
    "TimerRow",
    "Timers",
    "TokenRow",
    "Tokens",
    "Troubled",
    "Waiting",
    "Work",
    "as_judged",
    "settled",
    "status",
    "upgrade",
]


class Store:
    """One open database; thread-safe. Open it after a fork, close it before the end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wake = Wake(database)
        self.inbox = Inbox(database, self._wake)
        self.timers = Timers(database, self._wake)
        self.tickets = Tickets(database)
        self.cycles = Cycles(database)
        self.judged = JudgedCycles(database)
        self.loads = Loads(database)
        self.plans = Plans(database)
        self.payloads = Payloads(database)
        self.issues = LocalIssues(database)
        self.meta = Meta(database)
        self.periodic = Periodic(database)
        self.backfills = Backfills(database)
        self.pulse = Pulse(database)
        self.audit = Audit(database)
        self.tokens = Tokens(database)
        self.door = Door(database)

    @classmethod
    def open(cls, url: str, *, migrate: bool = True, clock: Callable[[], datetime] | None = None) -> Store:
        """The store at `url` (`sqlite:///path` or `postgresql+psycopg://…`), its schema brought up to date.

        `clock` replaces the database's clock in tests. Raise `SettingsError` for a URL or a schema that this program
        cannot use, `StoreUnavailable` if the database does not answer.
        """
        database = Database(url, clock)
        try:
            if migrate:
                migrations.upgrade(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Write what is queued, end the threads, close the connections; a second call does nothing."""
        self.inbox.close()
        self._wake.close()
        self._database.close()

    def ping(self) -> None:
        """Raise `StoreUnavailable` if the database cannot be written."""
        with self._database.read() as connection:
            now = self._database.now(connection)
        self.meta.set("ping", now.isoformat())

    def now(self) -> datetime:
        """The instant by the clock that leases and timers go by."""
        with self._database.read() as connection:
            return self._database.now(connection)

    @contextmanager
    def fenced(self, lane: Lane) -> Iterator[Work]:
        """One short transaction in the name of `lane`; raise `LaneLost` if it is not ours, and write nothing."""
        with self._work(lane) as work:
            yield work

    @contextmanager
    def begin(self) -> Iterator[Work]:
        """One short transaction without a lane: it can do all but end events."""
        with self._work(None) as work:
            yield work

    @contextmanager
    def _work(self, lane: Lane | None) -> Iterator[Work]:
        with metrics.timed(metrics.names.WORK_SECONDS), self._database.write() as connection:
            work = Work(self._database, connection, lane)
            yield work
            work.settle()
            self._wake.announce(connection, *work.topics)
        self._wake.call(*work.topics)
        # Only now: what was rolled back did not happen.
        tracker = lane.key.partition(":")[0] if lane else ""
        for (metric, ending), number in work.tally.items():
            metrics.count(metric, tracker, ending, by=number)
