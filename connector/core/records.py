"""Tickets and events ↔ JSON, without loss: what the record of a decision and the inbox keep.

A member that holds its default is left out, so that a stored row stays small and an older row can be
read by a release that knows more members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any, Generic, TypeVar

from ..frozen import FrozenDict
from ..model import Actor, Audience, Comment, Event, FieldChange, Kind, Person, Pin, Priority, Role, Ticket
from .json_values import instant_from_json, instant_json, value_from_json, value_json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind of member is written and read; None stays None."""

    to: Callable[[Any], Any]
    of: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _many(form: _Form) -> _Form:
    return _Form(lambda values: [form.to(each) for each in values], lambda values: tuple(map(form.of, values)))


def _table(form: _Form) -> _Form:
    return _Form(
        lambda table: {key: form.to(each) for key, each in table.items()},
        lambda table: FrozenDict({key: form.of(each) for key, each in table.items()}),
    )


_PLAIN = _Form(_same, _same)
_VALUE = _Form(value_json, value_from_json)
_WORDS = _Form(sorted, frozenset)
_INSTANT = _Form(instant_json, instant_from_json)


class _Record(Generic[T]):
    """A frozen dataclass as a JSON object; members without a form of their own are plain JSON values."""

    def __init__(self, cls: type[T], leave_out: tuple[str, ...] = (), **forms: _Form) -> None:
        self._cls = cls
        self._defaults = {f.name: f.default for f in fields(cls) if f.name not in leave_out}  # type: ignore[arg-type]
        self._forms = {name: forms.get(name, _PLAIN) for name in self._defaults}

    def to(self, value: T) -> dict[str, Any]:
        members = ((name, getattr(value, name)) for name in self._forms)
        return {
            name: None if member is None else self._forms[name].to(member)
            for name, member in members
            if self._defaults[name] is MISSING or member != self._defaults[name]
        }

    def of(self, document: Mapping[str, Any]) -> T:
        """Keys that this release does not know are ignored."""
        known = {name: document[name] for name in self._forms if name in document}
        return self._cls(**{n: None if v is None else self._forms[n].of(v) for n, v in known.items()})

    @property
    def form(self) -> _Form:
        return _Form(self.to, self.of)


_ROLE = _Form(str, Role)
PERSON = _Record(Person, teams=_WORDS, ids=_table(_many(_PLAIN)))
ACTOR = _Record(Actor, role=_ROLE)
PIN = _Record(Pin, at=_INSTANT)
COMMENT = _Record(Comment, audience=_Form(str, Audience), author=ACTOR.form, at=_INSTANT)
CHANGE = _Record(FieldChange, was=_VALUE, value=_VALUE, at=_INSTANT, by=ACTOR.form)
EVENT = _Record(
    Event,
    kind=_Form(str, Kind),
    at=_INSTANT,
    actor=ACTOR.form,
    comment=COMMENT.form,
    changes=_many(CHANGE.form),
)
TICKET = _Record(
    Ticket,
    # The store has what is behind them, and gives back what was known at any instant.
    leave_out=("clock_events", "records"),
    priority=_Form(lambda level: level.word, Priority.of),
    requester=PERSON.form,
    organisations=_WORDS,
    labels=_WORDS,
    created=_INSTANT,
    updated=_INSTANT,
    due=_Form(date.isoformat, date.fromisoformat),
    fields=_table(_VALUE),
    facts=_table(_VALUE),
    comments=_many(COMMENT.form),
    links=_WORDS,
    history=_many(CHANGE.form),
    deadlines=_table(_INSTANT),
    ours=_table(_VALUE),
    pins=_table(PIN.form),
    released=_table(_INSTANT),
    said=_WORDS,
    marks=_WORDS,
    raw=_table(_VALUE),
    event=EVENT.form,
    as_of=_INSTANT,
)


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """`ticket` as JSON: `ticket_from_json` gives back an equal one, `read_ticket` takes it as a ticket file."""
    return TICKET.to(ticket)


def ticket_from_json(document: Mapping[str, Any]) -> Ticket:
    """The ticket that `ticket_json` wrote."""
    return TICKET.of(document)


def event_json(event: Event) -> dict[str, Any]:
    """`event` as JSON: `event_from_json` gives back an equal one."""
    return EVENT.to(event)


def event_from_json(document: Mapping[str, Any]) -> Event:
    """The event that `event_json` wrote."""
    return EVENT.of(document)
