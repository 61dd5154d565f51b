"""Climbs the ladder of an SLA policy: at each part of a target something is done, once in each cycle of the clock.

    sla:
      - id: premium
        targets: {first_response: 1h 24x7, resolution: 8h 24x7, assignee_reply: 2h 24x7}
        escalate:
          - {at: 80%, add_label: at-risk, notify: assignee}
          - {at: 100%, metrics: [resolution], raise_priority: 1, notify: team-lead}
          - {at: 150%, metrics: [resolution], assign: team-lead, say: {en: "Late: please take over."}}

    escalation:
      quiet_outside: cn-office
      hops: 3

A rung acts on every metric of its policy, or on those of `metrics`. The priority that it raised, and the team and
assignee that it gave the ticket, stay until the next cycle begins or a person says otherwise.
`@pointsman ack` stops the ladder for what is running; a cycle that begins later has its own.

Outside the calendar `quiet_outside` notices wait, unless the rung says `in_quiet_hours: true`. Where a policy has a
target for `assignee_reply`, a silent assignee loses the ticket to the team, at most `hops` times.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connector import (
    Act,
    AddLabel,
    AssignTo,
    Change,
    Climb,
    Desk,
    Event,
    Metric,
    MoveTo,
    Notify,
    Priority,
    RouteTo,
    Say,
    SetFact,
    SetPriority,
    Step,
    Ticket,
    WakeAt,
    choose,
    climb,
    hookimpl,
    mention,
    metric_name,
    neutral,
    render,
)

NAME = "escalation"
TEXTS = {
    "en": {
        "used": "{at} of {metric} used (policy {policy})",
        "silent": "{person} did not answer: {used}",
        "stays": "it stays with {person}: it went back to the team too often",
        "due": "due {due}",
        "joint": ", ",
    },
    "zh": {
        "used": "{metric}已用 {at}（策略 {policy}）",
        "silent": "{person} 未回复：{used}",
        "stays": "退回团队次数已用完，仍由 {person} 负责",
        "due": "截止 {due}",
        "joint": "，",
    },
}


@hookimpl
def propose(event: Event, ticket: Ticket, desk: Desk, rules: Any, now: datetime) -> Iterator[Change]:
    if not rules or not rules["policies"]:
        return
    found = climb(rules, desk, ticket, event, now)
    if found is None:
        return
    for act in found.acts:
        yield from _once(act, ticket, desk)
    yield from _held(found, ticket, desk)
    yield from _notices(found, ticket, desk)
    if found.kept is not None:
        yield SetFact(f"kept.{NAME}", found.kept)
    if found.look_at:
        yield WakeAt(found.look_at, NAME)


def _once(act: Act, ticket: Ticket, desk: Desk) -> Iterator[Change]:
    """What a rung does in the instant in which it acts, and never again in this cycle."""
    rung, step = act.rung, act.step
    told = _told(step, desk)
    for label in rung.get("add_label") or ():
        yield AddLabel(label, **told)
    if status := rung.get("set_status"):
        yield MoveTo(status, **told)
    if step.takes:
        # Their word about who does it, or that of whoever assigned them, has run out with the limit.
        yield SetFact("released.assignee", step.takes, **told)
    if say := rung.get("say"):
        _, template = choose(say, ticket.facts.get("language") or desk.language)
        extra = {"at": step.at, "metric": metric_name(step.metric, desk.language), "policy": step.policy}
        yield Say(_key(step), render(template, ticket, extra), **told)


def _held(found: Climb, ticket: Ticket, desk: Desk) -> Iterator[Change]:
    """What rungs hold, again and again: the plugins before wish for what their own rules say."""
    for slot, (value, step) in found.held.items():
        match slot:
            case "priority" if ticket.priority <= Priority.of(value):
                yield SetPriority(Priority.of(value), **_told(step, desk))
            case "team":
                yield RouteTo(value, **_told(step, desk))
            case "assignee":
                yield AssignTo(value, **_told(step, desk))


def _notices(found: Climb, ticket: Ticket, desk: Desk) -> Iterator[Change]:
    """By a notice where there is an address, else by one comment that mentions the people."""
    called: dict[Step, list[str]] = {}
    for step, who in found.tells:
        if who in desk.people and who not in desk.notices:
            called.setdefault(step, []).append(who)
            continue
        text = f"{ticket.key}: {_news(step, found, ticket, desk)}"
        yield Notify(f"{_key(step)}/{who}", who, text, **_told(step, desk))
    for step, people in called.items():
        text = f"{' '.join(map(mention, people))} {_news(step, found, ticket, desk)}"
        yield Say(f"{_key(step)}/told", text, **_told(step, desk))


def _news(step: Step, found: Climb, ticket: Ticket, desk: Desk) -> str:
    """What is told of a step; nothing in it is a customer's word."""
    texts = _texts(desk)
    parts = [_why(step, desk)]
    if due := found.outlook.due(step.metric):
        parts.append(render(texts["due"], ticket, {"due": due}))
    if step.stays:
        parts.append(texts["stays"].format(person=_name(step.stays, desk)))
    return texts["joint"].join(parts)


def _told(step: Step, desk: Desk) -> dict[str, Any]:
    return {"because": _why(step, desk), "rule": step.policy, "rules": (step.policy,)}


def _why(step: Step, desk: Desk) -> str:
    """Which rung it was: `80% of resolution used (policy premium)`."""
    texts, metric = _texts(desk), metric_name(step.metric, desk.language)
    used = texts["used"].format(at=step.at, metric=metric, policy=step.policy)
    silent = step.takes and step.metric == Metric.ASSIGNEE_REPLY
    return texts["silent"].format(person=_name(step.takes, desk), used=used) if silent else used


def _key(step: Step) -> str:
    """One for each rung and cycle."""
    return f"{NAME}/{step.metric}/{step.at.rstrip('%')}/{step.since}"


def _name(person: str, desk: Desk) -> str:
    return neutral(desk.names.get(person, person))


def _texts(desk: Desk) -> Mapping[str, str]:
    return TEXTS["zh" if desk.language.startswith("zh") else "en"]
