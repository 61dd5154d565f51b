"""What plugins want → one plan: each is asked in order, the last wish per slot is compared with the ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ..changes import Change, Notify, Say, SetFact
from ..errors import PluginError
from ..frozen import EMPTY, FrozenDict
from ..model import Kind, Pin, Role, Ticket, Verdict
from ..plan import Decision, Failure, Plan
from .explain import reasons
from .slots import pins_of

Ask: TypeAlias = tuple[str, Callable[[Ticket], Iterable[Change]]]
Refuse: TypeAlias = Callable[[Change], str | None]

US = "pointsman"
"""Whose wishes carry out what a person has done already; no later hand is being overruled by them."""

RELEASED = "released."
"""`SetFact("released.<slot>", person)` in an agent's comment gives the slot back to the rules."""
LADDER = "escalation"
"""The plugin that may do so at any time: a silent assignee's word, and that about them, runs out."""


NO_ADDRESS = "nobody can be reached by this name: write `NAME: {url: …}` under `notify:` in `_people.yaml`"


def allowed(change: Change, receivers: Set[str] = frozenset()) -> str | None:
    """Why `change` can be made at no tracker; None if it can. `receivers` are the names that notices reach."""
    return NO_ADDRESS if isinstance(change, Notify) and change.to not in receivers else None


def decide(
    ticket: Ticket,
    asks: Iterable[Ask],
    refuse: Refuse = allowed,
    language: str = "en",
    names: Mapping[str, str] = EMPTY,
) -> Plan:
    """One plan from the wishes of all plugins, each asked with the ticket as the ones before would have it.

    `ticket` carries its event, `as_of`, history and what we stand for. `refuse` says why a change
    cannot be made here, None if it can. A plugin that raises `PluginError` becomes a failure of the
    plan; the others are asked all the same. `language` is that of the reasons in an answer to `why`, and
    `names` maps a person's id to the name shown there.
    """
    pins = dict(pins_of(ticket))
    view, wishes, failures = _ask_all(ticket, asks, pins)
    released = _released(ticket, wishes)
    for slot in released:
        pins.pop(slot, None)
    last = {change.slot: index for index, (_, change) in enumerate(wishes)}
    decisions = []
    for index, (plugin, change) in enumerate(wishes):
        if index != last[change.slot]:
            decisions.append(Decision(plugin, change, Verdict.OVERRULED))
        else:
            decisions.append(_judge(ticket, plugin, change, pins, refuse))
    facts = FrozenDict({k: v for k, v in view.facts.items() if not k.startswith(RELEASED)})
    plan = Plan(tuple(decisions), tuple(failures), facts, FrozenDict(pins), frozenset(released))
    return _with_reasons(plan, language, names)


def _ask_all(
    ticket: Ticket, asks: Iterable[Ask], pins: Mapping[str, Pin]
) -> tuple[Ticket, list[tuple[str, Change]], list[Failure]]:
    view, wishes, failures = ticket, [], []
    for plugin, ask in asks:
        try:
            changes = tuple(ask(view))
        except PluginError as error:
            failures.append(Failure(plugin, type(error).__name__, error.cause))
            continue
        for change in changes:
            wishes.append((plugin, change))
            if change.by or change.slot not in pins:
                view = change.on(view)
    return view, wishes, failures


def seen_by(plugin: str, order: Sequence[str], ticket: Ticket, plan: Plan) -> Ticket:
    """`ticket` as the plugins before `plugin` in `order` left it, when `plan` was decided on it."""
    before, pins = order[: order.index(plugin)], pins_of(ticket)
    for decision in plan.decisions:
        if decision.plugin in before and (decision.change.by or decision.change.slot not in pins):
            ticket = decision.change.on(ticket)
    return ticket


def _released(ticket: Ticket, wishes: Iterable[tuple[str, Change]]) -> set[str]:
    told = _told_by_an_agent(ticket)
    return {
        change.name.removeprefix(RELEASED)
        for plugin, change in wishes
        if isinstance(change, SetFact) and change.name.startswith(RELEASED) and (told or plugin == LADDER)
    }


def _told_by_an_agent(ticket: Ticket) -> bool:
    event = ticket.event
    if event is None or event.comment is None or event.kind not in (Kind.COMMENTED, Kind.UPDATED):
        return False
    return Role.AGENT in (event.comment.author.role, event.by)


def _judge(ticket: Ticket, plugin: str, change: Change, pins: dict[str, Pin], refuse: Refuse) -> Decision:
    if reason := refuse(change):
        return Decision(plugin, change, Verdict.REFUSED, reason)
    if change.by:
        return _judge_order(ticket, plugin, change, pins)
    if change.seen_in(ticket):
        return Decision(plugin, change, Verdict.ALREADY)
    if pin := pins.get(change.slot):
        return Decision(plugin, change, Verdict.PERSON, pin.by)
    return Decision(plugin, change, Verdict.APPLY)


def _judge_order(ticket: Ticket, plugin: str, change: Change, pins: dict[str, Pin]) -> Decision:
    """A person's order outranks an earlier hand, and gives way to a later one (an order may be found late)."""
    at = ticket.event.at if ticket.event else None
    pin = pins.get(change.slot)
    if plugin != US and pin and pin.at and at and pin.at > _end_of(at):
        return Decision(plugin, change, Verdict.PERSON, pin.by)
    pins[change.slot] = Pin(change.by, at or ticket.as_of)
    return Decision(plugin, change, Verdict.ALREADY if change.seen_in(ticket) else Verdict.APPLY)


def _end_of(at: datetime) -> datetime:
    """The last instant that `at` may stand for: GitLab tells the time of a note by the second."""
    return at if at.microsecond else at + timedelta(seconds=1)


def _with_reasons(plan: Plan, language: str, names: Mapping[str, str]) -> Plan:
    def filled(decision: Decision) -> Decision:
        change: Any = decision.change
        if not isinstance(change, Say) or not change.with_why:
            return decision
        text = "\n".join((change.text, *reasons(plan, language, names))).strip()
        return replace(decision, change=replace(change, text=text))

    return replace(plan, decisions=tuple(map(filled, plan.decisions)))
