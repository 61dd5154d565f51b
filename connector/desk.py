"""Who works here and who asks, as the shared rule files say: what plugins may read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from .core.calendars import EVERY_DESK, Calendar
from .core.presence import Presence
from .frozen import EMPTY
from .model import Person

UTC = ZoneInfo("UTC")
CAPACITY = 10.0
ALWAYS = Presence()


@dataclass(frozen=True, slots=True)
class Agent(Person):
    """Somebody of `_people.yaml`: what they can do, how much at once, and when.

    `skills` maps a skill to its level; no `languages` or `channels` means any. `capacity` is in units of effort.
    They start `since` (UTC seconds); `tz` is the zone in which their days begin.
    """

    skills: Mapping[str, float] = EMPTY
    languages: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    capacity: float = CAPACITY
    since: int | None = None
    presence: Presence = ALWAYS
    tz: ZoneInfo = UTC


@dataclass(frozen=True, slots=True)
class Customer:
    """One line of `_customers.yaml`: whom it matches, from which day until which, and what is known of them.

    `match` is a mail address, `*@domain`, `*.domain`, or `<kind>-org:<name>`; `known` holds the other
    columns (`tier`, `seats`, …).
    """

    match: str
    known: Mapping[str, Any] = EMPTY
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The read-only view over people, teams, customers and working time that plugins get.

    Each of `calendars` tells `open_seconds(a, b)`, `add(a, seconds)` and `is_open(t)`, in whole seconds since 1970.
    `fields` maps each field of `_names.yaml` to the connections that have a place for it. `language` is what the
    team reads: `en` or `zh`. `notices` are the names that a `Notify` can reach. `leads` maps a team to the person
    who leads it.
    """

    people: Mapping[str, Agent] = EMPTY
    teams: frozenset[str] = frozenset()
    customers: tuple[Customer, ...] = ()
    calendars: Mapping[str, Calendar] = EVERY_DESK
    fields: Mapping[str, frozenset[str]] = EMPTY
    language: str = "en"
    notices: frozenset[str] = frozenset()
    leads: Mapping[str, str] = EMPTY

    @property
    def names(self) -> Mapping[str, str]:
        """What each person is called, by id."""
        return {id: person.name for id, person in self.people.items()}
