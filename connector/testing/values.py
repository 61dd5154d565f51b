"""Tickets, events and desks for tests: name what the test is about, the rest is plausible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from ..core.calendar_spec import read_spec
from ..core.calendars import EVERY_DESK, Calendar
from ..core.fact_sources import events_told
from ..desk import Agent, Customer, Desk
from ..frozen import EMPTY, FrozenDict, frozen
from ..model import Actor, Audience, Comment, Event, Kind, Person, Priority, Role, Ticket

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning; the default of everything here that needs an instant."""

_NAMES = frozenset(field.name for field in fields(Ticket))


class FixedClock:
    """Tells the same instant until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> datetime:
        """Move on and tell the new instant."""
        self.now += by
        return self.now


def a_ticket(**given: Any) -> Ticket:
    """A new ticket of the `local` tracker with whatever is `given`; raises `TypeError` for an unknown name.

    `requester` (or `reporter`) may be an address, `priority` a word, `created` and the like are
    datetimes; names with a dot, written `customer_tier` or passed as `**{"customer.tier": "gold"}`,
    are facts: `customer_…` always is one. The clock's events are those of its `created`, `history` and `comments`.
    """
    facts = {name: given.pop(name) for name in list(given) if "." in name}
    facts |= {name.replace("_", ".", 1): given.pop(name) for name in list(given) if name.startswith("customer_")}
    if "reporter" in given:
        given["requester"] = given.pop("reporter")
    if unknown := sorted(given.keys() - _NAMES):
        near = get_close_matches(unknown[0], _NAMES, n=1)
        raise TypeError(f"a ticket has no `{unknown[0]}`" + (f" (did you mean `{near[0]}`?)" if near else ""))
    values = {"id": "1", "key": "DESK-1", "project": "desk", "status": "new", "created": NOW, "updated": NOW}
    values |= {name: _read(name, value) for name, value in given.items()}
    ticket = Ticket(**values)  # type: ignore[arg-type]
    ticket = replace(ticket, facts=FrozenDict({**ticket.facts, **{k: frozen(v) for k, v in facts.items()}}))
    return ticket if ticket.clock_events else replace(ticket, clock_events=events_told(ticket, ticket.event))


def an_event(
    kind: Kind | str = Kind.CREATED,
    by: Role | str = Role.CUSTOMER,
    text: str | None = None,
    *,
    person: str = "",
    at: datetime = NOW,
    comment_id: str = "c1",
    public: bool = True,
    **given: Any,
) -> Event:
    """Something that happened to ticket `1` of the `local` tracker; with `text`, that a comment says so.

    `person` is the id of somebody of the desk; anything else of `Event` may be `given`.
    """
    actor = Actor(account=person or str(Role(by)), role=Role(by), person=person)
    audience = Audience.PUBLIC if public else Audience.INTERNAL
    comment = Comment(comment_id, text, audience, actor, at) if text is not None else None
    return Event(
        **{
            "tracker": "local",
            "ticket": "1",
            "key": "DESK-1",
            "project": "desk",
            "kind": Kind(kind),
            "at": at,
            "actor": actor,
            "comment": comment,
            **given,
        }
    )


def a_desk(
    *people: str | Person,
    teams: Iterable[str] = (),
    customers: Mapping[str, Mapping[str, Any]] | Iterable[Customer] = EMPTY,
    calendars: Mapping[str, Mapping[str, Any]] = EMPTY,
    notices: Iterable[str] = (),
) -> Desk:
    """People by id, teams by word, customers as `{"*@bigbank.example": {"tier": "gold"}}`.

    `calendars` are as in `_calendars.yaml`: `{"office": {"tz": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}}`.
    `notices` are the names that a `Notify` can reach.
    """
    members = [_agent(one) for one in people]
    if isinstance(customers, Mapping):
        customers = [Customer(match, frozen(known)) for match, known in customers.items()]
    all_teams = frozenset(teams).union(*(member.teams for member in members))
    hours = {name: Calendar(read_spec(each)) for name, each in calendars.items()}
    known = FrozenDict({member.id: member for member in members})
    return Desk(known, all_teams, tuple(customers), FrozenDict({**EVERY_DESK, **hours}), notices=frozenset(notices))


def _agent(given: str | Person) -> Agent:
    if isinstance(given, str):
        return Agent(id=given, name=given.capitalize())
    known = {field.name: getattr(given, field.name) for field in fields(given)}
    return given if isinstance(given, Agent) else Agent(**known)


def _read(name: str, value: Any) -> Any:
    if name == "requester" and isinstance(value, str):
        return Person(email=value, name=value.partition("@")[0].capitalize())
    if name == "priority" and isinstance(value, str):
        return Priority.of(value)
    if name in ("labels", "organisations", "links", "said", "marks"):
        return frozenset([value] if isinstance(value, str) else value)
    return frozen(value)
