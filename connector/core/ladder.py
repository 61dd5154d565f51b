"""The ladder: which rungs of a policy act now, each once in a cycle of its clock, and what those that acted hold.

What is remembered with the ticket is which rungs acted, in the cycle that began when. Facts may come late, be told
twice or be taken back: a record belongs to the first cycle of today's history that goes on after its start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeAlias

from ..frozen import EMPTY, FrozenDict
from ..model import Priority, Ticket
from ..plan import jsonable
from .calendars import Calendar
from .clock import Clock
from .clock_cycle import Cycle, Pace
from .sla import Rules, clocks_of, fields_after
from .slots import by_hand

KEPT, KEPT_ACKS = "fact:kept.escalation", "fact:kept.ack"
OF_HOLDER = {"ownership": "team", "assignee_reply": "assignee"}
"""Metrics whose cycle ends when a rung gives the ticket to somebody else: what it set outlives that."""

Rung: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A rung that acted at the part `at` of `metric`, in the cycle that began at `since`, by the policy so called.

    `sets` is what it holds: `priority`, `team`, `assignee`. `waits` are those who are told once the desk is open.
    `takes` lost the ticket to the team; from `stays` it was not taken any more.
    """

    metric: str
    at: str
    since: int
    policy: str = ""
    sets: Mapping[str, Any] = EMPTY
    waits: tuple[str, ...] = ()
    takes: str = ""
    stays: str = ""

    @property
    def part(self) -> Fraction:
        return part_of(self.at)

    @property
    def rung(self) -> tuple[str, str]:
        """Which rung of the ladder it is, whatever policy has it."""
        return self.metric, self.at


Held: TypeAlias = tuple[Any, Step]
"""What a slot is held at, and by which step."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is remembered of a ticket's rungs, the last that acted at the end.

    `taken` are those from whom it went back to the team; `told`: that it does so no more was told.
    """

    steps: tuple[Step, ...] = ()
    taken: tuple[str, ...] = ()
    told: bool = False

    def with_(self, step: Step) -> Ladder:
        """`step` has acted, instead of what its rung did before; nothing is held for one who loses the ticket."""
        kept = [each for each in self.steps if each.rung != step.rung]
        if step.takes:
            kept = [replace(each, sets=FrozenDict(each.sets).without("assignee")) for each in kept]
        taken = (*self.taken, step.takes) if step.takes else self.taken
        return Ladder((*kept, step), taken, self.told or bool(step.stays))

    def waiting(self, steps: Collection[Step]) -> Ladder:
        """Of `steps` people are told later, of no others."""
        return replace(self, steps=tuple(step if step in steps else replace(step, waits=()) for step in self.steps))

    def json(self) -> dict[str, Any]:
        """As it is kept; what is empty is left out."""
        names = [member.name for member in fields(Step)]
        steps = [{name: value for name in names if (value := getattr(step, name))} for step in self.steps]
        told = {"steps": jsonable(steps), "taken": list(self.taken), "told": self.told}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Due:
    """A rung that acts now, in `cycle`."""

    metric: str
    rung: Rung
    cycle: Cycle
    hit: int


def ladder_of(ticket: Ticket) -> Ladder:
    """What is remembered of the rungs of `ticket`."""
    told = ticket.ours.get(KEPT) or {}
    steps = (
        Step(**{**each, "sets": FrozenDict(each.get("sets", {})), "waits": tuple(each.get("waits", ()))})
        for each in told.get("steps", ())
    )
    return Ladder(tuple(steps), tuple(told.get("taken", ())), told.get("told", False))


def due_rungs(
    policy: Mapping[str, Any], found: Mapping[str, Clock], ladder: Ladder, acks: Iterable[int]
) -> list[Due]:
    """The rungs of `policy` that act now, in the order in which they came due.

    One acts if its part of the goal is used up in a cycle that goes on, it has not acted in this cycle, and nobody
    had acknowledged (at the instants `acks`) before it came due.
    """
    acks = tuple(acks)
    return sorted(
        (each for each in _reached(policy, found) if not _acted(each, ladder, found) and not _stopped(each, acks)),
        key=lambda each: (each.hit, part_of(each.rung["at"])),
    )


def cycle_of(since: int, cycles: Iterable[Cycle]) -> Cycle | None:
    """The cycle to which a record belongs that was made in one that began at `since`.

    The last that begins then: cycles of no length begin at the same second. Else the first that goes on after it,
    since a late event moved the beginning, or joined two.
    """
    same, later = None, None
    for cycle in cycles:
        if cycle.started_at == since:
            same = cycle
        elif later is None and (cycle.stopped_at is None or cycle.stopped_at > since):
            later = cycle
    return same or later


def acknowledged(cycle: Cycle, acks: Iterable[int]) -> int | None:
    """The first of `acks` at which `cycle` was running or paused."""
    return min((at for at in acks if _runs_at(cycle, at)), default=None)


def held(rules: Rules, calendars: Mapping[str, Calendar], ticket: Ticket, now: datetime) -> Mapping[str, Held]:
    """Slot → what a rung holds it at, and which: while its cycle is the last of its metric, by the history alone.

    What the plugins before wish for is no history, and must not end what is held against it.
    """
    steps = [step for step in ladder_of(ticket).steps if step.sets]
    if not steps:
        return EMPTY
    known_fields = fields_after(ticket.clock_events)
    known = clocks_of(rules, calendars, _as_known(ticket, known_fields), now)
    found: dict[str, Held] = {}
    for step in steps:
        for slot, value in step.sets.items():
            if _holds(step, slot, known.get(step.metric), known_fields) and _outdoes(slot, value, found):
                found[slot] = value, step
    return FrozenDict(found)


def as_held(ticket: Ticket, holds: Mapping[str, Held]) -> Ticket:
    """`ticket` as the rungs hold it: the priority at least at what they raised it to, nothing that a person took."""
    theirs = by_hand(ticket) if holds else ()
    for slot, (value, _) in holds.items():
        if slot in theirs:
            continue
        if slot == "priority":
            ticket = replace(ticket, priority=max(ticket.priority, Priority.of(value)))
        else:
            ticket = replace(ticket, **{slot: value})
    return ticket


def part_of(percent: str) -> Fraction:
    """`80%` → 4/5."""
    return Fraction(percent.rstrip("%")) / 100


def _as_known(ticket: Ticket, fields: Mapping[str, Any]) -> Ticket:
    """`ticket` as its history leaves it, whatever anybody wishes it to be."""
    return replace(
        ticket,
        status=fields.get("status"),
        priority=Priority.of(fields.get("priority") or "none"),
        team=fields.get("team"),
        assignee=fields.get("assignee"),
        type=fields.get("type"),
        labels=frozenset(fields.get("labels") or ()),
    )


def _reached(policy: Mapping[str, Any], found: Mapping[str, Clock]) -> Iterator[Due]:
    for rung in policy.get("escalate") or ():
        for metric, clock in found.items():
            cycle = clock.last
            if metric not in (rung.get("metrics") or found) or cycle is None or not cycle.open or cycle.goal is None:
                continue
            hit = min((at for part, at in cycle.hits.items() if part.part == part_of(rung["at"])), default=None)
            if hit is not None:
                yield Due(metric, rung, cycle, hit)


def _acted(each: Due, ladder: Ladder, found: Mapping[str, Clock]) -> bool:
    return any(
        step.rung == (each.metric, each.rung["at"]) and cycle_of(step.since, found[each.metric].cycles) is each.cycle
        for step in ladder.steps
    )


def _stopped(each: Due, acks: tuple[int, ...]) -> bool:
    at = acknowledged(each.cycle, acks)
    return at is not None and each.hit > at


def _runs_at(cycle: Cycle, at: int) -> bool:
    if at < cycle.started_at or (cycle.stopped_at is not None and at >= cycle.stopped_at):
        return False
    return not any(s.pace is Pace.SOLVED and s.since <= at < s.until for s in cycle.stretches)


def _holds(step: Step, slot: str, clock: Clock | None, fields: Mapping[str, Any]) -> bool:
    if clock is None or clock.last is None:
        return False
    if OF_HOLDER.get(step.metric) == slot and fields.get(slot) == step.sets[slot]:
        return True
    return cycle_of(step.since, clock.cycles) is clock.last


def _outdoes(slot: str, value: Any, found: Mapping[str, Held]) -> bool:
    """Of two priorities the higher is held, of all else what came last."""
    return slot != "priority" or slot not in found or Priority.of(value) >= Priority.of(found[slot][0])
