"""The clocks of the desk: which are asked for at this instant, and the one of each ticket that presses most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..core.instants import moment_of, whole_second
from ..core.outlook import Standing
from ..core.sla_query import Query
from ..store import ClockWish, CycleRow, TicketRow
from .services import Services

PRESSING = ("late", "at-risk", "due", "paused")
"""How a clock that goes on stands, the worst first."""


@dataclass(frozen=True, slots=True)
class PressingClock:
    """The clock of a ticket that presses most; `state` is one of `PRESSING`, `due_at` in the zone of its calendar.

    Of one that is late `due_at` is since when.
    """

    metric: str
    state: str
    due_at: datetime | None


def clock_wish(services: Services, query: Query) -> ClockWish:
    """What `query` asks for now, by the calendars in force."""
    at = whole_second(services.clock())
    calendars = services.rules.current.desk.calendars
    return ClockWish(query, moment_of(at), {name: calendar.mark(at) for name, calendar in calendars.items()})


def pressing(services: Services, rows: Sequence[TicketRow]) -> Mapping[tuple[str, str], PressingClock]:
    """The clock that presses most of each of `rows` that has one that goes on, by tracker and id."""
    found = services.store.cycles.of_many([(row.tracker, row.id) for row in rows if not row.gone])
    now = services.clock()
    clocks = {name: _going_on(rows, now) for name, rows in found.items()}
    return {name: min(going, key=_urgency) for name, going in clocks.items() if going}


def _going_on(rows: Sequence[CycleRow], now: datetime) -> list[PressingClock]:
    return [_pressing(row, now) for row in rows if row.is_last and row.state in ("running", "paused")]


def _pressing(row: CycleRow, now: datetime) -> PressingClock:
    zone = ZoneInfo(row.zone or "UTC")
    late = row.breach_at is not None and row.breach_at <= now
    at = row.breach_at if late else row.due_at
    goes = "at-risk" if row.standing == Standing.AT_RISK else "due"
    state = "late" if late else "paused" if row.state == "paused" else goes
    return PressingClock(row.metric, state, at and at.astimezone(zone))


def _urgency(clock: PressingClock) -> tuple[int, float]:
    return PRESSING.index(clock.state), clock.due_at.timestamp() if clock.due_at else float("inf")
