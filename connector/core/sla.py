"""A rule file's SLA policies: which one applies to a ticket, and what the clock makes of it.

The policies of a file are one goal list for the clock. Which of them applies, and what it promises, is a fact of the
ticket's history, so that another tier, another word in the text, or an edit of the policy is a change of the goal
like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ..frozen import EMPTY
from ..model import Ticket
from .calendars import Calendar
from .clock import Clock, clocks
from .clock_policy import Goal, Match, MetricPolicy, Policy, Threshold
from .clock_story import story
from .instants import whole_second
from .sla_terms import POLICY, Terms, change_to, terms_of, told_in, version_of
from .wishes import clock_fields, wished_since


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
WARN_AT = "80%"

Rules = Sequence[Mapping[str, Any]]


def policy_for(rules: Rules, ticket: Ticket) -> Mapping[str, Any] | None:
    """The first policy whose `when` holds for `ticket`."""
    return next((rule for rule in rules if rule["when"](ticket)), None)


def part_of(percent: str) -> Threshold:
    """`80%` of the goal."""
    return Threshold(percent, Fraction(percent.rstrip("%")) / 100)


def clock_policy(
    rules: Rules,
    current: str | None,
    calendars: Container[str],
    events: Iterable[Mapping[str, Any]] = (),
) -> Policy:
    """All policies as the clock reads them, with the terms that they had when `events` happened.

    How a change counts, and where it warns, is said by the one with the id `current`. By a calendar that is in no
    file any more nothing can be counted: what was promised by it is no goal.
    """
    now = next((rule for rule in rules if rule["id"] == current), {})
    terms = {**told_in(events), **{name: terms_of(rule) for rule in rules for name in (rule["id"], version_of(rule))}}
    metrics = {metric for each in terms.values() for metric in each["targets"]}
    return Policy(
        {name: _metric(name, terms, now, calendars) for metric in Metric if (name := metric.value) in metrics}, DONE
    )


def clocks_of(rules: Rules, calendars: Mapping[str, Calendar], ticket: Ticket, now: datetime) -> dict[str, Clock]:
    """The metrics of the file's policies for `ticket` at `now`, by its history and by what it is about to be.

    `ticket` is as the plugins before would have it: what differs from its history counts from `now` on.
    """
    rule = policy_for(rules, ticket)
    at = whole_second(now)
    events = [*history_of(ticket, rule, at)]
    current = None if rule is None else str(rule["id"])
    return clocks(clock_policy(rules, current, calendars, events), calendars, events, at)


def history_of(ticket: Ticket, rule: Mapping[str, Any] | None, now: int) -> Iterator[Mapping[str, Any]]:
    """The clock's events of `ticket`, and at `now` what the history does not have yet: the policy, wishes of plugins.

    The first policy counts from the creation on: before it nobody had looked.
    """
    yield from ticket.clock_events
    known = fields_after(ticket.clock_events, now)
    created = next((event["at"] for event in ticket.clock_events if event["type"] == "created"), now)
    told = [{"field": name, "value": value} for name, value in now_of(ticket).items()]
    for change in (*told, change_to(rule)):
        name, value = change["field"], change["value"]
        if known.get(name) != value and not (name not in known and value in (None, ())):
            at = created if name == POLICY and name not in known else _since(ticket, name, value, now)
            yield {"id": f"~{name}", "at": at, "seq": 2**62, "type": "field", **change}


def _since(ticket: Ticket, name: str, value: Any, now: int) -> int:
    """When a wish began to count: now, or when it was wished for first, but after all that is known of the field."""
    since = wished_since(ticket, name, value)
    if since is None:
        return now
    told: list[int] = [event["at"] for event in ticket.clock_events if event.get("field") == name]
    return min(now, max((since, *told)))


def fields_after(events: Iterable[Mapping[str, Any]], as_of: int = sys.maxsize) -> Mapping[str, Any]:
    """What the fields are at `as_of`, after all that is known of the ticket by now."""
    steps = story(events, DONE, as_of, None)
    return steps[-1].fields if steps else EMPTY


def now_of(ticket: Ticket) -> dict[str, Any]:
    """The fields that goals and pauses go by, as the ticket has them."""
    return {**clock_fields(ticket), "labels": tuple(sorted(ticket.labels))}


def _metric(name: str, terms: Mapping[str, Terms], now: Mapping[str, Any], calendars: Container[str]) -> MetricPolicy:
    warn = now.get("warn_at") or (WARN_AT,)
    steps = [step["at"] for step in now.get("escalate") or ()]
    return MetricPolicy(
        goals=tuple(
            goal
            for policy, each in terms.items()
            for goal in _goals(policy, each, name)
            if goal.calendar in calendars
        ),
        pause_when=tuple(match for policy, each in terms.items() for match in _pauses(policy, each)),
        on_change=_per_metric(now.get("on_change"), name, "carry"),
        breach_sticky=_per_metric(now.get("breach_sticky"), name, True),
        reopen=_per_metric(now.get("reopen"), name, "resume"),
        thresholds=tuple(part_of(percent) for percent in dict.fromkeys((*warn, *steps))),
    )


def _goals(policy: str, terms: Terms, metric: str) -> Iterator[Goal]:
    """The targets of a policy for one metric, that for any priority last."""
    of: Match = ((POLICY, (policy,)),)
    targets = terms["targets"].get(metric) or {}
    for priority, (seconds, calendar) in targets.items():
        if priority != "default":
            yield Goal(seconds, calendar, (*of, ("priority", (priority,))))
    if default := targets.get("default"):
        seconds, calendar = default
        yield Goal(seconds, calendar, of)


def _pauses(policy: str, terms: Terms) -> Iterator[Match]:
    for match in terms["pause_when"]:
        yield ((POLICY, (policy,)), *((name, tuple(values)) for name, values in match.items()))


def _per_metric(told: Any, metric: str, otherwise: Any) -> Any:
    """A value for all metrics, or one for each by its name."""
    if isinstance(told, Mapping):
        return told.get(metric, otherwise)
    return otherwise if told is None else told
