"""The words: the values that travel between the parts. All are frozen; every datetime is aware, in UTC.

Tracker words never travel inwards: `priority` is a `Priority`, `status` and `team` are words of
`_names.yaml`, `assignee` is a person's id of `_people.yaml` (or, for somebody not listed there, the
tracker's account).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any

from .frozen import EMPTY, FrozenDict


class Priority(IntEnum):
    """Four fixed levels above `none`; they compare by urgency."""

    NONE = 0
    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Priority:
        """The level called `word` in any case; raises `KeyError` for other words."""
        return cls[word.upper()]


class Kind(StrEnum):
    """What an event says has happened; the list is closed."""

    CREATED = "created"
    UPDATED = "updated"
    COMMENTED = "commented"
    COMMENT_EDITED = "comment_edited"
    COMMENT_DELETED = "comment_deleted"
    DELETED = "deleted"
    MOVED = "moved"
    TIMER = "timer"
    RECONCILED = "reconciled"
    ASSIGN = "assign"


class Role(StrEnum):
    """Who acted: a customer, somebody of the desk, another machine, or this program."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"
    US = "us"


class Audience(StrEnum):
    """Who may read a text; internal unless a rule says otherwise."""

    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as the tracker names them; `role` is None where the body alone cannot say.

    `account` is the GitLab username, the Jira accountId (Cloud) or user name (Data Center).
    `person` is the id of `_people.yaml`, '' for anybody else.
    """

    account: str = ""
    name: str = ""
    role: Role | None = None
    person: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `audience` is None where the body alone cannot say (treat it as internal)."""

    id: str
    text: str = ""
    audience: Audience | None = None
    author: Actor = Actor()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One past change of one slot, by whom and when; `was` and `value` are JSON values in our words.

    `id` is the tracker's own id of the change (Jira `changelog.id` + item, GitLab resource event),
    '' where it has none: then (slot, value, `at` within 5 s) identifies it.
    """

    slot: str
    was: Any
    value: Any
    at: datetime
    by: Actor = Actor()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one ticket: a hint to look at it, never its state.

    `ticket` is the tracker's immutable id (Jira `"10042"`, GitLab `"<project id>/<iid>"`); `key` and `project`
    are None where the body lacks them. `chain` is GitLab's `X-Gitlab-Event-UUID`, `note` the timer that is due.
    `backfill` is the number of the run that asks for a look where nothing happened; `shadow`: it may not write.
    """

    tracker: str
    ticket: str
    kind: Kind
    key: str | None = None
    project: str | None = None
    at: datetime | None = None
    actor: Actor = Actor()
    comment: Comment | None = None
    changes: tuple[FieldChange, ...] = ()
    chain: str = ""
    delivery: str = ""
    note: str = ""
    backfill: int = 0
    shadow: bool = False

    @property
    def by(self) -> Role | None:
        return self.actor.role


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks or who works here; `id` is '' for anybody not in `_people.yaml`."""

    id: str = ""
    name: str = ""
    email: str = ""
    account: str = ""
    teams: frozenset[str] = frozenset()
    role: str = "first_line"
    ids: Mapping[str, tuple[str, ...]] = EMPTY

    @property
    def domain(self) -> str:
        """What stands behind the `@` of the address, lower case; '' without an address."""
        return self.email.rpartition("@")[2].lower() if "@" in self.email else ""


@dataclass(frozen=True, slots=True)
class Pin:
    """A slot that a person holds: rules leave it alone until it is released."""

    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Ticket:
    """A ticket as read from its tracker, with what we remember of it.

    `ours` maps a slot to the (JSON) value we stand for, `pins` to the person who took it over, `released` to the
    instant at which it was last given back. `said` holds the keys of texts already said, `marks` the effect keys
    that the tracker itself shows as done. `history` holds past changes, oldest first, `clock_events` what the SLA
    clock reads, `records` a `Record` of each person who may take it. `event` and `as_of` are set while deciding.
    """

    tracker: str = "local"
    id: str = ""
    key: str = ""
    project: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    type: str | None = None
    status: str | None = None
    priority: Priority = Priority.NONE
    severity: int | None = None
    team: str | None = None
    assignee: str | None = None
    requester: Person = Person()
    organisations: frozenset[str] = frozenset()
    channel: str | None = None
    language: str | None = None
    labels: frozenset[str] = frozenset()
    created: datetime | None = None
    updated: datetime | None = None
    due: date | None = None
    reopen_count: int = 0
    attachments: int = 0
    confidential: bool = False
    fields: Mapping[str, Any] = EMPTY
    facts: Mapping[str, Any] = EMPTY
    comments: tuple[Comment, ...] = ()
    comment_count: int | None = None
    links: frozenset[str] = frozenset()
    history: tuple[FieldChange, ...] = ()
    deadlines: Mapping[str, datetime] = EMPTY
    ours: Mapping[str, Any] = EMPTY
    pins: Mapping[str, Pin] = EMPTY
    released: Mapping[str, datetime] = EMPTY
    said: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    note_id: str = ""
    raw: Mapping[str, Any] = EMPTY
    clock_events: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    records: Mapping[str, Any] = field(default=EMPTY, compare=False)
    event: Event | None = field(default=None, compare=False)
    as_of: datetime | None = field(default=None, compare=False)

    @cached_property
    def text(self) -> str:
        """Title, body and the comment of the event at hand, one below the other."""
        said = self.event.comment.text if self.event and self.event.comment else ""
        return "\n".join(part for part in (self.title, self.body, said) if part)

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """What was derived from this ticket, by the function that derived it: 1,000 rules ask for the same."""
        return {}

    def __getstate__(self) -> dict[str, Any]:  # What was derived stays behind when a ticket goes elsewhere.
        return {member.name: getattr(self, member.name) for member in fields(self)}

    @property
    def age(self) -> timedelta | None:
        """Time since creation; None where either end is unknown."""
        return self.as_of - self.created if self.as_of and self.created else None

    def with_fact(self, name: str, value: Any) -> Ticket:
        return replace(self, facts=FrozenDict({**self.facts, name: value}))


class Verdict(StrEnum):
    """What becomes of one wish."""

    APPLY = "apply"
    ALREADY = "already so"
    OVERRULED = "overruled by a later plugin"
    PERSON = "a person changed it since"
    REFUSED = "not allowed here"
