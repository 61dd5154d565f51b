"""What the templates show, worked out beforehand: a template chooses no facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from ..engine.why import Moment, TicketPage, WhyNot
from ..model import Priority, Role, Ticket
from ..store import TicketRow

HEADLINES = ("priority", "team", "assignee")
PATIENCE = timedelta(minutes=1)
SILENT = ("fact", "wake")
OURS = Role.US.value
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the desk."""

    tracker: str
    key: str
    title: str
    priority: str
    status: str
    team: str
    assignee: str
    age: timedelta | None
    shadow: bool
    gone: bool

    @classmethod
    def of(cls, row: TicketRow, now: datetime) -> RowView:
        return cls(
            tracker=row.tracker,
            key=row.key or row.id,
            title=row.title or row.key or row.id,
            priority=Priority(row.priority).word,
            status=row.status or "",
            team=row.team or "",
            assignee=row.assignee or "",
            age=now - row.created if row.created else None,
            shadow=row.mode == "shadow",
            gone=row.gone,
        )


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer to "which, and why?" for one slot; `wanted` is what the rules wished for it."""

    slot: str
    value: str
    wanted: Any = None
    because: str = ""
    verdict: str = ""

    @property
    def stands(self) -> bool:
        """Is it as the rules wanted?"""
        return self.verdict in ("apply", "already so")


@dataclass(frozen=True, slots=True)
class MomentView:
    """One line of what happened; `effects` are the writes of the plan that was made then."""

    at: datetime
    what: str
    who: str
    slot: str
    was: Any
    value: Any
    plan: Json | None

    @property
    def effects(self) -> Sequence[Json]:
        return (self.plan or {}).get("effects") or ()


@dataclass(frozen=True, slots=True)
class PageView:
    """A ticket's page. `waiting`: something is still on its way, look again soon."""

    ticket: Ticket
    row: TicketRow
    headlines: tuple[Headline, ...]
    decisions: tuple[Json, ...]
    failures: tuple[Json, ...]
    facts: tuple[tuple[str, Any], ...]
    whynot: tuple[tuple[str, tuple[WhyNot, ...]], ...]
    timeline: tuple[MomentView, ...]
    decided: bool
    age: timedelta | None
    shadow: bool
    waiting: bool

    @classmethod
    def of(cls, page: TicketPage, now: datetime) -> PageView:
        newest: Json = page.plans[0] if page.plans else {}
        decisions = tuple(newest.get("decisions") or ())
        return cls(
            ticket=page.ticket,
            row=page.row,
            headlines=tuple(_headline(slot, page.ticket, page.plans) for slot in HEADLINES),
            decisions=tuple(d for d in decisions if _kind(d["slot"]) not in SILENT),
            failures=tuple(newest.get("failures") or ()),
            facts=tuple(sorted((newest.get("facts") or {}).items())),
            whynot=tuple((plugin, tuple(rules)) for plugin, rules in groupby(page.whynot, lambda rule: rule.plugin)),
            timeline=_timeline(page),
            decided=bool(page.plans),
            age=now - page.ticket.created if page.ticket.created else None,
            shadow=newest.get("mode") == "shadow",
            waiting=_waiting(page, now),
        )


def _timeline(page: TicketPage) -> tuple[MomentView, ...]:
    plans = {plan["id"]: plan for plan in page.plans}

    def view(moment: Moment) -> MomentView:
        plan = plans.get(moment.plan) if moment.plan is not None else None
        return MomentView(moment.at, moment.what, moment.who, moment.slot, moment.was, moment.value, plan)

    # What we said ourselves stands among the writes of its plan.
    return tuple(view(moment) for moment in page.timeline if (moment.what, moment.who) != ("commented", OURS))


def _headline(slot: str, ticket: Ticket, plans: Sequence[Json]) -> Headline:
    decision = next((d for plan in plans for d in reversed(plan.get("decisions") or ()) if _decides(d, slot)), None)
    value = ticket.priority.word if slot == "priority" else getattr(ticket, slot) or ""
    if decision is None:
        return Headline(slot, value)
    return Headline(slot, value, decision["value"], decision["because"], decision["verdict"])


def _decides(decision: Json, slot: str) -> bool:
    return bool(decision["slot"] == slot and decision["verdict"] != "overruled by a later plugin")


def _kind(slot: str) -> str:
    return slot.partition(":")[0]


def _waiting(page: TicketPage, now: datetime) -> bool:
    """Is a first plan, or a write, still to come?  Not for ever: after a minute it is no longer news."""
    if page.plans and not page.waiting:
        return False
    if not page.plans and page.row.contact:
        return False
    since = page.ticket.updated or page.ticket.created
    return since is None or now - since < PATIENCE
