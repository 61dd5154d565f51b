"""Says by when things must happen, shows how it stands, and wakes up before it is too late.

    sla:
      - id: premium
        when: {customer.tier: [gold, platinum]}
        pause_when: {status: [pending, on_hold]}
        targets:
          first_response: {urgent: 15m 24x7, high: 1h 24x7, default: 4h cn-office}
          resolution: {urgent: 4h 24x7, high: 8h 24x7, default: 24h cn-office}
        warn_at: [50%, 80%]
      - id: standard
        targets: {first_response: 8h cn-office, resolution: 40h cn-office}

The first policy that matches wins; what each metric counts is told in `docs/sla.md`. The ticket gets the nearest
due date, in the zone of its calendar, and one label: `sla::ok`, `sla::at-risk` from the last warning on,
`sla::breached`, or `sla::paused`, the worst of its metrics. Replies and conditions can use
`sla.first_response.due_at`, `sla.first_response.state` and the like of every metric, and `sla.policy`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connector import (
    AddLabel,
    Change,
    Desk,
    DueBy,
    Fact,
    FactType,
    Metric,
    Outlook,
    RemoveLabel,
    SetFact,
    SetField,
    Standing,
    Ticket,
    WakeAt,
    hookimpl,
    outlook,
)

DUE_AT = "due_at"
"""The field of `_names.yaml` that holds the instant, where a tracker has one beside its due date."""
STATES = ("not_started", "running", "paused", "inactive", "met", "missed", "cancelled")


@hookimpl
def facts() -> Iterator[Fact]:
    yield Fact("sla.policy")
    for metric in Metric:
        yield Fact(f"sla.{metric}.state", FactType.WORD, STATES)
        yield Fact(f"sla.{metric}.due_at", FactType.INSTANT)
        yield Fact(f"sla.{metric}.breached", FactType.BOOL)


@hookimpl
def propose(ticket: Ticket, desk: Desk, rules: Any, now: datetime) -> Iterator[Change]:
    found = outlook(rules or (), desk.calendars, ticket, now)
    if found is None:
        return
    name = found.policy["id"]
    told = {"rule": name, "rules": (name,)}
    yield SetFact("sla.policy", name, **told)
    for metric, clock in found.clocks.items():
        yield SetFact(f"sla.{metric}.state", clock.state, **told)
        if clock.last:
            yield SetFact(f"sla.{metric}.breached", clock.breached_at is not None, **told)
        if due := found.due(metric):
            yield SetFact(f"sla.{metric}.due_at", due, **told)
    yield from _shown(ticket, found, desk, told)
    if found.next_look:
        yield WakeAt(found.next_look, "sla", **told)


def _shown(ticket: Ticket, found: Outlook, desk: Desk, told: dict[str, Any]) -> Iterator[Change]:
    """The label and the due date, with all clocks as the reason."""
    if found.standing is None:
        return
    yield AddLabel(found.standing.label, because=found.shown(desk.language), **told)
    for each in Standing:
        if each is not found.standing and each.label in ticket.labels:
            yield RemoveLabel(each.label, because=found.standing.label, **told)
    if deadline := found.deadline:
        # One slot for all: the nearest deadline is now of this metric, now of that.
        because = deadline.shown(desk.language)
        yield DueBy("sla", deadline.at, zone=deadline.zone.key, because=because, **told)
        if ticket.tracker in desk.fields.get(DUE_AT, ()):
            yield SetField(DUE_AT, f"{deadline.at:%Y-%m-%dT%H:%M:%SZ}", because=because, **told)
