"""Why a ticket is as it is, and why not otherwise: the record, put together for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..core.conditions import conditions_in
from ..core.mention import with_names
from ..core.ticket_file import event_from_json, ticket_from_json
from ..model import Ticket, Verdict
from ..plan import jsonable
from ..rulebook import RuleFile
from ..store import EffectRow, Store, StoredPlan, TicketRow
from .clocks import TicketClocks, clocks_now
from .services import Services
from .troubles import Trouble, troubles

SHOWN, EVERY = 20, 1000
"""So many plans are shown at first, and so many at most."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One rule that did not match: the first condition that was false, what it wanted and what was there."""

    plugin: str
    rule: str
    field: str
    wanted: str
    seen: Any


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a ticket's timeline: an instant, what happened, and to what it led."""

    at: datetime
    what: str
    who: str = ""
    slot: str = ""
    was: Any = None
    value: Any = None
    plan: int | None = None


@dataclass(frozen=True, slots=True)
class TicketPage:
    """All that is known of one ticket; `plans` is newest first, as `why` of the API prints them.

    `older`: there are plans before these.
    """

    ticket: Ticket
    row: TicketRow
    plans: tuple[Mapping[str, Any], ...]
    timeline: tuple[Moment, ...]
    whynot: tuple[WhyNot, ...]
    waiting: bool
    troubles: tuple[Trouble, ...] = ()
    older: bool = False
    clocks: TicketClocks | None = None


def ticket_page(services: Services, tracker: str, key: str, whole: bool = False) -> TicketPage | None:
    """The page of the ticket `key` (its key or its id) of `tracker`; None if we never met it.

    It has the newest 20 plans, or with `whole` the newest 1,000; `older` says that there are more.
    """
    row = services.store.tickets.find(tracker, key)
    if row is None:
        return None
    most = EVERY if whole else SHOWN
    found = services.store.plans.of_ticket(tracker, row.id, most + 1)
    stored = found[:most]
    # Read after its plans: what a finished plan has written is on it.
    row = services.store.tickets.get(tracker, row.id) or row
    ticket = ticket_from_json(row.snapshot)
    return TicketPage(
        ticket=ticket,
        row=row,
        plans=tuple(map(plan_shown, stored)),
        timeline=tuple(sorted(_timeline(services, row, stored), key=lambda moment: moment.at, reverse=True)),
        whynot=tuple(why_not(services, ticket, stored)),
        waiting=any(plan.row.state == "open" for plan in stored[:1]),
        troubles=tuple(troubles(services, row, stored)),
        older=len(found) > most,
        clocks=clocks_now(services, tracker, row.id),
    )


def plans_of(
    store: Store, tracker: str, key: str, limit: int = SHOWN, before: int | None = None
) -> list[Mapping[str, Any]] | None:
    """The newest `limit` plans of one ticket, newest first, as `try` prints each plus `id at event …`.

    `before` is the number of the plan behind which to go on. None if we never met the ticket.
    """
    row = store.tickets.find(tracker, key)
    if row is None:
        return None
    return [plan_shown(stored) for stored in store.plans.of_ticket(tracker, row.id, limit, before)]


_WITHOUT: Mapping[str, Any] = {"applies": "", "failures": ()}


def plan_shown(stored: StoredPlan) -> dict[str, Any]:
    row = stored.row
    event = row.event or {}
    decided = row.decisions or {}
    return {
        **({} if decided else _WITHOUT),
        **decided,
        "decisions": [_as_it_went(decision, stored) for decision in decided.get("decisions", ())],
        "id": stored.id,
        "at": jsonable(stored.at),
        "state": row.state,
        "event": {name: event.get(name) for name in ("kind", "at", "actor")} | _asked_for(event),
        "rules_digest": row.rules_digest,
        "removed_at": jsonable(stored.removed_at),
        "effects": [
            {
                "key": effect.key,
                "slot": effect.slot,
                "op": effect.op,
                "before": effect.before,
                "after": _named(effect, decided),
                "state": effect.state,
                "why": effect.why,
                "status": (effect.response or {}).get("status"),
                "done_at": jsonable(effect.done_at),
            }
            for effect in stored.effects
        ],
    }


def _named(effect: EffectRow, decided: Mapping[str, Any]) -> Any:
    """What the effect brings; people whom a text mentions stand there by name, as in its decision."""
    if not isinstance(effect.after, Mapping) or "text" not in effect.after:
        return effect.after
    values = (each["value"] for each in decided.get("decisions", ()) if each["slot"] == effect.slot)
    told = [value["text"] for value in values if isinstance(value, Mapping) and "text" in value]
    return {**effect.after, "text": told[-1] if told else with_names(effect.after["text"], {})}


def _asked_for(event: Mapping[str, Any]) -> dict[str, Any]:
    """The number of the backfill that asked for this plan, where one did."""
    return {"backfill": event["backfill"]} if event.get("backfill") else {}


def _as_it_went(decision: Mapping[str, Any], stored: StoredPlan) -> Mapping[str, Any]:
    """The decision with the verdict that writing it back led to, where the tracker or a person was against it."""
    if decision["verdict"] != Verdict.APPLY.value:
        return decision
    effect = next((effect for effect in stored.effects if effect.slot == decision["slot"]), None)
    if effect is None:
        return decision
    if effect.state == "refused":
        return {**decision, "verdict": Verdict.REFUSED.value, "reason": effect.why}
    # Effects of a ticket that is gone are dropped too, and no person is to blame.
    if effect.state == "dropped" and effect.why == Verdict.PERSON.value:
        return {**decision, "verdict": Verdict.PERSON.value}
    return decision


def why_not(
    services: Services, ticket: Ticket, stored: tuple[StoredPlan, ...] | list[StoredPlan]
) -> Iterator[WhyNot]:
    """Every rule of today's file that does not match the ticket, with its first false condition.

    Seen with the event and the facts of the newest plan, so that it answers for that decision.
    """
    file = services.rules.current.file_for(ticket.tracker, ticket.project)
    if file is None:
        return
    seen = ticket
    if stored:
        newest = stored[0].row
        facts = (newest.decisions or {}).get("facts") or {}
        event = event_from_json(newest.event) if newest.event else None
        seen = replace(ticket, facts={**ticket.facts, **facts}, event=event, as_of=stored[0].at)
    yield from _false_rules(file, seen)


def _false_rules(file: RuleFile, ticket: Ticket) -> Iterator[WhyNot]:
    for plugin, section in file.sections.items():
        for rule, when in conditions_in(section):
            if rule.get("when") is not when:
                continue
            why = when.why(ticket)
            if not why.matched and (first := why.first_false):
                yield WhyNot(plugin, str(rule.get("id", "")), first.field, first.wanted, first.seen)


def _timeline(
    services: Services, row: TicketRow, stored: tuple[StoredPlan, ...] | list[StoredPlan]
) -> Iterator[Moment]:
    if row.created:
        yield Moment(row.created, "created")
    for change in services.store.tickets.history(row.tracker, row.id):
        who = change.by_name or change.by_account
        yield Moment(change.at, "changed", who, change.slot, change.was, change.value)
    for comment in services.store.tickets.comments(row.tracker, row.id):
        if comment.at:
            yield Moment(comment.at, "commented", comment.by_role or "", value=comment.audience)
    for plan in stored:
        yield Moment(plan.at, "decided", plan.row.mode, value=plan.row.state, plan=plan.id)
