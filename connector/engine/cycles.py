"""A ticket's clocks as rows of the store, computed from its history by the policies of its rule file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..core.calendars import Calendar
from ..core.clock import Clock, breached_at, clocks, state_of
from ..core.clock_cycle import Cycle
from ..core.clock_facts import Fact, events_of
from ..core.clock_policy import WHOLE
from ..core.clock_story import story
from ..core.instants import moment_of, whole_second
from ..core.sla import DONE, clock_policy, fields_after
from ..core.sla_terms import POLICY, plain_id
from ..frozen import frozen
from ..model import Priority
from ..plan import jsonable
from ..rulebook import Rulebook, RuleFile
from ..store import CycleRow, Work
from .in_force import in_force_since
from .look import Look
from .policy import found_policy, policies, policy_fact
from .record import Drawn
from .services import Services

Events = Sequence[Mapping[str, Any]]
TIER = "customer.tier"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose clocks they are, and what reports ask of a ticket that its history does not tell."""

    tracker: str
    ticket: str
    project: str
    tier: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a plan makes of the ticket's clocks: a new fact, if another policy applies, and all cycles."""

    facts: tuple[Fact, ...] = ()
    rows: tuple[CycleRow, ...] = ()

    def keep(self, work: Work, look: Look) -> None:
        """Store it in the transaction of the plan."""
        tracker, ticket = look.tracker.name, look.ticket
        work.add_facts(tracker, ticket.id, self.facts)
        work.put_cycles(tracker, ticket.id, self.rows, is_over=ticket.status == "done")


def counted(services: Services, look: Look, book: Rulebook, drawn: Drawn) -> tuple[Look, Counted]:
    """The ticket's clocks after `drawn`, and `look` with the policy that it found in the ticket's history."""
    ticket, file, plan = look.ticket, look.file, drawn.plan
    assert file is not None
    rule = found_policy(plan, file)
    fact = None
    if rule is not False:
        fact = policy_fact(ticket.clock_events, rule, drawn.at, lambda: in_force_since(services, file))
    if fact is not None:
        known = services.store.tickets.facts(look.tracker.name, ticket.id)
        ticket = replace(ticket, clock_events=tuple(map(frozen, events_of((*known, fact)))))
    tier = plan.facts.get(TIER)
    of = Subject(look.tracker.name, ticket.id, ticket.project, None if tier is None else str(tier), ticket.channel)
    rows = cycle_rows(of, file, book.desk.calendars, ticket.clock_events, drawn.at)
    return replace(look, ticket=ticket), Counted((fact,) if fact else (), rows)


def file_clocks(file: RuleFile, calendars: Mapping[str, Calendar], events: Events, at: int) -> dict[str, Clock]:
    """The clocks of a ticket of `file` with this history at `at`, by nothing but the history."""
    rules = policies(file)
    current = plain_id(fields_after(events, at).get(POLICY))
    return clocks(clock_policy(rules, current, calendars, events), calendars, events, at)


def cycle_rows(
    of: Subject, file: RuleFile, calendars: Mapping[str, Calendar], events: Events, now: datetime
) -> tuple[CycleRow, ...]:
    """Every cycle of every metric as it stands at `now`; none where the file has no policies."""
    if not policies(file):
        return ()
    found = file_clocks(file, calendars, events, whole_second(now))
    pasts = _pasts(
        events, {c.stopped_at for clock in found.values() for c in clock.cycles if c.stopped_at is not None}
    )
    return tuple(
        _row(of, file, calendars, clock, number, cycle, pasts)
        for clock in found.values()
        for number, cycle in enumerate(clock.cycles, 1)
    )


def _row(
    of: Subject,
    file: RuleFile,
    calendars: Mapping[str, Calendar],
    clock: Clock,
    number: int,
    cycle: Cycle,
    pasts: Mapping[int, str],
) -> CycleRow:
    state, goal, fields = state_of(cycle), cycle.goal, cycle.fields
    calendar = calendars[goal.calendar] if goal else None
    breached, due = breached_at(cycle), cycle.due(WHOLE)
    mark = calendar.mark(clock.as_of) if calendar and state == "running" else 0
    counts = goal is not None and state in ("running", "paused")
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
        zero_mark=mark - cycle.elapsed if counts else None,
        due_mark=mark - cycle.elapsed + goal.seconds if counts and goal else None,
        history="" if cycle.stopped_at is None else pasts[cycle.stopped_at],
        priority=fields.get("priority") or Priority.NONE.word,
        tier=of.tier,
        channel=of.channel,
        team=fields.get("team"),
        project=of.project,
        applies=file.name,
        is_last=cycle is clock.last,
    )


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
