"""A rule file's SLA policies: which one applies to a ticket, and what the clock makes of it.

The policies of a file are one goal list for the clock. Which of them applies is a fact of the ticket's history, so
that another tier, or another word in the text, is a change of the goal like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ..model import Ticket
from .calendars import Calendar
from .clock import Clock, clocks
from .clock_policy import Goal, Match, MetricPolicy, Policy, Threshold
from .instants import whole_second


class Metric(StrEnum):
    """What an SLA policy can set targets for; `docs/sla.md` says what each counts."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    PERIODIC_UPDATE = "periodic_update"
    RESOLUTION = "resolution"
    OWNERSHIP = "ownership"
    AGENT_WORK = "agent_work"
    REQUESTER_WAIT = "requester_wait"
    ASSIGNEE_REPLY = "assignee_reply"


DONE = ("done",)
POLICY = "policy"
"""The field of the history that names the policy."""
WARN_AT = "80%"

Rules = Sequence[Mapping[str, Any]]


def policy_for(rules: Rules, ticket: Ticket) -> Mapping[str, Any] | None:
    """The first policy whose `when` holds for `ticket`."""
    return next((rule for rule in rules if rule["when"](ticket)), None)


def part_of(percent: str) -> Threshold:
    """`80%` of the goal."""
    return Threshold(percent, Fraction(percent.rstrip("%")) / 100)


def clock_policy(rules: Rules, current: str | None) -> Policy:
    """All policies as the clock reads them; how a change counts, and where it warns, is said by the one called so."""
    now = next((rule for rule in rules if rule["id"] == current), {})
    metrics = {metric for rule in rules for metric in rule["targets"]}
    return Policy({name: _metric(name, rules, now) for metric in Metric if (name := metric.value) in metrics}, DONE)


def clocks_of(rules: Rules, calendars: Mapping[str, Calendar], ticket: Ticket, now: datetime) -> dict[str, Clock]:
    """The metrics of the file's policies for `ticket` at `now`, by its history and by what it is about to be.

    `ticket` is as the plugins before would have it: what differs from its history counts from `now` on.
    """
    rule = policy_for(rules, ticket)
    current = str(rule["id"]) if rule else None
    at = whole_second(now)
    return clocks(clock_policy(rules, current), calendars, [*history_of(ticket, current, at)], at)


def history_of(ticket: Ticket, policy: str | None, now: int) -> Iterator[Mapping[str, Any]]:
    """The clock's events of `ticket`, and at `now` what the history does not have yet: the policy, wishes of plugins.

    The first policy counts from the creation on: before it nobody had looked.
    """
    yield from ticket.clock_events
    known = fields_after(ticket.clock_events)
    created = next((event["at"] for event in ticket.clock_events if event["type"] == "created"), now)
    for name, value in {**now_of(ticket), POLICY: policy}.items():
        if known.get(name) != value and not (name not in known and value in (None, ())):
            at = created if name == POLICY and name not in known else now
            yield {"id": f"~{name}", "at": at, "seq": 2**62, "type": "field", "field": name, "value": value}


def fields_after(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the fields are after all events, in the order of their instants."""
    fields: dict[str, Any] = {}
    for event in sorted(events, key=lambda e: (e["at"], e["type"] != "created", e.get("seq", 0))):
        if event["type"] == "created":
            fields = dict(event.get("fields") or {})
        elif event["type"] == "field":
            fields[event["field"]] = event.get("value")
    return fields


def now_of(ticket: Ticket) -> dict[str, Any]:
    """The fields that goals and pauses go by, as the ticket has them."""
    return {
        "status": ticket.status,
        "priority": ticket.priority.word,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "type": ticket.type,
        "labels": tuple(sorted(ticket.labels)),
    }


def _metric(name: str, rules: Rules, now: Mapping[str, Any]) -> MetricPolicy:
    warn = now.get("warn_at") or (WARN_AT,)
    steps = [step["at"] for step in now.get("escalate") or ()]
    return MetricPolicy(
        goals=tuple(goal for rule in rules for goal in _goals(rule, name)),
        pause_when=tuple(match for rule in rules for match in _pauses(rule)),
        on_change=_per_metric(now.get("on_change"), name, "carry"),
        breach_sticky=_per_metric(now.get("breach_sticky"), name, True),
        reopen=_per_metric(now.get("reopen"), name, "resume"),
        thresholds=tuple(part_of(percent) for percent in dict.fromkeys((*warn, *steps))),
    )


def _goals(rule: Mapping[str, Any], metric: str) -> Iterator[Goal]:
    """The targets of a policy for one metric, that for any priority last."""
    of: Match = ((POLICY, (rule["id"],)),)
    targets = rule["targets"].get(metric) or {}
    for priority, target in targets.items():
        if priority != "default":
            yield Goal(target["seconds"], target["calendar"], (*of, ("priority", (priority,))))
    if default := targets.get("default"):
        yield Goal(default["seconds"], default["calendar"], of)


def _pauses(rule: Mapping[str, Any]) -> Iterator[Match]:
    for match in rule.get("pause_when") or ():
        yield ((POLICY, (rule["id"],)), *match.items())


def _per_metric(told: Any, metric: str, otherwise: Any) -> Any:
    """A value for all metrics, or one for each by its name."""
    if isinstance(told, Mapping):
        return told.get(metric, otherwise)
    return otherwise if told is None else told
