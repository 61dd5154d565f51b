"""The clocks of a ticket as they stood at any instant, by what was known at any other: why did we warn then?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.clock import Clock, result
from ..core.clock_facts import events_of
from ..core.instants import text_of, whole_second
from ..core.sla import fields_after
from ..core.sla_terms import POLICY, plain_id
from ..frozen import EMPTY, FrozenDict
from ..rulebook import Rulebook
from ..store import Store, TicketRow
from .cycles import count
from .services import Services


@dataclass(frozen=True, slots=True)
class TicketClocks:
    """A ticket's clocks at `as_of`, as known at `known_at` (None: now). `policy` is None while none applied.

    `zones` maps a metric to the zone of the calendar that counts it.
    `odd` are the facts with an instant before the creation or after `as_of`: how the clock takes them is in
    `docs/sla.md`.
    """

    row: TicketRow
    policy: str | None
    as_of: int
    known_at: datetime | None
    clocks: Mapping[str, Clock]
    zones: Mapping[str, str] = EMPTY
    odd: tuple[Mapping[str, Any], ...] = ()

    def json(self) -> dict[str, Any]:
        """As `pointsman sla --json` prints them: the results of the clock, each with how its time adds up."""
        metrics = {
            name: {**result(clock), "zone": self.zones.get(name, "UTC"), "spans": _spans(clock)}
            for name, clock in self.clocks.items()
        }
        return {
            "tracker": self.row.tracker,
            "id": self.row.id,
            "key": self.row.key,
            "policy": self.policy,
            "as_of": text_of(self.as_of),
            "known_at": None if self.known_at is None else text_of(whole_second(self.known_at)),
            "metrics": metrics,
            "odd": [{"id": event["id"], "type": event["type"], "at": text_of(event["at"])} for event in self.odd],
        }


def ticket_clocks(
    store: Store, book: Rulebook, tracker: str, key: str, as_of: datetime, known: datetime | None = None
) -> TicketClocks | None:
    """The clocks of the ticket `key` (its key or its id); None if we never met it.

    They are computed anew from the facts, by the policies of `book`.
    """
    row = store.tickets.find(tracker, key)
    if row is None:
        return None
    events = events_of(store.tickets.facts(tracker, row.id, known))
    at = whole_second(as_of)
    file = book.file_for(tracker, row.project)
    policy = plain_id(fields_after(events, at).get(POLICY))
    found = count(file, book.desk.calendars, events, at).clocks if file else {}
    created = min((event["at"] for event in events if event["type"] == "created"), default=at)
    odd = tuple(event for event in events if not created <= event["at"] <= at and not event.get("deleted"))
    zones = {
        name: book.desk.calendars[clock.goal.calendar].spec.zone.key for name, clock in found.items() if clock.goal
    }
    return TicketClocks(row, policy, at, known, found, FrozenDict(zones), odd)


def clocks_now(
    services: Services, tracker: str, key: str, as_of: datetime | None = None, known: datetime | None = None
) -> TicketClocks | None:
    """`ticket_clocks` by the rules in force, at `as_of` (None: now)."""
    at = services.clock() if as_of is None else as_of
    return ticket_clocks(services.store, services.rules.current, tracker, key, at, known)


def _spans(clock: Clock) -> list[dict[str, Any]]:
    """How the time of the last cycle adds up; what goes on unchanged over an event is one span."""
    found: list[dict[str, Any]] = []
    for each in clock.stretches:
        span = {
            "from": text_of(each.since),
            "to": text_of(each.until),
            "pace": each.pace.value,
            "seconds": each.seconds,
            "goal_s": each.goal.seconds if each.goal else None,
            "calendar": each.goal.calendar if each.goal else None,
        }
        before = found[-1] if found else {}
        if all(span[name] == before.get(name) for name in ("pace", "goal_s", "calendar")):
            before |= {"to": span["to"], "seconds": before["seconds"] + each.seconds}
        else:
            found.append(span)
    return found
