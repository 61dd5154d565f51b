"""Plugins are asked about one event of one ticket, and their wishes become one plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from ..changes import Change, Say
from ..core.conditions import conditions_in
from ..core.decide import US, Ask, Refuse, allowed, decide
from ..core.slots import pins_of
from ..desk import Desk
from ..frozen import EMPTY, FrozenDict
from ..model import Event, FieldChange, Ticket
from ..plan import Plan
from ..plugins_host import PluginHost
from ..rulebook import RuleFile
from ..store import Store

BUDGET = 10
BUDGET_SPAN = timedelta(hours=1)
HELD = "held: we wrote this more than 10 times within an hour"


def plan_for(
    host: PluginHost,
    file: RuleFile,
    ticket: Ticket,
    event: Event,
    desk: Desk,
    now: datetime,
    refuse: Refuse | None = None,
    orders: tuple[Change, ...] = (),
    language: str = "en",
) -> Plan:
    """The plan of `file` for `ticket` on `event` at `now`: the same function for `try`, live work and replay.

    `refuse` says what else than `allowed` forbids a change now. `orders` come after all plugins: what people
    set and our own write crossed.
    """

    def refused(change: Change) -> str | None:
        return allowed(change, desk.notices) or (refuse(change) if refuse else None)

    given_back = reopened_slots(file, ticket, event)
    seen = replace(
        ticket,
        pins=FrozenDict({s: p for s, p in ticket.pins.items() if s not in given_back}),
        ours=FrozenDict({s: v for s, v in ticket.ours.items() if s not in given_back}),
        released=FrozenDict({**ticket.released, **given_back}),
        event=event,
        as_of=now,
    )
    wishes = chain(asks(host, file, event, desk, now), [(US, lambda _: orders)] if orders else [])
    plan = decide(seen, wishes, refused, language, desk.names)
    return replace(plan, released=plan.released | given_back.keys())


def asks(host: PluginHost, file: RuleFile, event: Event, desk: Desk, now: datetime) -> Iterator[Ask]:
    """Each plugin of `file` in its order: first what it knows from outside, then what it wants."""
    for name in file.plugins:
        if host.has(name, "enrich"):
            yield name, partial(_enrich, host, name, file.sections.get(name))
        yield name, partial(_propose, host, name, file.sections.get(name), event, desk, now)


def _enrich(host: PluginHost, name: str, rules: Any, view: Ticket) -> Iterable[Change]:
    return host.enrich(name, ticket=view, rules=rules)


def _propose(
    host: PluginHost, name: str, rules: Any, event: Event, desk: Desk, now: datetime, view: Ticket
) -> Iterable[Change]:
    return host.propose(name, event=event, ticket=view, desk=desk, rules=rules, now=now)


def reopened_slots(file: RuleFile, ticket: Ticket, event: Event) -> Mapping[str, datetime]:
    """The slots that a reopening gave back to the rules, and when, where `release_on` has `reopened`.

    A person who took a slot since the ticket was last reopened, or in the same edit, keeps it.
    """
    if "reopened" not in file.release_on:
        return EMPTY
    told = max((change.at for change in event.changes if reopens(change)), default=None)
    last = max((change.at for change in (*ticket.history, *event.changes) if reopens(change)), default=None)
    given_back = {}
    for slot, pin in pins_of(ticket).items():
        # Taken at an instant that nobody knows: only the reopening itself can be said to come after it.
        at = last if pin.at else told
        if at and slot != "status" and (pin.at is None or pin.at < at):
            given_back[slot] = at
    return given_back


def reopens(change: FieldChange) -> bool:
    return change.slot == "status" and change.was == "done" and change.value not in (None, "done")


def refuse_over_budget(store: Store, ticket: Ticket, now: datetime) -> Refuse:
    """Why a change may not be written now: because of the loop budget."""

    def refuse(change: Change) -> str | None:
        if isinstance(change, Say) or change.by or change.seen_in(ticket):
            return None
        written = store.plans.recent_writes(ticket.tracker, ticket.id, change.slot, now - BUDGET_SPAN)
        return HELD if written >= BUDGET else None

    return refuse


def wake_of(file: RuleFile, ticket: Ticket) -> datetime | None:
    """The earliest instant at which a condition on `age` or on hours in `file` can change its answer for `ticket`."""
    instants = [at for _, condition in conditions_in(file.sections) if (at := condition.wakes(ticket))]
    return min(instants, default=None)
