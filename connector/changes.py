"""What a plugin may wish: a closed union. Each change knows its slot, its effect and whether it is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from .frozen import FrozenDict, frozen
from .model import Audience, Priority, Ticket


class Once(StrEnum):
    """How often a rule may say its text."""

    PER_TICKET = "per_ticket"
    PER_CYCLE = "per_cycle"
    EVERY = "every"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What all changes share: the reason, the rule that decided, all rules that had a say.

    `by` is the id of the person who ordered it by a command ('' for a rule): their word pins the slot.
    """

    because: str = ""
    rule: str = ""
    rules: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class SetPriority(_Wish):
    """The priority becomes `value`."""

    value: Priority

    slot = property(lambda self: "priority")
    shown = property(lambda self: self.value.word)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, priority=self.value)

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.priority is self.value


@dataclass(frozen=True, slots=True)
class SetSeverity(_Wish):
    """The severity becomes `value`, 1 (worst) to 4."""

    value: int

    slot = property(lambda self: "severity")
    shown = property(lambda self: self.value)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, severity=self.value)

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.severity == self.value


@dataclass(frozen=True, slots=True)
class RouteTo(_Wish):
    """The ticket belongs to `team`, a word of `_names.yaml` or `_people.yaml`."""

    team: str

    slot = property(lambda self: "team")
    shown = property(lambda self: self.team)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, team=self.team)

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.team == self.team


@dataclass(frozen=True, slots=True)
class AssignTo(_Wish):
    """`person` (an id of `_people.yaml`) works on it; None takes everybody off."""

    person: str | None

    slot = property(lambda self: "assignee")
    shown = property(lambda self: self.person)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, assignee=self.person)

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.assignee == self.person


@dataclass(frozen=True, slots=True)
class AddLabel(_Wish):
    """The ticket carries the label `name`, written as the tracker writes it."""

    name: str

    slot = property(lambda self: f"label:{self.name}")
    shown = property(lambda self: True)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, labels=ticket.labels | {self.name})

    def seen_in(self, ticket: Ticket) -> bool:
        return self.name in ticket.labels


@dataclass(frozen=True, slots=True)
class RemoveLabel(_Wish):
    """The ticket does not carry the label `name`."""

    name: str

    slot = property(lambda self: f"label:{self.name}")
    shown = property(lambda self: False)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, labels=ticket.labels - {self.name})

    def seen_in(self, ticket: Ticket) -> bool:
        return self.name not in ticket.labels


@dataclass(frozen=True, slots=True)
class SetField(_Wish):
    """The field `name`, declared under `fields:` in `_names.yaml`, holds `value`; None empties it."""

    name: str
    value: Any

    slot = property(lambda self: f"field:{self.name}")
    shown = property(lambda self: self.value)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, fields=FrozenDict({**ticket.fields, self.name: self.value}))

    def seen_in(self, ticket: Ticket) -> bool:
        return bool(ticket.fields.get(self.name) == self.value)


@dataclass(frozen=True, slots=True)
class DueBy(_Wish):
    """`metric` must be met by `at`; trackers show its day in `zone`, an IANA name, as the due date."""

    metric: str
    at: datetime
    zone: str = "UTC"

    slot = property(lambda self: f"due:{self.metric}")
    shown = property(lambda self: self.at)

    @property
    def day(self) -> date:
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, due=self.day, deadlines=FrozenDict({**ticket.deadlines, self.metric: self.at}))

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.due == self.day


@dataclass(frozen=True, slots=True)
class Say(_Wish):
    """`text` is said to `audience`; `key` names it, and the same key is said once per ticket.

    `text` is ready to send (values from customers made harmless). With `with_why` the reasons of the
    plan follow below it.
    """

    key: str
    text: str
    audience: Audience = Audience.INTERNAL
    once: Once = Once.PER_TICKET
    with_why: bool = False

    slot = property(lambda self: f"say:{self.key}")
    shown = property(lambda self: {"audience": self.audience.value, "text": self.text})

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, said=ticket.said | {self.key})

    def seen_in(self, ticket: Ticket) -> bool:
        return self.key in ticket.said


@dataclass(frozen=True, slots=True)
class MoveTo(_Wish):
    """The status becomes `status`, a word of `_names.yaml`."""

    status: str

    slot = property(lambda self: "status")
    shown = property(lambda self: self.status)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, status=self.status)

    def seen_in(self, ticket: Ticket) -> bool:
        return ticket.status == self.status


@dataclass(frozen=True, slots=True)
class Link(_Wish):
    """The ticket is linked to the ticket `key`; `kind` is `relates_to`, `blocks` or `is_blocked_by`."""

    kind: str
    key: str

    slot = property(lambda self: f"link:{self.kind}:{self.key}")
    shown = property(lambda self: True)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, links=ticket.links | {f"{self.kind}:{self.key}"})

    def seen_in(self, ticket: Ticket) -> bool:
        return f"{self.kind}:{self.key}" in ticket.links


@dataclass(frozen=True, slots=True)
class Notify(_Wish):
    """`to` (a name under `notify:` in `_people.yaml`) is told `text`, outside the tracker.

    `key` names it, and the same key is told to the same receiver once per ticket.
    """

    key: str
    to: str
    text: str

    slot = property(lambda self: f"notify:{self.key}")
    shown = property(lambda self: {"to": self.to, "text": self.text})

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, ours=FrozenDict({**ticket.ours, self.slot: self.to}))

    def seen_in(self, ticket: Ticket) -> bool:
        return bool(ticket.ours.get(self.slot) == self.to)


@dataclass(frozen=True, slots=True)
class WakeAt(_Wish):
    """The ticket is looked at again at the instant `at`; one such date per `note`."""

    at: datetime
    note: str

    slot = property(lambda self: f"wake:{self.note}")
    shown = property(lambda self: self.at)

    def on(self, ticket: Ticket) -> Ticket:
        return replace(ticket, ours=FrozenDict({**ticket.ours, self.slot: self.at.isoformat()}))

    def seen_in(self, ticket: Ticket) -> bool:
        return bool(ticket.ours.get(self.slot) == self.at.isoformat())


KEPT = "kept."
"""`SetFact("kept.<name>", value)` is remembered with the ticket and found in `ticket.ours["fact:kept.<name>"]`."""


@dataclass(frozen=True, slots=True)
class SetFact(_Wish):
    """The plugins after this one, and the record, know `name` = `value`; nothing is written.

    One called `kept.…` is remembered with the ticket instead, in live mode: plain JSON, None forgets it.
    """

    name: str
    value: Any

    slot = property(lambda self: f"fact:{self.name}")
    shown = property(lambda self: self.value)
    kept = property(lambda self: self.name.startswith(KEPT))

    def on(self, ticket: Ticket) -> Ticket:
        if not self.kept:
            return ticket.with_fact(self.name, self.value)
        others = {slot: value for slot, value in ticket.ours.items() if slot != self.slot}
        return replace(ticket, ours=FrozenDict(others if self.value is None else {**others, self.slot: self.value}))

    def seen_in(self, ticket: Ticket) -> bool:
        if self.kept:
            return bool(frozen(ticket.ours.get(self.slot)) == frozen(self.value))
        return self.name in ticket.facts and bool(ticket.facts[self.name] == self.value)


Change: TypeAlias = (
    SetPriority
    | SetSeverity
    | RouteTo
    | AssignTo
    | AddLabel
    | RemoveLabel
    | SetField
    | DueBy
    | Say
    | MoveTo
    | Link
    | Notify
    | WakeAt
    | SetFact
)

CHANGES: tuple[type[Change], ...] = (
    SetPriority,
    SetSeverity,
    RouteTo,
    AssignTo,
    AddLabel,
    RemoveLabel,
    SetField,
    DueBy,
    Say,
    MoveTo,
    Link,
    Notify,
    WakeAt,
    SetFact,
)
