"""Parked events in memory: what `Parking` tells the pages, and what they have it do."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.core.causes import cause_of
from connector.core.receivers import receiver_of
from connector.engine.parking import ParkedEvent, ParkedPage
from connector.store import Parked

THEN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def a_parked(id: int = 1, error: str = "TrackerError: PUT issue: 403", **more) -> ParkedEvent:
    """An event of the ticket 7/12 of `gitlab` that was given up at nine."""
    lane = more.pop("lane", "gitlab:7/12")
    kind, about = ("notice", "gitlab:7/12") if receiver_of(lane) else ("updated", lane)
    tracker, _, ticket = about.partition(":")
    row = Parked(id, tracker, lane, kind, error, 12, THEN, THEN)
    return ParkedEvent(row, cause_of(lane, error), tracker, ticket, **more)


class FakeParking:
    """Answers like `Parking`; `done` holds what it was asked to do, and by whom."""

    def __init__(self) -> None:
        self.events: list[ParkedEvent] = []
        self.done: list[tuple] = []

    def count(self) -> int:
        return len(self.events)

    def page(self, after: int = 0, cause: str = "", limit: int = 50) -> ParkedPage:
        found = [e for e in self.events if e.row.id > after and cause in ("", e.cause.key)]
        causes = {e.cause: sum(o.cause == e.cause for o in self.events) for e in self.events}
        following = found[limit - 1].row.id if len(found) > limit else 0
        return ParkedPage(tuple(found[:limit]), tuple(causes.items()), following, False)

    def one(self, id: int) -> ParkedEvent | None:
        return next((event for event in self.events if event.row.id == id), None)

    def replay(self, id: int, actor: str) -> bool:
        return self._take(id, "replayed", actor)

    def replay_cause(self, cause: str, actor: str) -> int:
        ids = [event.row.id for event in self.events if event.cause.key == cause]
        return sum(self._take(id, "replayed", actor) for id in ids)

    def discard(self, id: int, actor: str, reason: str) -> bool:
        return self._take(id, "discarded", actor, reason)

    def _take(self, id: int, *what: str) -> bool:
        event = self.one(id)
        if event is None:
            return False
        self.events.remove(event)
        self.done.append((id, *what))
        return True
