"""A ticket's page, worked out beforehand: a template chooses no facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from ..core.change_json import change_from_json
from ..engine.troubles import Trouble
from ..engine.why import Moment, TicketPage, WhyNot
from ..model import Role, Ticket
from ..plan import jsonable
from ..store import TicketRow
from .view_clocks import ClockView, clock_views

HEADLINES = ("priority", "team", "assignee")
PATIENCE = timedelta(minutes=1)
SILENT = ("fact", "wake")
OURS = Role.US.value
UNWRITTEN = "shadow"
"""The verdict of what would be written if its rule file were live."""
MOMENTS = 100
TEXT_SHOWN, TITLE_SHOWN = 10_000, 300
Json = Mapping[str, Any]


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
class EffectView:
    """One write of a plan: what was there, what was to be there, the rule that wanted it, and what became of it."""

    slot: str
    before: Any
    after: Any
    state: str
    why: str
    status: int | None
    source: str = ""
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, effect: Json, source: str = "") -> EffectView:
        after = effect.get("after") or {}
        told = effect.get("why", ""), effect.get("status")
        if effect.get("op") == "Note":
            return cls(effect["slot"], None, None, effect["state"], *told, lines=tuple(after.get("lines") or ()))
        return cls(effect["slot"], effect.get("before"), _wanted(after), effect["state"], *told, source)


@dataclass(frozen=True, slots=True)
class MomentView:
    """One line of what happened; `plan` is the plan that was made then."""

    at: datetime
    what: str
    who: str
    slot: str
    was: Any
    value: Any
    plan: Json | None

    @property
    def effects(self) -> tuple[EffectView, ...]:
        plan = self.plan or {}
        sources = dict(_sources(plan.get("decisions") or ()))
        return tuple(EffectView.of(effect, sources.get(effect["slot"], "")) for effect in plan.get("effects") or ())

    @property
    def unwritten(self) -> bool:
        """Did the rules want something that shadow mode kept from being written?"""
        return any(d["verdict"] == UNWRITTEN and _kind(d["slot"]) not in SILENT for d in _decisions(self.plan or {}))

    @property
    def by(self) -> str:
        """Who did what the plan answers to; '' where nobody is known."""
        actor = ((self.plan or {}).get("event") or {}).get("actor") or {}
        return str(actor.get("name") or actor.get("account") or "") if isinstance(actor, Mapping) else str(actor)


@dataclass(frozen=True, slots=True)
class PageView:
    """A ticket's page. `waiting`: something is still on its way, look again soon. `whole`: nothing is cut."""

    ticket: Ticket
    row: TicketRow
    headlines: tuple[Headline, ...]
    decisions: tuple[Json, ...]
    failures: tuple[Json, ...]
    facts: tuple[tuple[str, Any], ...]
    whynot: tuple[tuple[str, tuple[WhyNot, ...]], ...]
    timeline: tuple[MomentView, ...]
    earlier: int
    older: bool
    troubles: tuple[tuple[Trouble, tuple[str, ...]], ...]
    language: str
    decided: bool
    age: timedelta | None
    shadow: bool
    backfill: int
    waiting: bool
    whole: bool
    clocks: tuple[ClockView, ...] = ()

    @classmethod
    def of(cls, page: TicketPage, now: datetime, whole: bool = False) -> PageView:
        newest: Json = page.plans[0] if page.plans else {}
        decisions = _decisions(newest)
        facts = newest.get("facts") or {}
        timeline = _timeline(page)
        shown = timeline if whole else timeline[:MOMENTS]
        return cls(
            ticket=page.ticket,
            row=page.row,
            headlines=tuple(_headline(slot, page.ticket, page.plans) for slot in HEADLINES),
            decisions=tuple(d for d in decisions if _kind(d["slot"]) not in SILENT),
            failures=tuple(newest.get("failures") or ()),
            facts=tuple(sorted(item for item in facts.items() if not item[0].startswith("sla."))),
            whynot=tuple((plugin, tuple(map(_told, rules))) for plugin, rules in groupby(page.whynot, _plugin)),
            timeline=shown,
            earlier=len(timeline) - len(shown),
            older=page.older,
            troubles=_told_once(page.troubles),
            language=_tag(facts.get("language")),
            decided=bool(page.plans),
            age=now - page.ticket.created if page.ticket.created else None,
            shadow=newest.get("mode") == "shadow",
            backfill=newest.get("event", {}).get("backfill", 0),
            waiting=_waiting(page, now),
            whole=whole,
            clocks=tuple(clock_views(page.clocks)) if page.clocks else (),
        )

    def limit(self, text: str) -> int:
        """How many characters of `text` are shown."""
        return len(text) if self.whole else TEXT_SHOWN


def _timeline(page: TicketPage) -> tuple[MomentView, ...]:
    plans = {plan["id"]: plan for plan in page.plans}

    def view(moment: Moment) -> MomentView:
        plan = plans.get(moment.plan) if moment.plan is not None else None
        return MomentView(moment.at, moment.what, moment.who, moment.slot, moment.was, moment.value, plan)

    # What we said ourselves stands among the writes of its plan.
    return tuple(view(moment) for moment in page.timeline if (moment.what, moment.who) != ("commented", OURS))


def _sources(decisions: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """Each slot with the plugin and the rule whose wish for it is carried out."""
    for decision in decisions:
        if decision["verdict"] != "overruled by a later plugin":
            yield decision["slot"], " · ".join(filter(None, (decision["plugin"], decision["rule"])))


def _wanted(after: Json) -> Any:
    try:
        return jsonable(change_from_json(after).shown)
    except (KeyError, TypeError, ValueError):
        return None  # A change of a later release, or one whose texts were erased.


def _headline(slot: str, ticket: Ticket, plans: Sequence[Json]) -> Headline:
    decision = next((d for plan in plans for d in reversed(_decisions(plan)) if _decides(d, slot)), None)
    value = ticket.priority.word if slot == "priority" else getattr(ticket, slot) or ""
    if decision is None:
        return Headline(slot, value)
    return Headline(slot, value, decision["value"], decision["because"], decision["verdict"])


def _decisions(plan: Json) -> tuple[Json, ...]:
    """The decisions of a plan; one that shadow mode kept from being written does not count as applied."""
    made = tuple(plan.get("decisions") or ())
    if plan.get("mode") != "shadow":
        return made
    return tuple({**d, "verdict": UNWRITTEN} if d["verdict"] == "apply" else d for d in made)


def _decides(decision: Json, slot: str) -> bool:
    return bool(decision["slot"] == slot and decision["verdict"] != "overruled by a later plugin")


def _plugin(rule: WhyNot) -> str:
    return rule.plugin


def _told(rule: WhyNot) -> WhyNot:
    """`rule` with what was seen as text; '' for nothing."""
    seen = rule.seen
    if isinstance(seen, list | tuple | set | frozenset):
        seen = ", ".join(map(str, sorted(seen, key=str) if isinstance(seen, set | frozenset) else seen))
    return replace(rule, seen="" if seen is None else str(seen))


def _kind(slot: str) -> str:
    return slot.partition(":")[0]


def _tag(language: Any) -> str:
    """The ticket's language for `lang`, '' if it is not known."""
    return language if isinstance(language, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language) else ""


def _waiting(page: TicketPage, now: datetime) -> bool:
    """Is a first plan, or a write, still to come?  Not for ever: after a minute it is no longer news."""
    if page.plans and not page.waiting:
        return False
    if not page.plans and page.row.contact:
        return False
    since = page.ticket.updated or page.ticket.created
    return since is None or now - since < PATIENCE


def _told_once(troubles: Iterable[Trouble]) -> tuple[tuple[Trouble, tuple[str, ...]], ...]:
    """Each trouble with the slots it keeps from being written: one answer of a tracker often refuses several."""
    alike: dict[Trouble, list[str]] = {}
    for trouble in troubles:
        alike.setdefault(replace(trouble, slot=""), []).append(trouble.slot.partition(":")[0])
    return tuple((trouble, tuple(dict.fromkeys(slots))) for trouble, slots in alike.items())
