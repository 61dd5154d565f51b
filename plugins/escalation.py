"""Climbs the ladder of an SLA policy: at each part of a target something is done, once in each cycle of the clock.

    sla:
      - id: premium
        targets: {first_response: 1h 24x7, resolution: 8h 24x7, assignee_reply: 2h 24x7}
        escalate:
          - {at: 80%, add_label: at-risk, notify: assignee}
          - {at: 100%, metrics: [resolution], raise_priority: 1, notify: team-lead}
          - {at: 150%, metrics: [resolution], assign: team-lead, say: {en: "Late: please take over."}}
    escalation:
      quiet_outside: 24x7
      hops: 3

A rung acts on every metric of its policy, or on those of `metrics`. The priority that it raised, and the team and
assignee that it gave the ticket, stay until the next cycle begins or a person says otherwise.
`@pointsman ack` stops the ladder for what is running; a later cycle has its own.

Outside the calendar `quiet_outside` notices wait, unless the rung says `in_quiet_hours: true`. Where a policy has a
target for `assignee_reply`, a silent assignee loses the ticket to the team, `hops` times at most.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector import (
    AddLabel,
    AssignTo,
    Change,
    Desk,
    Due,
    Ladder,
    MoveTo,
    Outlook,
    Priority,
    RouteTo,
    SetFact,
    SetPriority,
    Step,
    Ticket,
    as_held,
    due_rungs,
    held,
    hookimpl,
    ladder_of,
    outlook,
)

LEAD = "team-lead"


@hookimpl
def propose(ticket: Ticket, desk: Desk, rules: Any, now: datetime) -> Iterator[Change]:
    policies = (rules or {}).get("policies") or ()
    found = outlook(policies, desk.calendars, ticket, now)
    if found is None:
        return
    before = ladder = ladder_of(ticket)
    holds = held(policies, desk.calendars, ticket, now)
    view = as_held(ticket, holds)
    for due in due_rungs(found.policy, found.clocks, ladder, ()):
        step, view = _taken(due, view, desk, str(found.policy["id"]))
        ladder = ladder.with_(step)
        yield from _once(due, step)
    yield from _holding(ticket, holds, ladder, before)
    if ladder != before:
        yield SetFact("kept.escalation", ladder.json())


def _taken(due: Due, view: Ticket, desk: Desk, policy: str) -> tuple[Step, Ticket]:
    """The step that the rung is, and the ticket as it is after it."""
    rung, sets = due.rung, {}
    if more := rung.get("raise_priority"):
        view = replace(view, priority=Priority(min(view.priority + more, Priority.URGENT)))
        sets["priority"] = view.priority.word
    if team := rung.get("team"):
        view = replace(view, team=team)
        sets["team"] = team
    return Step(due.metric, rung["at"], due.cycle.started_at, policy, sets), view


def _once(due: Due, step: Step) -> Iterator[Change]:
    told = _told(step)
    for label in due.rung.get("add_label") or ():
        yield AddLabel(label, **told)
    if status := due.rung.get("set_status"):
        yield MoveTo(status, **told)


def _holding(ticket, holds, ladder: Ladder, before: Ladder) -> Iterator[Change]:
    values = {slot: (value, step) for slot, (value, step) in holds.items()}
    for step in ladder.steps:
        if step not in before.steps:
            values |= {slot: (value, step) for slot, value in step.sets.items()}
    for slot, (value, step) in values.items():
        match slot:
            case "priority" if ticket.priority <= Priority.of(value):
                yield SetPriority(Priority.of(value), **_told(step))
            case "team":
                yield RouteTo(value, **_told(step))
            case "assignee":
                yield AssignTo(value, **_told(step))


def _told(step: Step) -> dict[str, Any]:
    return {
        "because": f"{step.at} of {step.metric} used (policy {step.policy})",
        "rule": step.policy,
        "rules": (step.policy,),
    }
