"""A ticket's clocks as rows of the store, computed from its history by the policies of its rule file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.calendars import Calendar
from ..core.clock import Clock, breached_at, clocks, state_of
from ..core.clock_cycle import Cycle
from ..core.clock_policy import WHOLE
from ..core.clock_story import story
from ..core.instants import moment_of
from ..core.outlook import last_warning, standing_of
from ..core.sla import DONE, clock_policy, fields_after
from ..core.sla_terms import POLICY, plain_id
from ..model import Priority
from ..plan import jsonable
from ..rulebook import RuleFile
from ..store import CycleRow
from .policy import policies

Events = Sequence[Mapping[str, Any]]
Calendars = Mapping[str, Calendar]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose clocks they are, and what reports ask of a ticket that its history does not tell."""

    tracker: str
    ticket: str
    project: str
    tier: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A ticket's clocks by nothing but its history; `rule` is the policy that it names, if there still is one."""

    clocks: Mapping[str, Clock]
    rule: Mapping[str, Any] | None = None


def count(file: RuleFile, calendars: Calendars, events: Events, at: int) -> Count:
    """The clocks of a ticket of `file` with this history at `at`; none where the file has no policies."""
    rules = policies(file)
    if not rules:
        return Count({})
    current = plain_id(fields_after(events, at).get(POLICY))
    rule = next((rule for rule in rules if rule["id"] == current), None)
    return Count(clocks(clock_policy(rules, current, calendars, events), calendars, events, at), rule)


def cycle_rows(
    of: Subject, file: RuleFile, calendars: Calendars, events: Events, counted: Count
) -> tuple[CycleRow, ...]:
    """Every cycle of every metric that was counted."""
    found = counted.clocks.values()
    ends = {cycle.stopped_at for clock in found for cycle in clock.cycles}
    pasts = _pasts(events, {at for at in ends if at is not None})
    return tuple(
        _row(of, file, calendars, counted, clock, number, pasts)
        for clock in found
        for number in range(1, len(clock.cycles) + 1)
    )


def _row(
    of: Subject,
    file: RuleFile,
    calendars: Calendars,
    counted: Count,
    clock: Clock,
    number: int,
    pasts: Mapping[int, str],
) -> CycleRow:
    cycle = clock.cycles[number - 1]
    state, goal, fields = state_of(cycle), cycle.goal, cycle.fields
    calendar = calendars[goal.calendar] if goal else None
    breached, due = breached_at(cycle), cycle.due(WHOLE)
    zero = _zero_mark(cycle, state, calendar, clock.as_of)
    last = cycle is clock.last
    stands = standing_of(clock, last_warning(counted.rule)) if last and counted.rule else None
    return CycleRow(
        tracker=of.tracker,
        ticket=of.ticket,
        metric=clock.metric,
        number=number,
        state=state,
        rules=file.clocks,
        counted_at=moment_of(clock.as_of),
        started_at=moment_of(cycle.started_at),
        stopped_at=_moment(cycle.stopped_at),
        policy=plain_id(fields.get(POLICY)),
        calendar=goal.calendar if goal else None,
        zone=calendar.spec.zone.key if calendar else None,
        goal_s=goal.seconds if goal else None,
        elapsed_s=cycle.elapsed,
        remaining_s=goal.seconds - cycle.elapsed if goal and not cycle.cancelled else None,
        due_at=_moment(due),
        breached_at=_moment(breached),
        breach_at=_moment(due if breached is None and state == "running" else breached),
        standing=stands.value if stands else None,
        zero_mark=zero,
        due_mark=zero + goal.seconds if zero is not None and goal else None,
        history="" if cycle.stopped_at is None else pasts[cycle.stopped_at],
        priority=fields.get("priority") or Priority.NONE.word,
        tier=of.tier,
        channel=of.channel,
        team=fields.get("team"),
        project=of.project,
        applies=file.name,
        is_last=last,
    )


def _zero_mark(cycle: Cycle, state: str, calendar: Calendar | None, at: int) -> int | None:
    """See `CycleRow`: while a clock is paused no time passes for it."""
    if calendar is None or state not in ("running", "paused"):
        return None
    return (calendar.mark(at) if state == "running" else 0) - cycle.elapsed


def _pasts(events: Events, stops: set[int]) -> dict[int, str]:
    """For each of the instants a digest of all that happened up to it, but for what policies promised."""
    if not stops:
        return {}
    told = [event for event in events if event.get("field") != POLICY]
    steps = iter((*story(told, DONE, max(stops), None), None))
    total, found = hashlib.sha256(), {}
    step = next(steps)
    for stop in sorted(stops):
        while step is not None and step.at <= stop:
            shown = [step.at, step.signal.name, step.by, step.person, jsonable(step.fields)]
            total.update(json.dumps(shown, sort_keys=True).encode())
            step = next(steps)
        found[stop] = total.hexdigest()[:16]
    return found


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment_of(seconds)
