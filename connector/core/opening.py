"""`open: cn-office`: does an instant, or this moment, lie in a calendar's hours?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..model import Ticket
from .ask import Ask, spec_text
from .calendars import Calendar
from .fields import Field, FieldType
from .instants import moment_of, whole_second
from .nodes import Leaf, Node, Test
from .reading import value_reader
from .spelling import did_you_mean

OPEN = "open"
NOW = Field(FieldType.INSTANT)

Instant = Callable[[Ticket], datetime | None]


def open_line(ask: Ask, spec: Any) -> Node:
    """Does the instant in the field lie in the hours of the calendar `spec`, or of one of a list?"""
    calendars = _calendars(ask, spec, OPEN)
    read = value_reader(ask.name, FieldType.INSTANT)
    return Leaf(ask.name, f"{OPEN}: {spec_text(spec)}", _seen(read, calendars), _test(read, calendars))


def open_now(ask: Ask, spec: Any) -> Node:
    """Is the calendar `spec`, or one of a list, open when the ticket is looked at?"""
    calendars = _calendars(ask, spec)
    return Leaf(OPEN, spec_text(spec), _seen(_as_of, calendars), _test(_as_of, calendars), turns=_turns(calendars))


def _as_of(ticket: Ticket) -> datetime | None:
    return ticket.as_of


def _calendars(ask: Ask, spec: Any, *below: str) -> tuple[Calendar, ...]:
    known = ask.schema.calendars
    names = replace(ask, name=OPEN, field=Field(FieldType.WORD)).words(spec, *below)
    for name in names:
        if name not in known and known:
            near = did_you_mean(name, known) or ": calendars stand in `_calendars.yaml`"
            ask.bad(f"unknown calendar `{name}`{near}", *below, *_place(spec, name))
    return tuple(known[name] for name in names if name in known)


def _place(spec: Any, name: str) -> tuple[int, ...]:
    return (spec.index(name),) if isinstance(spec, list) and name in spec else ()


def _test(read: Instant, calendars: tuple[Calendar, ...]) -> Test:
    def test(ticket: Ticket) -> bool:
        at = read(ticket)
        if at is None:
            return False
        second = whole_second(at)
        return any(calendar.is_open(second) for calendar in calendars)

    return test


def _seen(read: Instant, calendars: tuple[Calendar, ...]) -> Callable[[Ticket], Any]:
    """The instant on each calendar's wall clock, and whether it is open then."""

    def seen(ticket: Ticket) -> str | None:
        at = read(ticket)
        return None if at is None else "; ".join(_told(calendar, at) for calendar in calendars)

    return seen


def _told(calendar: Calendar, at: datetime) -> str:
    wall = at.astimezone(calendar.spec.zone)
    return f"{wall:%Y-%m-%d %H:%M} {wall.tzinfo}, {'open' if calendar.is_open(whole_second(at)) else 'closed'}"


def _turns(calendars: tuple[Calendar, ...]) -> Callable[[datetime], datetime | None]:
    def turns(now: datetime) -> datetime | None:
        second = whole_second(now)
        found = [at for calendar in calendars if (at := calendar.turns_after(second)) is not None]
        return moment_of(min(found)) if found else None

    return turns
