"""One person of `_people.yaml`: what they can do, how much at once, in which hours, and when they are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ..core.calendar_spec import Interval
from ..core.calendar_years import joined
from ..core.calendars import Calendar
from ..core.presence import Presence, day_start, times_of, whole_days
from ..desk import CAPACITY, UTC, Agent
from ..frozen import FrozenDict
from .closed_days import EventsFile, read_closed
from .dates import day, ordered, zone
from .nodes import Map, Node
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Reader, Record, checked, key_among, list_of, map_of, number, text, texts

DEFAULT_ROLE = "first_line"
LEVEL = 1
"""Of a skill that is only named."""

_AWAY = Record("an absence", {"from": day, "until": day}, required=("from", "until"))


def person(trackers: tuple[str, ...], calendars: Mapping[str, Calendar]) -> Record:
    """What may stand under a person's id."""
    return Record(
        "a person",
        {
            "name": text,
            "ids": map_of(texts, key=key_among("tracker", trackers)),
            "teams": texts,
            "role": text,
            "skills": _skills,
            "languages": texts,
            "channels": texts,
            "calendar": _calendar(calendars),
            "tz": zone,
            "capacity": number(0),
            "since": day,
            "away": list_of(_away, empty=None),
            "ics": _as_node,
            "rota": _as_node,
        },
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """Makes people of what is told of them; `files` are the `.ics` files beside the rule files."""

    scope: Scope
    calendars: Mapping[str, Calendar]
    files: Mapping[str, EventsFile]

    def agent(self, id_: str, told: Mapping[str, Any]) -> Agent:
        """The person; a file of events that cannot be read is reported, and empty."""
        hours = self.calendars.get(told.get("calendar", ""))
        tz = ZoneInfo(told["tz"]) if "tz" in told else hours.spec.zone if hours else UTC
        away = (
            whole_days(date.fromisoformat(each["from"]), date.fromisoformat(each["until"]), tz)
            for each in told.get("away", ())
            if len(each) == 2
        )
        leave = tuple(joined((*away, *self._times(told.get("ics"), tz))))
        shifts = self._times(told["rota"], tz) if "rota" in told else None
        since = told.get("since")
        return Agent(
            id=id_,
            name=told.get("name", id_),
            teams=frozenset(told.get("teams", ())),
            role=told.get("role", DEFAULT_ROLE),
            ids=FrozenDict(told.get("ids", {})),
            skills=FrozenDict(told.get("skills", {})),
            languages=frozenset(told.get("languages", ())),
            channels=frozenset(told.get("channels", ())),
            capacity=told.get("capacity", CAPACITY),
            since=None if since is None else day_start(date.fromisoformat(since), tz),
            presence=Presence(hours, leave, shifts),
            tz=tz,
        )

    def _times(self, node: Node | None, tz: ZoneInfo) -> tuple[Interval, ...]:
        found = BAD if node is None else read_closed(node, self.scope, self.files, tz)
        return () if found is BAD else times_of(found, tz)


def _as_node(node: Node, _scope: Scope) -> Any:
    """Left for later: only the person as a whole knows their zone."""
    return node


def _skills(node: Node, scope: Scope) -> Any:
    """Levels by skill, or names alone."""
    if isinstance(node, Map):
        return map_of(number(0))(node, scope)
    found = texts(node, scope)
    return BAD if found is BAD else dict.fromkeys(found, LEVEL)


def _away(node: Node, scope: Scope) -> Any:
    found = _AWAY(node, scope)
    if found is not BAD and len(found) == 2 and not ordered(found["from"], found["until"]):
        return scope.bad(node, "the absence ends before it begins: look at `from` and `until`")
    return found


def _calendar(calendars: Mapping[str, Calendar]) -> Reader:
    def check(value: str, _node: Node, scope: Scope) -> str | None:
        if value in calendars or not scope.sure:
            return None
        near = nearest(value, calendars) or ": define it there, or write `24x7`"
        return f"`_calendars.yaml` has no calendar {shown(value)}{near}"

    return checked(check)
