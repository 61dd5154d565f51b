"""One line of the desk, worked out beforehand: a template chooses no facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..model import Priority
from ..store import TicketRow
from .shown import shortened

TITLE_SHOWN = 200


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

    @classmethod
    def of(cls, row: TicketRow, now: datetime, marks: frozenset[str] = frozenset()) -> RowView:
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
        )


def several(rows: Iterable[RowView]) -> bool:
    """Are these tickets of more than one connection, so that each has to be named?"""
    return len({row.tracker for row in rows}) > 1
