"""Which person a ticket goes to, by the routing rule that matches it and the section `assign` of its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..desk import Desk
from ..frozen import EMPTY, FrozenDict
from ..model import Ticket
from .calendars import Calendar
from .candidates import Candidate, Method, Need, Prefer, candidates, chosen
from .instants import whole_second
from .ladder import as_held, held
from .outlook import outlook
from .sla import Metric
from .slots import pins_of

Rule = Mapping[str, Any]

DEFAULTS: Rule = FrozenDict(
    {
        "method": Method.BALANCED.value,
        "prefer": tuple(each.value for each in Prefer),
        "effort": FrozenDict({"default": 1}),
        "waiting_weight": 0.25,
        "min_presence": 1800,
    }
)
"""What holds where the section `assign` says nothing; `min_presence` is in seconds."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The candidates for a ticket that needs `need`, and who has it: `holder` may keep it, None: it is free."""

    rule: Rule
    need: Need
    method: Method
    candidates: tuple[Candidate, ...]
    holder: str | None = None

    @property
    def best(self) -> Candidate | None:
        """Who should get it; None where somebody holds it, nobody may take it, or people choose."""
        return None if self.holder else chosen(self.candidates, self.method)


def assigns(section: Any) -> bool:
    """Does the section `routing` choose people?"""
    return isinstance(section, Mapping)


def routes(section: Any) -> Sequence[Rule]:
    """The rules of the section `routing`, which has `assign` and the policies beside them in a file that assigns."""
    return (section["rules"] if assigns(section) else section) or ()


def matching(section: Any, ticket: Ticket) -> Rule | None:
    """The first routing rule that matches."""
    return next((rule for rule in routes(section) if rule["when"](ticket)), None)


def assignment(section: Any, rule: Rule | None, ticket: Ticket, desk: Desk, now: datetime) -> Assignment | None:
    """Who may take `ticket`, which `rule` matches, at `now`; None where rules choose nobody.

    That is: the file has no `assign`, no rule matches, or the rule names the assignee. A team that people or rungs
    of the ladder gave it comes before the rule's, and then needs nothing in particular.
    """
    if rule is None or rule.get("assignee") or not assigns(section):
        return None
    view = _routed(rule, section["policies"], ticket, desk, now)
    if view.team is None:
        return None
    assign, own = section["assign"], view.team == rule["team"]
    due, hours = _due(section["policies"], view, desk, now)
    need = Need(
        view.team,
        rule.get("need_skills", EMPTY) if own else EMPTY,
        frozenset(rule.get("need_languages", ())) if own else frozenset(),
        ticket.channel,
        effort_of(assign, view),
        due,
        hours,
        assign["min_presence"],
    )
    method, prefer = Method(assign["method"]), tuple(map(Prefer, assign["prefer"]))
    at = whole_second(now)
    found = candidates(desk.people.values(), need, ticket.records, at, method, prefer)
    return Assignment(rule, need, method, found, _holder(view, desk, at))


def effort_of(assign: Rule, ticket: Ticket) -> float:
    """Units that the ticket takes of a person's capacity, by its priority."""
    effort = assign["effort"]
    return float(effort.get(ticket.priority.word, effort.get("default", 1)))


def _routed(rule: Rule, policies: Sequence[Rule], ticket: Ticket, desk: Desk, now: datetime) -> Ticket:
    """The ticket in the team that it will have."""
    view = ticket if "team" in pins_of(ticket) else replace(ticket, team=rule["team"])
    return as_held(view, held(policies, desk.calendars, view, now)) if policies else view


def _due(policies: Sequence[Rule], ticket: Ticket, desk: Desk, now: datetime) -> tuple[int | None, Calendar | None]:
    """The next deadline to come and the hours by which it is counted; that of the present assignee is no other's."""
    found = outlook(policies, desk.calendars, ticket, now) if policies else None
    coming = [
        (whole_second(clock.due_at), clock.goal.calendar)
        for clock in (found.clocks.values() if found else ())
        if clock.last and clock.last.open and clock.goal and clock.due_at
        if clock.due_at > now and clock.metric != Metric.ASSIGNEE_REPLY
    ]
    if not coming:
        return None, None
    due, calendar = min(coming)
    return due, desk.calendars[calendar]


def _holder(ticket: Ticket, desk: Desk, now: int) -> str | None:
    """The assignee, unless they are away or of another team; whom the files do not know is left alone."""
    person = desk.people.get(ticket.assignee or "")
    if person is None:
        return ticket.assignee
    away = person.presence.on_leave_until(now) is not None
    return None if away or ticket.team not in person.teams else ticket.assignee
