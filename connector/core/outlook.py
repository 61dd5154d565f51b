"""What a ticket's clocks mean for those who work on it: how it stands, the next deadline, when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ..frozen import EMPTY, FrozenDict
from ..model import Ticket
from .calendars import Calendar
from .clock import Clock
from .clock_policy import WHOLE, Threshold
from .clock_words import clock_lines, due_line
from .instants import moment_of
from .ladder import as_held, held
from .sla import WARN_AT, Rules, clocks_of, part_of, policy_for


class Standing(StrEnum):
    """How a ticket stands, the worst first; a ticket has the label of one of them."""

    BREACHED = "breached"
    AT_RISK = "at-risk"
    OK = "ok"
    PAUSED = "paused"

    @property
    def label(self) -> str:
        """As it stands on the ticket: `sla::ok`."""
        return f"sla::{self.value}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when `metric` must be met; `zone` is that of the calendar by which it was counted."""

    metric: str
    at: datetime
    zone: ZoneInfo

    def shown(self, language: str = "en") -> str:
        """In that zone: `resolution due 2026-03-02 18:00 Asia/Shanghai`."""
        return due_line(self.metric, f"{self.at.astimezone(self.zone):%Y-%m-%d %H:%M} {self.zone.key}", language)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the policy that applies means for a ticket: its clocks by metric, and what follows from them.

    `standing` is the worst of all metrics, None while there is none. `deadline` is the nearest of what is not
    finished, past ones too. `next_look` is the earliest threshold still to come. `zones` maps a metric that has a
    goal to the zone of the calendar that counts it.
    """

    policy: Mapping[str, Any]
    clocks: Mapping[str, Clock]
    standing: Standing | None
    deadline: Deadline | None
    next_look: datetime | None
    zones: Mapping[str, ZoneInfo] = EMPTY

    def due(self, metric: str) -> datetime | None:
        """When the goal was, or will be, used up, in the zone of its calendar; None while nobody can tell."""
        clock = self.clocks[metric]
        return clock.due_at and clock.due_at.astimezone(self.zones.get(metric, UTC))

    def shown(self, language: str = "en") -> str:
        """All clocks that have a goal, in a few words."""
        return clock_lines(self.clocks, language)


def outlook(rules: Rules, calendars: Mapping[str, Calendar], ticket: Ticket, now: datetime) -> Outlook | None:
    """How `ticket` stands at `now` by the first of the policies `rules` that matches it; None if none does.

    `ticket` is as the plugins before would have it, and as the rungs that acted hold it; `calendars` are those of
    the desk.
    """
    ticket = as_held(ticket, held(rules, calendars, ticket, now))
    policy = policy_for(rules, ticket)
    if policy is None:
        return None
    clocks = clocks_of(rules, calendars, ticket, now)
    zones = {name: calendars[clock.goal.calendar].spec.zone for name, clock in clocks.items() if clock.goal}
    all_ = tuple(clocks.values())
    return Outlook(
        policy,
        clocks,
        standing(all_, last_warning(policy)),
        _nearest(all_, zones),
        next_look(all_),
        FrozenDict(zones),
    )


def last_warning(policy: Mapping[str, Any]) -> Threshold:
    """The threshold from which on a clock is at risk."""
    return max(map(part_of, policy.get("warn_at") or (WARN_AT,)), key=lambda part: part.part)


def standing(clocks: Iterable[Clock], warn: Threshold) -> Standing | None:
    """The worst of all metrics; at risk from `warn` on, paused where none runs."""
    found = {each for clock in clocks if (each := standing_of(clock, warn))}
    return next((each for each in Standing if each in found), None)


def _nearest(clocks: Iterable[Clock], zones: Mapping[str, ZoneInfo]) -> Deadline | None:
    found = [
        Deadline(clock.metric, clock.due_at, zones[clock.metric])
        for clock in clocks
        if clock.last and clock.last.open and clock.goal and clock.due_at
    ]
    return min(found, key=lambda deadline: deadline.at, default=None)


def next_look(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest threshold still to come."""
    instants = [
        at
        for clock in clocks
        if clock.last and clock.last.open
        for part in (WHOLE, *clock.last.policy.thresholds)
        if (at := clock.last.due(part)) is not None and at > clock.as_of
    ]
    return moment_of(min(instants)) if instants else None


def standing_of(clock: Clock, warn: Threshold) -> Standing | None:
    """How the ticket would stand if it had no other clock."""
    cycle = clock.last
    if cycle is None or cycle.cancelled:
        return None
    if clock.breached_at is not None:
        return Standing.BREACHED
    if not cycle.open:
        return Standing.OK
    if cycle.goal is None:
        return None
    if cycle.paused:
        return Standing.PAUSED
    return Standing.AT_RISK if warn in cycle.hits else Standing.OK
