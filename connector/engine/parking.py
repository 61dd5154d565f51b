"""Parked events for those who mend things: by cause, with the ticket they belong to, replayed or put away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.causes import Cause, cause_of
from ..core.receivers import receiver_of
from ..store import Parked
from .delivery import ticket_told
from .services import Services, ticket_of

PAGE = 50
LOOKED = 5_000
"""So many parked events are looked through for causes; those behind them are counted once these are gone."""
AT_ONCE = 500
"""So many events are replayed by one request, so that it ends."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """A parked event, its cause, and its ticket: `key` and `title` are '' for one that we never read.

    A notice has a receiver, and the ticket that it is about.
    """

    row: Parked
    cause: Cause
    tracker: str
    ticket: str
    key: str = ""
    title: str = ""

    @property
    def receiver(self) -> str:
        """To whom the notice goes; '' for what happened to a ticket."""
        return self.cause.receiver


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """Some parked events, oldest first; `after` is where the next page begins, 0 without one.

    `causes` counts those among the first 5,000, the most frequent first; `more` says that there are further ones.
    """

    events: tuple[ParkedEvent, ...]
    causes: tuple[tuple[Cause, int], ...]
    after: int
    more: bool


class Parking:
    """What the console and the API ask about parked events, and do with them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def count(self) -> int:
        return self._services.store.inbox.count_parked()

    def page(self, after: int = 0, cause: str = "", limit: int = PAGE) -> ParkedPage:
        """The events with a number above `after`, only those of `cause` (a cause's key) if it is given."""
        first = self._services.store.inbox.parked(limit=LOOKED + 1)
        counted = Counter(cause_of(row.lane, row.error) for row in first[:LOOKED])
        found = _first(self._rows(after, cause), limit + 1)
        return ParkedPage(
            events=tuple(map(self._event, found[:limit])),
            causes=tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))),
            after=found[limit - 1].id if len(found) > limit else 0,
            more=len(first) > LOOKED,
        )

    def one(self, id: int) -> ParkedEvent | None:
        """The event with that number; None if it is not parked."""
        row = self._services.store.inbox.parked_one(id)
        return None if row is None else self._event(row)

    def replay(self, id: int, actor: str) -> bool:
        """Have it worked again as if never tried; False if it is not parked."""
        return self._services.store.inbox.replay(id, actor)

    def replay_cause(self, cause: str, actor: str) -> int:
        """Replay the first 500 events of `cause` (a cause's key); how many."""
        rows = _first(self._rows(0, cause), AT_ONCE)
        return sum(self._services.store.inbox.replay(row.id, actor) for row in rows)

    def discard(self, id: int, actor: str, reason: str) -> bool:
        """Nobody works it any more; False if it is not parked."""
        return self._services.store.inbox.discard(id, actor, reason)

    def _rows(self, after: int, cause: str) -> Iterator[Parked]:
        """Parked events behind `after`, of `cause` alone if given; no more than 5,000 are looked at for one page."""
        for _ in range(LOOKED // AT_ONCE):
            rows = self._services.store.inbox.parked(limit=AT_ONCE, after=after)
            yield from (row for row in rows if not cause or cause_of(row.lane, row.error).key == cause)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].id

    def _event(self, row: Parked) -> ParkedEvent:
        tracker, ticket = ticket_of(ticket_told(row.delivery) if receiver_of(row.lane) else row.lane)
        known = self._services.store.tickets.get(tracker, ticket)
        cause = cause_of(row.lane, row.error)
        if known is None:
            return ParkedEvent(row, cause, tracker, ticket)
        return ParkedEvent(row, cause, tracker, ticket, known.key or known.id, known.title)


def _first(rows: Iterator[Parked], most: int) -> list[Parked]:
    return [row for row, _ in zip(rows, range(most), strict=False)]
