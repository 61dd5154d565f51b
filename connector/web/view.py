"""One line of the desk, worked out beforehand: a template chooses no facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..engine.clock_desk import PressingClock
from ..model import Priority
from ..store import TicketRow
from .shown import shortened

TITLE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ClockLine:
    """The clock that presses most; `distance` is how far its deadline is away, on either side."""

    metric: str
    state: str
    due: datetime | None
    distance: timedelta | None

    @classmethod
    def of(cls, clock: PressingClock, now: datetime) -> ClockLine:
        return cls(clock.metric, clock.state, clock.due_at, abs(clock.due_at - now) if clock.due_at else None)

    @property
    def mood(self) -> str:
        return {"late": "bad", "at-risk": "warn", "paused": "calm"}.get(self.state, "good")

    @property
    def text(self) -> str:
        """The name of its text; a clock that runs and is never due says no more than its metric."""
        return f"clock_{self.state.replace('-', '_')}" if self.distance or self.state == "paused" else "clock_runs"


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the desk; `marks` are words for what is special about the ticket."""

    tracker: str
    key: str
    title: str
    priority: str
    status: str
    team: str
    assignee: str
    created: datetime | None
    age: timedelta | None
    past: bool
    marks: tuple[str, ...]
    clock: ClockLine | None = None

    @classmethod
    def of(
        cls, row: TicketRow, now: datetime, marks: frozenset[str] = frozenset(), clock: PressingClock | None = None
    ) -> RowView:
        gone = {"gone"} if row.gone else set()
        shadow = {"shadow"} if row.mode == "shadow" else set()
        return cls(
            tracker=row.tracker,
            key=row.key or row.id,
            title=shortened(row.title or row.key or row.id, TITLE_SHOWN),
            priority=Priority(row.priority).word,
            status=row.status or "",
            team=row.team or "",
            assignee=row.assignee or "",
            created=row.created,
            age=now - row.created if row.created else None,
            past=row.gone or row.status == "done",
            marks=tuple(sorted({*marks, *gone, *shadow})),
            clock=ClockLine.of(clock, now) if clock else None,
        )


def several(rows: Iterable[RowView]) -> bool:
    """Are these tickets of more than one connection, so that each has to be named?"""
    return len({row.tracker for row in rows}) > 1
