"""The fields that conditions and texts may name: their types, and how each is read from a ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any

from ..frozen import FrozenDict
from ..hooks import Fact, FactType
from ..model import Kind, Priority, Role, Ticket
from .calendars import EVERY_DESK, Calendar
from .lexicon import Lexicon
from .spelling import nearest
from .text import CAP, clip

FieldType = FactType
Getter = Callable[[Ticket], Any]

PRIORITIES = tuple(level.word for level in Priority)
STATUSES = ("new", "open", "pending", "on_hold", "done")
CHANNELS = ("tracker", "mail", "form", "chat", "phone", "api")

_LATER = {
    "pool": "`pool.*` comes with automatic assignment; it is not in this version",
}


@dataclass(frozen=True, slots=True)
class Field:
    """What a field may hold: `values` closes a list of words, `low` and `high` bound a number (both included).

    `order` names the words of an ordered list, lowest first, so that `>=` has a meaning.
    """

    type: FieldType
    values: frozenset[str] | None = None
    low: float | None = None
    high: float | None = None
    order: tuple[str, ...] = ()

    @classmethod
    def of(cls, fact: Fact) -> Field:
        """The field that a plugin's fact makes."""
        return cls(fact.type, frozenset(fact.values) or None)


def _words(*values: str) -> Field:
    return Field(FieldType.WORD, frozenset(values) or None)


BUILT_IN: Mapping[str, Field] = FrozenDict(
    {
        "title": Field(FieldType.TEXT),
        "body": Field(FieldType.TEXT),
        "text": Field(FieldType.TEXT),
        "type": _words(),
        "status": _words(*STATUSES),
        "priority": Field(FieldType.WORD, frozenset(PRIORITIES), order=PRIORITIES),
        "severity": Field(FieldType.NUMBER, low=1, high=4),
        "labels": Field(FieldType.SET),
        "project": _words(),
        "key": _words(),
        "channel": _words(*CHANNELS),
        "language": _words(),
        "team": _words(),
        "assignee": _words(),
        "requester.email": _words(),
        "requester.domain": _words(),
        "requester.name": _words(),
        "customer.tier": _words(),
        "customer.name": _words(),
        "customer.language": _words(),
        "customer.seats": Field(FieldType.NUMBER, low=0),
        "created": Field(FieldType.INSTANT),
        "updated": Field(FieldType.INSTANT),
        "age": Field(FieldType.DURATION),
        "reopen_count": Field(FieldType.NUMBER, low=0),
        "attachments": Field(FieldType.NUMBER, low=0),
        "event.kind": _words(*Kind),
        "event.by": _words(*Role),
    }
)


@dataclass(frozen=True)
class Schema:
    """All fields of one rulebook; `Schema()` has the built-in ones.

    `calendars` are those that `open` may name. `lexicon` collects the keywords of the conditions that are compiled
    with this schema. It is no part of the value, and it does not travel to another process.
    """

    fields: Mapping[str, Field] = field(default=BUILT_IN)
    calendars: Mapping[str, Calendar] = field(default=EVERY_DESK)
    lexicon: Lexicon = field(default_factory=Lexicon, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[Schema], tuple[FrozenDict[str, Field], FrozenDict[str, Calendar]]]:
        return type(self), (FrozenDict(self.fields), FrozenDict(self.calendars))

    def with_(self, more: Mapping[str, Field]) -> Schema:
        """A schema with the fields of `more` besides; a name that is there already gets the new type."""
        return Schema(FrozenDict({**self.fields, **more}), self.calendars)

    def nearest(self, name: str) -> str | None:
        """The field that `name` was most likely meant to be, None if none is near."""
        return nearest(name, self.fields)

    def later(self, name: str) -> str | None:
        """Why the field `name` cannot be used yet; None for every other name."""
        return None if name in self.fields else _LATER.get(name.partition(".")[0])


def getter(name: str) -> Getter:
    """A function that reads the field `name` from a ticket; None where the ticket has no such thing.

    A name that is not built in is first a fact of a plugin, then a field of `_names.yaml`.
    """
    return _GETTERS.get(name) or _named(name)


def value_of(ticket: Ticket, name: str) -> Any:
    """What `ticket` holds under `name`: words as `str` (priority too), `datetime`, `timedelta`, numbers, sets."""
    return getter(name)(ticket)


@lru_cache(maxsize=1024)
def _named(name: str) -> Getter:
    def read(ticket: Ticket) -> Any:
        value = ticket.facts.get(name)
        return ticket.fields.get(name) if value is None else value

    return read


def _priority(ticket: Ticket) -> str:
    return PRIORITIES[ticket.priority]


def _age(ticket: Ticket) -> Any:
    # A ticket file may tell the age alone.
    return ticket.fields.get("age") if ticket.age is None else ticket.age


def _language(ticket: Ticket) -> str | None:
    return ticket.facts.get("language") or ticket.language


def _event_kind(ticket: Ticket) -> str | None:
    return ticket.event.kind.value if ticket.event else None


def _event_by(ticket: Ticket) -> str | None:
    return ticket.event.actor.role.value if ticket.event and ticket.event.actor.role else None


def _text(ticket: Ticket) -> str:
    said = ticket.event.comment.text if ticket.event and ticket.event.comment else ""
    if not said or len(ticket.text) <= CAP // 4:
        return ticket.text
    return _fitted(ticket.title, ticket.body, said)


@lru_cache(maxsize=32)
def _fitted(title: str, body: str, said: str) -> str:
    # The comment stands last: a long log in the body must not push it beyond what is looked at.
    said = clip(said, CAP // 2)
    head = clip(f"{title}\n{body}", CAP - len(said.encode()) - 1)
    return f"{head}\n{said}"


_GETTERS: Mapping[str, Getter] = {
    **{
        name: attrgetter(name)
        for name in (
            *(
                "title",
                "body",
                "type",
                "status",
                "severity",
                "labels",
                "project",
                "key",
                "channel",
                "team",
                "assignee",
            ),
            *("requester.email", "requester.domain", "requester.name", "created", "updated"),
            *("reopen_count", "attachments"),
        )
    },
    "text": _text,
    "age": _age,
    "priority": _priority,
    "language": _language,
    "event.kind": _event_kind,
    "event.by": _event_by,
}
