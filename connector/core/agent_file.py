"""A person of a desk file: the keys of `_people.yaml`, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..desk import CAPACITY, UTC, Agent
from ..frozen import FrozenDict
from .calendar_spec import Interval, read_zone
from .calendar_years import EARLIEST, joined, year_start
from .calendars import Calendar
from .doc import Notes
from .instants import whole_second
from .presence import Presence, day_start, whole_days
from .spelling import did_you_mean

_KEYS = (
    *("name", "email", "ids", "teams", "role", "skills", "languages", "channels", "calendar", "tz", "capacity"),
    *("since", "away"),
)
_FILES = ("ics", "rota")
"""Name files of the rules folder, which a desk file has not: they change nothing here."""


def read_agent(notes: Notes, id_: str, value: Any, calendars: Mapping[str, Calendar]) -> Agent:
    """The person; mistakes go to `notes`."""
    where = f"people.{id_}"
    row = notes.table(where, value)
    notes.only(row, (*_KEYS, *_FILES), f"`{where}`")
    ids = notes.table(f"{where}.ids", row.get("ids"))
    hours = _hours(notes, f"{where}.calendar", row.get("calendar"), calendars)
    zone = _zone(notes, f"{where}.tz", row.get("tz")) or (hours.spec.zone if hours else UTC)
    since = notes.day(f"{where}.since", row.get("since"))
    away = notes.each(f"{where}.away", row.get("away"), lambda name, each: _away(notes, name, each, zone))
    capacity = notes.amount(f"{where}.capacity", row.get("capacity"))
    return Agent(
        id=id_,
        name=notes.word(f"{where}.name", row.get("name")) or id_,
        email=notes.word(f"{where}.email", row.get("email")),
        teams=frozenset(notes.words(f"{where}.teams", row.get("teams"))),
        role=notes.word(f"{where}.role", row.get("role")) or "first_line",
        ids=FrozenDict({name: notes.words(f"{where}.ids.{name}", at) for name, at in ids.items()}),
        skills=FrozenDict(_skills(notes, f"{where}.skills", row.get("skills"))),
        languages=frozenset(notes.words(f"{where}.languages", row.get("languages"))),
        channels=frozenset(notes.words(f"{where}.channels", row.get("channels"))),
        capacity=CAPACITY if capacity is None else capacity,
        since=None if since is None else day_start(since, zone),
        presence=Presence(hours, tuple(joined(away))),
        tz=zone,
    )


def absent_until(person: Agent, at: datetime) -> Agent:
    """The same person, absent from long ago until `at`."""
    begin = year_start(EARLIEST)
    leave = joined((*person.presence.leave, (begin, max(begin, whole_second(at)))))
    return replace(person, presence=replace(person.presence, leave=tuple(leave)))


def _skills(notes: Notes, name: str, value: Any) -> dict[str, float]:
    """Levels by skill, or names alone."""
    if not isinstance(value, Mapping):
        return dict.fromkeys(notes.words(name, value), 1)
    levels = {str(skill): notes.amount(f"{name}.{skill}", level) for skill, level in value.items()}
    return {skill: level for skill, level in levels.items() if level is not None}


def _hours(notes: Notes, name: str, value: Any, calendars: Mapping[str, Calendar]) -> Calendar | None:
    calendar = notes.word(name, value)
    if calendar and calendar not in calendars:
        notes.bad(f"`{name}`: the rule files have no calendar `{calendar}`{did_you_mean(calendar, calendars)}")
    return calendars.get(calendar)


def _zone(notes: Notes, name: str, value: Any) -> ZoneInfo | None:
    told = notes.word(name, value)
    try:
        return read_zone(told) if told else None
    except ValueError as error:
        notes.bad(f"`{name}`: {error}")
        return None


def _away(notes: Notes, name: str, value: Any, zone: ZoneInfo) -> Interval | None:
    """From the first day to the last, both included."""
    row = notes.table(name, value)
    notes.only(row, ("from", "until"), f"`{name}`")
    first, last = (notes.day(f"{name}.{key}", row.get(key)) for key in ("from", "until"))
    if first is None or last is None:
        notes.bad(f"`{name}` wants two days, `from` and `until`")
        return None
    if last < first:
        notes.bad(f"`{name}` ends before it begins")
        return None
    return whole_days(first, last, zone)
