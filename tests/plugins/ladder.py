"""A ticket's life under a ladder, in memory: each look is a plan, carried out, remembered, and read back as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from connector import AddLabel, AssignTo, Change, Desk, DueBy, MoveTo, Notify, RouteTo, Say, SetPriority, Ticket
from connector.core.decide import allowed, decide
from connector.core.memory import Memory, memory_from_json, memory_json
from connector.model import Actor, Audience, Comment, Event, FieldChange, Kind, Person, Priority, Role
from connector.plan import Plan, jsonable
from connector.rulebook.sections.escalation import with_policies
from connector.testing import a_desk, a_ticket, proposals
from connector.testing.values import NOW
from plugins import commands, escalation, sla

HOUR = timedelta(hours=1)
OFFICE = {"office": {"tz": "UTC", "week": {"mon-fri": ["09:00-18:00"]}}}
US = Actor("bot", "Pointsman", Role.US)
PEOPLE = (
    Person("ann", "Ann Li", teams=frozenset({"frontline"})),
    Person("bo", "Bo", teams=frozenset({"frontline", "second"}), role="supervisor"),
)
DESK = replace(
    a_desk(*PEOPLE, teams=["frontline", "second"], calendars=OFFICE),
    leads={"frontline": "bo"},
    notices=frozenset({"duty", "bo"}),
)


def hours(count: float, calendar: str = "24x7") -> dict[str, Any]:
    return {"default": {"seconds": int(count * 3600), "calendar": calendar}}


def policy(*rungs: Mapping[str, Any], id: str = "rest", **given: Any) -> dict[str, Any]:
    """Eight hours to solve it, unless `given` says otherwise."""
    return {"targets": {"resolution": hours(8)}, **given, "id": id, "escalate": rungs}


@dataclass
class Life:
    """`before` is asked before the ladder; `did` is all that applied, `told` its notices, `said` its comments."""

    policies: Iterable[Mapping[str, Any]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    commands: Mapping[str, Any] | None = None
    before: Callable[[Ticket], Iterable[Change]] = lambda _: ()
    desk: Desk = DESK
    given: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    memory: Memory = field(default_factory=Memory)
    history: list[FieldChange] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    did: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.given = {"team": "frontline", "assignee": "ann", "priority": "normal", **self.given}
        self.created = self.now

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who was told by which notice."""
        return [(change.to, change.key) for change in self.did if isinstance(change, Notify)]

    @property
    def said(self) -> list[str]:
        return [change.text for change in self.did if isinstance(change, Say)]

    @property
    def labels(self) -> list[str]:
        """Labels that were put on by rungs, as often as they were."""
        return [c.name for c in self.did if isinstance(c, AddLabel) and not c.name.startswith("sla::")]

    @property
    def ticket(self) -> Ticket:
        shown = {"created": self.created, "updated": self.now, **self.given}
        return self.memory.on(a_ticket(history=self.history, comments=self.comments, **shown))

    def at(self, count: float, kind: str = "timer") -> Plan:
        """Look at the ticket so many hours after its creation."""
        self.now = self.created + count * HOUR
        return self.look(Event("local", "1", Kind(kind), at=self.now, actor=Actor("", "", Role.SYSTEM)))

    def look(self, event: Event) -> Plan:
        ticket = replace(self.ticket, event=event, as_of=self.now)
        rules = with_policies({"sla": tuple(self.policies), "escalation": self.settings, "commands": self.commands})

        def ask(plugin: ModuleType) -> Callable[[Ticket], list[Change]]:
            name = plugin.__name__.rpartition(".")[2]
            return lambda view: proposals(plugin, view, rules[name], event=event, desk=self.desk, now=self.now)

        asks = [
            ("routing", self.before),
            *((p.__name__.rpartition(".")[2], ask(p)) for p in (sla, escalation, commands)),
        ]
        plan = decide(ticket, asks, lambda change: allowed(change, self.desk.notices))
        assert not plan.failures, plan.failures
        memory = self.memory.decided(plan, self.now).stands_for(plan.stands)
        self.memory = memory_from_json(json.loads(json.dumps(memory_json(memory))))
        for change in (*plan.changes, *plan.notices):
            self.did.append(change)
            self._write(change)
        return plan

    def person(self, slot: str, value: Any, by: str = "bo") -> None:
        """Somebody changes the ticket by hand."""
        self._changed(slot, value, Actor(by, by.title(), Role.AGENT, by))
        self.look(Event("local", "1", Kind.UPDATED, at=self.now, actor=Actor(by, "", Role.AGENT, by)))

    def comment(self, text: str, by: str = "bo", public: bool = False, at: float | None = None) -> Plan:
        """Somebody says something; `at` hours after the creation, if it is heard late."""
        role = Role.CUSTOMER if by == "customer" else Role.AGENT
        author = Actor(by, by.title(), role, "" if by == "customer" else by)
        when = self.now if at is None else self.created + at * HOUR
        said = Comment(f"c{len(self.comments)}", text, Audience.PUBLIC if public else Audience.INTERNAL, author, when)
        self.comments.append(said)
        return self.look(Event("local", "1", Kind.COMMENTED, at=when, actor=author, comment=said))

    def _write(self, change: Change) -> None:
        match change:
            case SetPriority(value=value):
                self._changed("priority", value.word, US)
            case RouteTo(team=value):
                self._changed("team", value, US)
            case AssignTo(person=value):
                self._changed("assignee", value, US)
            case MoveTo(status=value):
                self._changed("status", value, US)
            case DueBy():
                self.given["due"] = change.day
            case AddLabel(name=name):
                self.given["labels"] = {*self.given.get("labels", ()), name}

    def _changed(self, slot: str, value: Any, by: Actor) -> None:
        was = self.given.get(slot, "new" if slot == "status" else None)
        self.history.append(FieldChange(slot, jsonable(was), value, self.now, by))
        self.given[slot] = value


def priority(word: str) -> SetPriority:
    return SetPriority(Priority.of(word), because="sum")
